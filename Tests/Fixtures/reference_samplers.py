"""Paths of more samplers over closed forms: k-diffusion, diffusers, smalldiffusion.

The network is the exact one of data N(0.1, 0.5²) unless a name says otherwise. Annealed Langevin has no
library on PyPI: it is Song and Ermon 2019, algorithm 1, in numpy.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import smalldiffusion
import torch
from common import Tensors, k_diffusion_sampling, toy_schedule
from diffusers import (
    DDPMScheduler, DPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler, PNDMScheduler, ScoreSdeVeScheduler, UniPCMultistepScheduler)
from diffusers.schedulers import scheduling_ddpm, scheduling_sde_ve
from reference_process import double_schedules
from reference_schedules import karras
from reference_solvers import drawn, gaussian, use_double
from smalldiffusion.model import ModelMixin
from torch import Tensor

kd = k_diffusion_sampling()
SHAPE = (3, 1, 2, 2)
denoise = gaussian(0.5, False)


def samplers() -> Tensors:
    torch.manual_seed(60)
    start, noise = torch.randn(SHAPE).double(), torch.randn(40, *SHAPE).double()
    return {"start": start, "noise": noise} | k_diffusion(start, noise) | multistep(
        start) | plms(start) | gradient_estimation(start, noise) | flows(start) | langevin(
        start, noise) | predictor_corrector() | learned_range() | thresholds()


def recorded(noise: Iterable[Tensor]) -> Callable[..., Tensor]:
    """Hands out noise in order, whatever is asked for."""
    left = iter(noise)
    return lambda *_, **__: next(left)


# k-diffusion, in float64, x = x_0 + σ·ε.

def k_diffusion(start: Tensor, noise: Tensor) -> Tensors:
    """SAMPLER.STEPS: all states; σ as Karras et al. 2022 choose them, from 80 to 0.002."""
    out: Tensors = {}
    few = dict(s_churn=3.0, s_noise=1.01)
    cases: dict[str, tuple[Callable, dict]] = {
        "euler": (kd.sample_euler, {}),
        "euler-churn": (kd.sample_euler, few),
        "heun": (kd.sample_heun, {}),
        "heun-churn": (kd.sample_heun, few),
        # So much that √2 − 1 is the limit, at some levels only.
        "heun-churn-some": (kd.sample_heun, dict(s_churn=30.0, s_tmin=0.05, s_tmax=50.0)),
        "ancestral": (kd.sample_euler_ancestral, {}),
        "ancestral-half": (kd.sample_euler_ancestral, dict(eta=0.5)),
        "lms": (kd.sample_lms, {}),
        "lms-2": (kd.sample_lms, dict(order=2)),
        "dpm++2m": (kd.sample_dpmpp_2m, {}),
        "dpm++2m-sde": (kd.sample_dpmpp_2m_sde, {}),
        "dpm++2m-sde-half": (kd.sample_dpmpp_2m_sde, dict(eta=0.5)),
    }
    for count in (1, 5, 18):
        sigmas = torch.from_numpy(np.append(karras(0.002, 80, max(count, 2), 7)[:count], 0))
        out[f"kd.{count}.sigmas"] = sigmas
        for name, (sample, arguments) in cases.items():
            if count == 1 and "sde" in name:
                continue  # its loop wants a step before the last one
            draw = recorded(noise)
            if "sde" in name or "ancestral" in name:
                arguments = arguments | dict(noise_sampler=draw)
            states: list[Tensor] = []
            with patch.object(torch, "randn_like", draw):
                end = sample(
                    lambda x, sigma: denoise(x, 1.0, sigma[0]), start * sigmas[0], sigmas,
                    callback=lambda seen: states.append(seen["x"]), disable=True, **arguments)
            # Where noise is added before a step, its states are those with the noise.
            states = [start * sigmas[0]] + states[1:] + [end]
            out[f"kd.{name}.{count}"] = torch.stack(states if "churn" not in name else [end])
    return out


# diffusers' multistep solvers, in float64, α² + σ² = 1.

def multistep(start: Tensor) -> Tensors:
    out: Tensors = {}
    kinds = {
        "dpm++3m": (DPMSolverMultistepScheduler, dict(solver_order=3)),
        "unipc": (UniPCMultistepScheduler, dict(solver_order=2)),
        "unip": (UniPCMultistepScheduler, dict(
            solver_order=2, disable_corrector=list(range(1000)))),
    }
    for name, (kind, arguments) in kinds.items():
        for spacing, count in (
            ("trailing", 1), ("trailing", 2), ("trailing", 5), ("trailing", 20), ("linspace", 10)):
            scheduler = kind(
                beta_start=1e-4, beta_end=0.02, timestep_spacing=spacing,
                final_sigmas_type="zero", **arguments)
            scheduler.set_timesteps(count)
            use_double(scheduler, double_schedules()["linear.alpha_bars.f64"])
            path = drawn(scheduler, start, denoise)
            prefix = f"{name}.{spacing}.{count}"
            out[f"{prefix}.timesteps"], out[f"{prefix}.states"] = path["timesteps"], path["states"]
    return out


def plms(start: Tensor) -> Tensors:
    """PNDMScheduler without its Runge–Kutta steps; the end is clean."""
    out: Tensors = {}
    alpha_bars = double_schedules()["linear.alpha_bars.f64"]
    for spacing, count in (("leading", 2), ("leading", 10), ("leading", 50), ("trailing", 20)):
        scheduler = PNDMScheduler(
            beta_start=1e-4, beta_end=0.02, skip_prk_steps=True, set_alpha_to_one=True,
            timestep_spacing=spacing)
        scheduler.set_timesteps(count)
        scheduler.alphas_cumprod = alpha_bars
        x = start
        for i, t in enumerate(scheduler.timesteps):
            alpha, sigma = alpha_bars[t].sqrt(), (1 - alpha_bars[t]).sqrt()
            epsilon = (x - alpha * denoise(x, alpha, sigma)) / sigma
            x = scheduler.step(epsilon, t, x).prev_sample
        out[f"plms.{spacing}.{count}"] = x
    return out


def gradient_estimation(start: Tensor, noise: Tensor) -> Tensors:
    """smalldiffusion's sampler; noise is drawn in every step, also where it is multiplied by 0."""
    class Exact(torch.nn.Module, ModelMixin):
        def __init__(self) -> None:
            super().__init__()
            self.rand_input = recorded(noise)

        def forward(self, x: Tensor, sigma: Tensor, cond: Tensor | None = None) -> Tensor:
            return (x - denoise(x, 1.0, sigma)) / sigma

    out: Tensors = {}
    accelerator = SimpleNamespace(device="cpu")
    for count in (1, 10, 30):
        sigmas = toy_schedule().sample_sigmas(count).double()
        out[f"ge.{count}.sigmas"] = sigmas
        for gamma, mu in ((1.0, 0.0), (2.0, 0.0), (1.6, 0.3), (1.0, 0.5)):
            states = smalldiffusion.samples(
                Exact(), sigmas, gam=gamma, mu=mu, xt=start * sigmas[0], accelerator=accelerator)
            out[f"ge.{gamma}.{mu}.{count}"] = torch.stack([start * sigmas[0], *states])
    return out


