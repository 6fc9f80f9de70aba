"""Noise levels and the choice of steps, by the libraries and by their formulas in float64.

What has no library on PyPI is transcribed from the published formula: improved-diffusion (Nichol and
Dhariwal 2021), the code of Ho et al. 2020, score_sde (Song et al. 2021), EDM's iDDPM levels (Karras et
al. 2022), the ᾱ-sigmoid of denoising-diffusion-pytorch.
"""

import math
from collections.abc import Callable

import numpy as np
import smalldiffusion
import torch
from common import Tensors, k_diffusion_sampling
from diffusers import DDPMScheduler, EulerDiscreteScheduler
from diffusers.schedulers.scheduling_ddpm import betas_for_alpha_bar, rescale_zero_terminal_snr

LEVELS = 250
sampling = k_diffusion_sampling()
Array = np.ndarray


def sigmoid(x: Array | float) -> Array | float:
    return 1 / (1 + np.exp(-x))


def ratio_betas(alpha_bar: Callable[[float], float]) -> Array:
    """β of a function ᾱ of 0 to 1, limited to 0.999."""
    at = np.array([alpha_bar(i / LEVELS) for i in range(LEVELS + 1)])
    return np.clip(1 - at[1:] / at[:-1], 0, 0.999)


def laplace(u: float) -> float:
    snr = math.exp(-0.5 * math.copysign(1, 0.5 - u) * math.log(1 - 2 * abs(0.5 - u) + 1e-6))
    return math.sqrt(snr / (1 + snr))


def alpha_sigmoid(u: float) -> float:
    return (sigmoid(3.0) - sigmoid(6 * u - 3)) / (sigmoid(3.0) - sigmoid(-3.0))


def warm_up(share: float) -> Array:
    """`warmup10` and `warmup50` of Ho et al. 2020."""
    betas = np.full(LEVELS, 0.02)
    growing = int(LEVELS * share)
    betas[:growing] = np.linspace(1e-4, 0.02, growing)
    return betas


def betas() -> dict[str, Array]:
    scale = 1000 / LEVELS
    return {
        "linear-scaled": np.linspace(1e-4 * scale, 0.02 * scale, LEVELS),
        "quadratic": np.linspace(1e-4**0.5, 0.02**0.5, LEVELS) ** 2,
        "beta-sigmoid": sigmoid(np.linspace(-6, 6, LEVELS)) * (0.02 - 1e-4) + 1e-4,
        "alpha-sigmoid": ratio_betas(alpha_sigmoid),
        "exponential": ratio_betas(lambda u: math.exp(-12 * u)),
        "laplace": ratio_betas(laplace),
        "constant": np.full(LEVELS, 0.02),
        "warm-up10": warm_up(0.1),
        "warm-up50": warm_up(0.5),
    }


def karras(low: float, high: float, count: int, rho: float) -> Array:
    """σ falling from `high` to `low`, Karras et al. 2022, equation 5."""
    ramp = np.linspace(0, 1, count)
    return (high ** (1 / rho) + ramp * (low ** (1 / rho) - high ** (1 / rho))) ** rho


def improved_levels(count: int = LEVELS) -> Array:
    """u_j of Karras et al. 2022, table 1, falling, without u_M = 0."""
    def alpha_bar(j: int) -> float:
        return math.sin(0.5 * math.pi * j / count / 1.008) ** 2

    u = np.zeros(count + 1)
    for j in range(count, 0, -1):
        u[j - 1] = math.sqrt((u[j] ** 2 + 1) / max(alpha_bar(j - 1) / alpha_bar(j), 0.001) - 1)
    return u[:-1]


def sigmas() -> dict[str, Array]:
    ramp = np.linspace(1, 0, LEVELS) ** 2
    return {
        "karras": karras(0.002, 80, LEVELS, 7),
        "karras3": karras(0.01, 50, LEVELS, 3),
        "polyexponential": np.exp(ramp * (math.log(10) - math.log(0.02)) + math.log(0.02)),
        "ve": 0.01 * (50 / 0.01) ** np.linspace(1, 0, LEVELS),
        "ncsn": np.geomspace(1, 0.01, 10),
        "iddpm": improved_levels(),
        "walk": 0.1 * np.sqrt(np.arange(LEVELS, 0, -1)),
    }


