"""Schedules and samplers of diffusers and smalldiffusion."""

import math
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import smalldiffusion
import torch
from common import Tensors, swissroll, swissroll_points, toy_schedule
from diffusers import DDIMScheduler, DDPMScheduler
from diffusers.schedulers import scheduling_ddpm
from torch import Tensor

Model = Callable[[Tensor, int], Tensor]


def schedules() -> Tensors:
    """Levels and the choice of steps; `.f64` is the same formula in float64."""
    out: Tensors = {}
    for name, arguments in {
        "linear": dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02),
        "scaled-linear": dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
        "cosine": dict(beta_schedule="squaredcos_cap_v2"),
        "linear50": dict(beta_schedule="linear", num_train_timesteps=50),
    }.items():
        scheduler = DDPMScheduler(**arguments)
        out[f"{name}.betas"] = scheduler.betas
        out[f"{name}.alpha_bars"] = scheduler.alphas_cumprod
    for spacing in ("leading", "linspace", "trailing"):
        for count in (10, 20, 50):
            scheduler = DDPMScheduler(timestep_spacing=spacing)
            scheduler.set_timesteps(count)
            out[f"timesteps.{spacing}.{count}"] = scheduler.timesteps
    for name, schedule in {
        "sd.ddpm": smalldiffusion.ScheduleDDPM(1000),
        "sd.ldm": smalldiffusion.ScheduleLDM(1000),
        "sd.cosine": smalldiffusion.ScheduleCosine(1000),
        "sd.log-linear": toy_schedule(),
        "sd.log-linear10": smalldiffusion.ScheduleLogLinear(10, 0.02, 10),
    }.items():
        out[f"{name}.sigmas"] = schedule.sigmas
        for count in (7, 10, 20, 50):
            if count <= len(schedule):
                out[f"{name}.sample.{count}"] = schedule.sample_sigmas(count)
    return out | double_schedules()


def double_schedules() -> Tensors:
    """The formulas of the schedules above once more, in float64."""
    def alpha_bar(u: float) -> float:
        return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2

    cosine = [min(1 - alpha_bar((i + 1) / 1000) / alpha_bar(i / 1000), 0.999) for i in range(1000)]
    arrays: dict[str, np.ndarray] = {}
    for name, sigmas_of, betas in (
        ("linear", "sd.ddpm", np.linspace(1e-4, 0.02, 1000)),
        ("scaled-linear", "sd.ldm", np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2),
        ("cosine", "sd.cosine", np.array(cosine)),
        ("linear50", None, np.linspace(1e-4, 0.02, 50)),
    ):
        alpha_bars = np.cumprod(1 - betas)
        arrays |= {f"{name}.betas": betas, f"{name}.alpha_bars": alpha_bars}
        if sigmas_of:
            arrays[f"{sigmas_of}.sigmas"] = np.sqrt((1 - alpha_bars) / alpha_bars)
    for name, count, low, high in (
        ("sd.log-linear", 200, 0.01, 10), ("sd.log-linear10", 10, 0.02, 10)):
        arrays[f"{name}.sigmas"] = np.logspace(math.log10(low), math.log10(high), count)
    return {f"{name}.f64": torch.from_numpy(array) for name, array in arrays.items()}


