"""Figures of sample quality by torch-fidelity, pytorch-fid, prdc and POT, of made-up features in float64."""

import numpy as np
import ot
import torch
from common import Tensors
from prdc import compute_prdc
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kernel_mmd

Array = np.ndarray
KID = {"kid_kernel": "poly", "kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}


def metrics() -> Tensors:
    random = np.random.default_rng(9)
    mix = random.normal(size=(6, 6))
    x, y = random.normal(size=(60, 6)) @ mix, 0.4 + random.normal(size=(60, 6)) @ mix * 0.8
    out = {"x": x, "y": y, "frechet": frechet(x, y), "kid": kernel_mmd(x, y, **KID)}
    for k, few in ((3, 45), (5, 60)):
        found = compute_prdc(real_features=x, fake_features=y[:few], nearest_k=k)
        out |= {f"{name}.{k}.{few}": value for name, value in found.items()}

    # Fewer samples than features: covariances without full rank.
    few, other = random.normal(size=(12, 20)), 0.3 + random.normal(size=(15, 20)) * 1.5
    out |= {"few": few, "other": other, "frechet.few": robust_frechet(few, other)}
    assert abs(robust_frechet(x, y) / frechet(x, y) - 1) < 1e-9

    logits = torch.from_numpy(random.normal(size=(57, 4)) * 2)
    out["probabilities"] = logits.softmax(dim=1).numpy()
    for splits in (1, 10):
        score = isc_features_to_metric(logits, splits=splits, shuffle=False)
        out[f"inception_score.{splits}"] = score["inception_score_mean"]

    p, q = random.normal(size=(80, 2)), random.normal(size=(50, 2)) * [1.3, 0.6] + 0.2
    angles = np.array([0.1, 0.7, 1.2, 2.0, 2.9])
    directions = np.stack([np.cos(angles), np.sin(angles)])
    out |= {"p": p, "q": q, "directions": directions.T}
    out["wasserstein"] = ot.sliced_wasserstein_distance(p, q, projections=directions, p=2)
    out["mmd"] = kernel_mmd(p[:50], q, kid_kernel="rbf", kid_kernel_rbf_sigma=0.7)
    return {name: torch.from_numpy(np.asarray(value, dtype=np.float64)) for name, value in out.items()}


def frechet(x: Array, y: Array) -> float:
    """By scipy's square root of a matrix."""
    statistics = [(z.mean(axis=0), np.cov(z, rowvar=False)) for z in (x, y)]
    return calculate_frechet_distance(*statistics[0], *statistics[1])


def robust_frechet(x: Array, y: Array) -> float:
    """By the eigenvalues of the product, which need no full rank."""
    statistics = [fid_features_to_statistics(torch.from_numpy(z)) for z in (x, y)]
    return fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