# Flows, x = (1 − σ)·x_0 + σ·ε, in float64.

def flows(start: Tensor) -> Tensors:
    out: Tensors = {}
    for name, kind in {
        "euler": FlowMatchEulerDiscreteScheduler, "heun": FlowMatchHeunDiscreteScheduler}.items():
        for count, shift in ((1, 1.0), (10, 1.0), (25, 3.0)):
            scheduler = kind(shift=shift)
            scheduler.set_timesteps(count)
            sigmas = scheduler.sigmas = scheduler.sigmas.double()
            x = start
            for i, t in enumerate(scheduler.timesteps):
                x0 = denoise(x, 1 - sigmas[i], sigmas[i])
                velocity = (x - (1 - sigmas[i]) * x0) / sigmas[i] - x0
                # The schedulers turn the state into float32; with this it stays as it is.
                with patch.object(torch, "float32", torch.float64):
                    x = scheduler.step(velocity, t, x).prev_sample
            if name == "heun":
                sigmas = torch.cat([sigmas[:1], sigmas[1:-1:2], sigmas[-1:]])
            out[f"flow.{name}.{count}"], out[f"flow.{name}.{count}.sigmas"] = x, sigmas
    return out


# Samplers of score models, x = x_0 + σ·ε.

def langevin(start: Tensor, noise: Tensor) -> Tensors:
    """Song and Ermon 2019, algorithm 1, without a last denoising: step a = size·σ²."""
    out: Tensors = {}
    sigmas = np.array([1, 0.3, 0.1])
    for updates, size in ((1, 0.2), (5, 0.2), (10, 0.05)):
        x, draws = start.numpy() * sigmas[0], iter(noise.numpy())
        for sigma in sigmas:
            a = size * sigma**2
            for _ in range(updates):
                score = (denoise(x, 1.0, sigma) - x) / sigma**2
                x = x + a * score + np.sqrt(2 * a) * next(draws)
        out[f"langevin.{updates}.{size}"] = torch.from_numpy(x)
    return out | {"langevin.sigmas": torch.from_numpy(sigmas)}