def sampler_steps() -> Tensors:
    """Single steps of diffusers; the variance noise is what torch.randn of seed 3 gives."""
    out: Tensors = {}
    torch.manual_seed(2)
    sample, output = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    torch.manual_seed(3)
    noise = torch.randn(2, 3, 4, 4)
    out |= {"sample": sample, "output": output, "noise": noise}

    def ddpm(kind: str, clip: bool, count: int, variance: str, spacing: str) -> None:
        scheduler = DDPMScheduler(
            prediction_type=kind, variance_type=variance, clip_sample=clip,
            timestep_spacing=spacing)
        scheduler.set_timesteps(count)
        prefix = "ddpm" if spacing == "trailing" else f"ddpm-{spacing}"
        for place in (0, count // 2, count - 1):
            step = scheduler.step(
                output, scheduler.timesteps[place], sample,
                generator=torch.Generator().manual_seed(3))
            out[f"{prefix}.{kind}.{int(clip)}.{count}.{variance}.{place}"] = step.prev_sample
            if kind == "epsilon" and spacing == "trailing":
                out[f"x0.{int(clip)}.{count}.{place}"] = step.pred_original_sample

    def ddim(kind: str, clip: bool, eta: float) -> None:
        scheduler = DDIMScheduler(
            prediction_type=kind, clip_sample=clip, timestep_spacing="trailing")
        scheduler.set_timesteps(50)
        for place in (0, 25, 49):
            step = scheduler.step(
                output, scheduler.timesteps[place], sample, eta=eta, variance_noise=noise)
            out[f"ddim.{kind}.{int(clip)}.{eta}.{place}"] = step.prev_sample

    for kind in ("epsilon", "sample"):
        for clip in (False, True):
            for variance in ("fixed_small", "fixed_large"):
                for count in (1000, 50):
                    ddpm(kind, clip, count, variance, "trailing")
                ddpm(kind, clip, 50, variance, "leading")
            for eta in (0.0, 0.5, 1.0):
                ddim(kind, clip, eta)
    return out


def sampler_paths() -> Tensors:
    """Whole paths of diffusers in 20 steps, leading to timestep 0, with formulas for models."""
    torch.manual_seed(8)
    start, noise = torch.randn(3, 1, 2, 2), torch.randn(20, 3, 1, 2, 2)
    alpha_bars = DDPMScheduler().alphas_cumprod

    def ramp(x: Tensor, t: int) -> Tensor:
        """The model of diffusers' own tests."""
        return x * t / (t + 1)

    def gaussian(deviation: float) -> Model:
        """The exact ε̂ for data that is normal with mean 0.1."""
        def model(x: Tensor, t: int) -> Tensor:
            signal, power = alpha_bars[t].sqrt(), 1 - alpha_bars[t]
            return power.sqrt() * (x - signal * 0.1) / (signal**2 * deviation**2 + power)

        return model

    out: Tensors = {"start": start, "noise": noise}
    # Data of deviation 2 leaves the range −1 to 1 that it is clipped to.
    for name, model, clip in (
        ("ramp", ramp, False), ("gaussian", gaussian(0.5), False), ("clipped", gaussian(2), True)):
        for variance in ("fixed_small", "fixed_large"):
            scheduler = DDPMScheduler(variance_type=variance, clip_sample=clip)
            out[f"{name}.ddpm.{variance}"] = path(scheduler, model, start, noise)
        for eta in (0.0, 0.5, 1.0):
            scheduler = DDIMScheduler(clip_sample=clip)
            out[f"{name}.ddim.{eta}"] = path(scheduler, model, start, noise, eta=eta)
    return out | {"timesteps": scheduler.timesteps}


def path(
    scheduler: DDPMScheduler | DDIMScheduler, model: Model, start: Tensor, noise: Tensor,
    eta: float = 0,
) -> Tensor:
    """Every x of a path, the start first; step k adds noise[k] where it adds any."""
    scheduler.set_timesteps(len(noise))
    states = [start]
    for t, drawn in zip(scheduler.timesteps, noise):
        x = states[-1]
        if isinstance(scheduler, DDIMScheduler):
            step = scheduler.step(model(x, t), t, x, eta=eta, variance_noise=drawn)
        else:
            with patch.object(scheduling_ddpm, "randn_tensor", lambda *_, **__: drawn):
                step = scheduler.step(model(x, t), t, x)
        states.append(step.prev_sample)
    return torch.stack(states)


def swissroll_paths() -> Tensors:
    """smalldiffusion's sampler on the ideal denoiser of its swissroll; the noise is recorded."""
    ideal = smalldiffusion.IdealDenoiser(swissroll())
    start = 10 * torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0.5, 0.5]])
    out: Tensors = {"data": swissroll_points(), "start": start}
    for name, mu in (("ddim", 0.0), ("ddpm", 0.5)):
        torch.manual_seed(4)
        noises: list[Tensor] = []

        def draw(count: int) -> Tensor:
            noises.append(torch.randn(count, 2))
            return noises[-1]

        ideal.rand_input = draw
        states = list(smalldiffusion.samples(
            ideal, toy_schedule().sample_sigmas(20), gam=1, mu=mu, xt=start, batchsize=4))
        out[f"{name}.path"], out[f"{name}.noise"] = torch.stack(states), torch.stack(noises)
    return out
