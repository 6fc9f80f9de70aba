"""The variational bound of improved-diffusion, transcribed in float64, and an integration by SciPy's RK45.

Source: `gaussian_diffusion.py` and `losses.py` of openai/improved-diffusion: `calc_bpd_loop`.
"""

import math

import numpy as np
import torch
from common import Tensors
from reference_hybrid import decoder
from scipy.integrate import solve_ivp
from torch import Tensor

TIMESTEPS = 40
SHAPE = (2, 3, 4, 4)
MEAN, DEVIATION = 0.1, 0.5


def mean_flat(values: Tensor) -> Tensor:
    return values.mean(dim=list(range(1, values.dim())))


def normal_kl(mean1: Tensor, logvar1: Tensor, mean2: Tensor, logvar2: Tensor) -> Tensor:
    return 0.5 * (
        -1.0 + logvar2 - logvar1 + torch.exp(logvar1 - logvar2)
        + (mean1 - mean2) ** 2 * torch.exp(-logvar2))


def likelihood() -> Tensors:
    generator = torch.Generator().manual_seed(0)
    # Images of 256 values, some of them black and white.
    x0 = torch.randint(0, 256, SHAPE, generator=generator).double() / 127.5 - 1
    x0[:, 0, 0, :2] = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    x0 = x0.float().double()
    # In the order in which timesteps are visited, the highest first.
    noise = torch.randn((TIMESTEPS, *SHAPE), generator=generator).double()
    out: Tensors = {"x0": x0.float(), "noise": noise.float()}
    for variance in ("fixed-small", "fixed-large"):
        for clip in (False, True):
            terms, prior = bound(x0, noise, variance, clip)
            name = f"{variance}.{'clipped' if clip else 'plain'}"
            out |= {f"{name}.terms": terms, f"{name}.prior": prior}
    return out | integration()


def bound(x0: Tensor, noise: Tensor, variance: str, clip: bool) -> tuple[Tensor, Tensor]:
    """Terms (timesteps, images) and the prior's, in bits per value."""
    scale = 1000 / TIMESTEPS
    betas = torch.linspace(scale * 1e-4, scale * 0.02, TIMESTEPS, dtype=torch.float64)
    alphas_cumprod = torch.cumprod(1 - betas, 0)
    alphas_cumprod_prev = torch.cat([torch.ones(1, dtype=torch.float64), alphas_cumprod[:-1]])
    posterior_variance = betas * (1 - alphas_cumprod_prev) / (1 - alphas_cumprod)
    posterior_log_variance_clipped = torch.log(
        torch.cat([posterior_variance[1:2], posterior_variance[1:]]))
    coef1 = betas * alphas_cumprod_prev.sqrt() / (1 - alphas_cumprod)
    coef2 = (1 - alphas_cumprod_prev) * (1 - betas).sqrt() / (1 - alphas_cumprod)
    log_variances = {
        "fixed-small": posterior_log_variance_clipped,
        "fixed-large": torch.log(torch.cat([posterior_variance[1:2], betas[1:]])),
    }
    terms = torch.zeros(TIMESTEPS, SHAPE[0], dtype=torch.float64)
    for visit, t in enumerate(reversed(range(TIMESTEPS))):
        alpha, sigma = alphas_cumprod[t].sqrt(), (1 - alphas_cumprod[t]).sqrt()
        x_t = alpha * x0 + sigma * noise[visit].float().double()
        # A network that knows normal data.
        pred = (alpha * DEVIATION**2 * x_t + sigma**2 * MEAN) / (
            alpha**2 * DEVIATION**2 + sigma**2)
        if clip:
            pred = pred.clamp(-1, 1)
        true_mean = coef1[t] * x0 + coef2[t] * x_t
        mean = coef1[t] * pred + coef2[t] * x_t
        log_variance = log_variances[variance][t].expand(SHAPE)
        if t == 0:
            term = decoder(x0, mean, log_variance)
        else:
            term = normal_kl(true_mean, posterior_log_variance_clipped[t], mean, log_variance)
        terms[t] = mean_flat(term) / math.log(2.0)
    zero = torch.zeros((), dtype=torch.float64)
    prior = normal_kl(
        alphas_cumprod[-1].sqrt() * x0, torch.log(1 - alphas_cumprod[-1]), zero, zero)
    return terms, mean_flat(prior) / math.log(2.0)


def integration() -> Tensors:
    """The oscillator of van der Pol."""
    def slope(_: float, y: np.ndarray) -> np.ndarray:
        return np.array([y[1], 3 * (1 - y[0] ** 2) * y[1] - y[0]])

    found = solve_ivp(slope, (0, 10), np.array([2.0, 0.0]), method="RK45", rtol=1e-6, atol=1e-6)
    return {
        "oscillator.end": torch.from_numpy(found.y[:, -1].copy()),
        "oscillator.evaluations": torch.tensor([found.nfev])}
