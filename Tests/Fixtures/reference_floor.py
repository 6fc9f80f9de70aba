"""The expected loss of the ideal denoiser of a few numbers: integrals over all noisy x, in float64.

The best answer to x is the mean of the target given x (Karras et al. 2022, appendix B.3), so what is left is the
target's variance given x. Weightings are those of reference_objectives.py.
"""

import numpy as np
import torch
from common import Tensors

Array = np.ndarray
DATA = np.array([-1.0, -0.8, 0.1, 0.9])
# Two of one class, two of the other.
LABELS = np.array([0, 1, 0, 1])
DROPOUT = 0.25
ALPHA_BARS = np.array([0.99, 0.9, 0.6, 0.2, 0.01])
SIGMAS = np.array([0.05, 0.3, 1.0, 5.0])
# EDM's noise, of ln σ.
MEAN, DEVIATION = -1.2, 1.2
SIGMA_DATA = 0.5


def floors() -> Tensors:
    preserving = np.sqrt(ALPHA_BARS), np.sqrt(1 - ALPHA_BARS)
    exploding = np.ones(len(SIGMAS)), SIGMAS
    snr = ALPHA_BARS / (1 - ALPHA_BARS)
    out = {"data": DATA, "labels": LABELS, "alpha_bars": ALPHA_BARS, "sigmas": SIGMAS}
    for kind in ("epsilon", "x0", "v", "velocity"):
        out[f"vp.plain.{kind}"] = unexplained(kind, *preserving)
    errors = unexplained("x0", *preserving)
    out["vp.snr.v"] = snr * errors
    out["vp.min-snr.epsilon"] = np.minimum(snr, 5) * errors
    out["vp.p2.x0"] = snr / (1 + snr) * errors
    for kind in ("epsilon", "x0", "score", "edm"):
        out[f"ve.plain.{kind}"] = unexplained(kind, *exploding)
    errors = unexplained("x0", *exploding)
    out["ve.edm.x0"] = (SIGMAS**2 + SIGMA_DATA**2) / (SIGMAS * SIGMA_DATA) ** 2 * errors
    out["ve.soft-min-snr.epsilon"] = errors / (SIGMAS**2 + SIGMA_DATA**2)
    # Of σ²·(error of the score)², which is σ⁻⁴ of the error of x̂_0.
    out["ve.power.score"] = SIGMAS**2 * SIGMAS**-4 * errors
    out["classes.x0"] = told("x0", *preserving)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    sigmas = np.exp(MEAN + DEVIATION * nodes)
    drawn = unexplained("edm", np.ones(len(sigmas)), sigmas)
    out["log-normal.edm"] = np.array([(weights * drawn).sum() / weights.sum()])
    return {name: torch.from_numpy(np.asarray(array, dtype=np.float64)) for name, array in out.items()}


def told(kind: str, alphas: Array, sigmas: Array) -> Array:
    """Where the class is told, but for a part of the samples."""
    classes = [unexplained(kind, alphas, sigmas, DATA[LABELS == label]) for label in (0, 1)]
    return (1 - DROPOUT) * np.mean(classes, axis=0) + DROPOUT * unexplained(kind, alphas, sigmas)


def unexplained(kind: str, alphas: Array, sigmas: Array, data: Array = DATA) -> Array:
    """The mean over x of the variance of the target given x, at each level."""
    return np.array([integral(kind, a, s, data) for a, s in zip(alphas, sigmas)])


def integral(kind: str, alpha: float, sigma: float, data: Array) -> float:
    centers = alpha * data
    x = np.concatenate([centers, centers - 12 * sigma, centers + 12 * sigma])
    x = np.linspace(x.min(), x.max(), 400_001)[:, None]
    densities = np.exp(-((x - centers) ** 2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma * len(data))
    density = densities.sum(axis=1, keepdims=True)
    posterior = densities / np.maximum(density, 1e-300)
    target = targets(kind, data, (x - centers) / sigma, alpha, sigma)
    mean = (posterior * target).sum(axis=1, keepdims=True)
    variance = (posterior * (target - mean) ** 2).sum(axis=1)
    return float(np.trapezoid(variance * density[:, 0], x[:, 0]))


def targets(kind: str, x0: Array, noise: Array, alpha: float, sigma: float) -> Array:
    match kind:
        case "epsilon": return noise
        case "x0": return x0 + 0 * noise
        case "v": return alpha * noise - sigma * x0
        case "velocity": return noise - x0
        case "score": return -noise / sigma
        case _:
            # F of EDM: (x_0 − c_skip·x)/c_out
            total = sigma**2 + SIGMA_DATA**2
            skip, output = SIGMA_DATA**2 / total, sigma * SIGMA_DATA / np.sqrt(total)
            return (x0 - skip * (x0 + sigma * noise)) / output