def pairs() -> dict[str, tuple[Array, Array]]:
    """(α, σ), rising; B is ∫β of Song et al. 2021."""
    t = np.linspace(1e-3, 1, LEVELS)
    taken = 0.1 * t + 0.5 * 19.9 * t**2
    shifted = 3 * t / (1 + 2 * t)
    return {
        "vp": (np.exp(-taken / 2), np.sqrt(-np.expm1(-taken))),
        "sub-vp": (np.exp(-taken / 2), -np.expm1(-taken)),
        "flow": (1 - t, t),
        "flow-shifted": (1 - shifted, shifted),
    }


def zero_snr(betas: Array) -> Array:
    """ᾱ of Lin et al. 2024, algorithm 1."""
    roots = np.sqrt(np.cumprod(1 - betas))
    return ((roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])) ** 2


def of_libraries() -> Tensors:
    """The same in float32, where a library has it; σ falling."""
    out: Tensors = {}
    for name, schedule in {"beta-sigmoid": "sigmoid", "laplace": "laplace"}.items():
        out[f"{name}.alpha_bars"] = DDPMScheduler(
            LEVELS, beta_schedule=schedule, beta_start=1e-4, beta_end=0.02).alphas_cumprod
    exponential = betas_for_alpha_bar(LEVELS, alpha_transform_type="exp")
    out["exponential.alpha_bars"] = torch.cumprod(1 - exponential, 0)
    for name, schedule in {"linear": "linear", "cosine": "squaredcos_cap_v2"}.items():
        plain = DDPMScheduler(LEVELS, beta_schedule=schedule)
        out[f"{name}-zero.alpha_bars"] = torch.cumprod(
            1 - rescale_zero_terminal_snr(plain.betas), 0)
    out["sd-sigmoid.sigmas"] = smalldiffusion.ScheduleSigmoid(LEVELS).sigmas.flip(0)
    out["flow.sigmas"] = smalldiffusion.ScheduleFlow(LEVELS).sigmas.flip(0)
    out["karras.sigmas"] = sampling.get_sigmas_karras(LEVELS, 0.002, 80)[:-1]
    out["karras3.sigmas"] = sampling.get_sigmas_karras(LEVELS, 0.01, 50, rho=3)[:-1]
    out["polyexponential.sigmas"] = sampling.get_sigmas_polyexponential(
        LEVELS, 0.02, 10, rho=2)[:-1]
    out["vp.sigmas"] = sampling.get_sigmas_vp(LEVELS)[:-1]
    return out


def choices() -> Tensors:
    """Steps of diffusers between the levels of `linear` (1,000): σ, and timesteps as networks see them."""
    out: Tensors = {}
    for spacing in ("karras", "exponential"):
        for count in (2, 7, 30):
            scheduler = EulerDiscreteScheduler(**{f"use_{spacing}_sigmas": True})
            scheduler.set_timesteps(count)
            out[f"steps.{spacing}.{count}.sigmas"] = scheduler.sigmas
            out[f"steps.{spacing}.{count}.timesteps"] = scheduler.timesteps
    return out


def levels() -> Tensors:
    arrays: dict[str, Array] = {}
    for name, values in betas().items():
        arrays[f"{name}.betas"], arrays[f"{name}.alpha_bars"] = values, np.cumprod(1 - values)
    arrays["linear-zero.alpha_bars"] = zero_snr(np.linspace(1e-4, 0.02, LEVELS))
    arrays |= {f"{name}.sigmas": values[::-1].copy() for name, values in sigmas().items()}
    for name, (alpha, sigma) in pairs().items():
        arrays[f"{name}.alphas"], arrays[f"{name}.sigmas"] = alpha, sigma
    doubles = {f"{name}.f64": torch.from_numpy(array) for name, array in arrays.items()}
    return of_libraries() | doubles | choices()