def predictor_corrector() -> Tensors:
    """ScoreSdeVeScheduler, one sample, as its pipeline takes its steps; σ are those of float32."""
    out: Tensors = {}
    torch.manual_seed(61)
    noise = torch.randn(40, 1, 1, 2, 2).double()
    start = 10 * torch.randn(1, 1, 2, 2).double()
    for count, corrections, snr in ((1, 1, 0.15), (5, 1, 0.15), (3, 2, 0.16)):
        scheduler = ScoreSdeVeScheduler(snr=snr, sigma_min=0.01, sigma_max=10)
        scheduler.set_timesteps(count)
        scheduler.set_sigmas(count)
        scheduler.discrete_sigmas = scheduler.discrete_sigmas.double()
        x = mean = start
        with patch.object(scheduling_sde_ve, "randn_tensor", recorded(noise)):
            for i, t in enumerate(scheduler.timesteps):
                sigma = float(scheduler.discrete_sigmas[count - 1 - i])
                for _ in range(corrections):
                    score = (denoise(x, 1.0, sigma) - x) / sigma**2
                    x = scheduler.step_correct(score, x).prev_sample
                score = (denoise(x, 1.0, sigma) - x) / sigma**2
                step = scheduler.step_pred(score, t, x)
                x, mean = step.prev_sample, step.prev_sample_mean
        out[f"pc.{count}"], out[f"pc.{count}.sigmas"] = mean, scheduler.discrete_sigmas
    return out | {"pc.start": start, "pc.noise": noise}


# Single steps of DDPM, in float32.

def learned_range() -> Tensors:
    """The step of DDPMScheduler with `learned_range`; the network answers twice the channels."""
    torch.manual_seed(62)
    sample, output, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 6, 4, 4), torch.randn(2, 3, 4, 4)
    output[:, 3:].clamp_(-1, 1)
    out = {"learned.sample": sample, "learned.output": output, "learned.noise": noise}
    for count in (1000, 50):
        scheduler = DDPMScheduler(
            variance_type="learned_range", clip_sample=True, timestep_spacing="trailing")
        scheduler.set_timesteps(count)
        for place in (0, count // 2, count - 2):
            with patch.object(scheduling_ddpm, "randn_tensor", lambda *_, **__: noise):
                step = scheduler.step(output, scheduler.timesteps[place], sample)
            out[f"learned.{count}.{place}"] = step.prev_sample
    return out


def thresholds() -> Tensors:
    """x̂_0 of DDPMScheduler with dynamic thresholding."""
    out: Tensors = {}
    torch.manual_seed(63)
    x0 = 2 * torch.randn(3, 3, 4, 4)
    x0[2] /= 8  # fits as it is
    for quantile in (0.5, 0.9, 0.995, 1.0):
        for largest in (1.0, 2.0):
            scheduler = DDPMScheduler(
                thresholding=True, dynamic_thresholding_ratio=quantile, sample_max_value=largest)
            out[f"threshold.{quantile}.{largest}"] = scheduler._threshold_sample(x0.clone())
    return out | {"threshold.x0": x0}
