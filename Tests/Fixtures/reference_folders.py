"""Whole paths of diffusers' schedulers, by configurations as folders have them."""

import json
from collections.abc import Callable

import torch
from common import Tensors
from diffusers import (
    DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler, HeunDiscreteScheduler, LMSDiscreteScheduler, PNDMScheduler,
    UniPCMultistepScheduler)
from torch import Tensor

SHAPE = (2, 1, 4, 4)
SHORT = dict(num_train_timesteps=50, beta_start=0.002, beta_end=0.3)
TRAINED = [0.001 + 0.02 * (k / 99) ** 1.5 for k in range(100)]
ZERO = dict(rescale_betas_zero_snr=True, prediction_type="v_prediction", timestep_spacing="trailing")
THRESHOLD = dict(thresholding=True, dynamic_thresholding_ratio=0.8, sample_max_value=1.5)
LEADING, TRAILING = dict(timestep_spacing="leading"), dict(timestep_spacing="trailing")
LINSPACE = dict(timestep_spacing="linspace")
KARRAS, EXPONENTIAL = dict(use_karras_sigmas=True), dict(use_exponential_sigmas=True)
LAST = dict(final_sigmas_type="sigma_min")
V, SAMPLE = dict(prediction_type="v_prediction"), dict(prediction_type="sample")
ORDER1, ORDER3 = dict(solver_order=1), dict(solver_order=3)
SDE = dict(algorithm_type="sde-dpmsolver++")

# The class, then how many steps and which options.
CASES = {
    "ddpm": (DDPMScheduler, [
        (20, {}), (20, TRAILING | dict(variance_type="fixed_large")), (7, LINSPACE | V),
        (1, LINSPACE), (1, TRAILING | dict(variance_type="fixed_large", clip_sample=False)),
        (10, dict(steps_offset=1, variance_type="fixed_large", clip_sample_range=2.0)),
        (10, ZERO), (9, THRESHOLD | SAMPLE), (50, SHORT | dict(variance_type="fixed_small_log")),
        (12, dict(beta_schedule="sigmoid", clip_sample=False) | TRAILING),
        (12, dict(beta_schedule="laplace") | LINSPACE | V),
        (10, dict(trained_betas=TRAINED, num_train_timesteps=100))]),
    "ddim": (DDIMScheduler, [
        (20, {}), (7, LINSPACE), (7, TRAILING | dict(clip_sample=False)), (30, TRAILING | SAMPLE),
        (1, LINSPACE), (1, TRAILING), (12, dict(steps_offset=1, set_alpha_to_one=False)),
        (9, LINSPACE | dict(set_alpha_to_one=False) | V), (10, ZERO), (10, THRESHOLD | TRAILING),
        (50, SHORT), (13, dict(beta_schedule="squaredcos_cap_v2") | V)]),
    "pndm": (PNDMScheduler, [
        (20, dict(skip_prk_steps=True)), (1, dict(skip_prk_steps=True)),
        (2, dict(skip_prk_steps=True, steps_offset=1)),
        (7, dict(skip_prk_steps=True, set_alpha_to_one=True) | TRAILING),
        (7, dict(skip_prk_steps=True) | LINSPACE), (50, SHORT | dict(skip_prk_steps=True)),
        (20, {}), (8, dict(set_alpha_to_one=True)), (9, LINSPACE), (13, TRAILING),
        (20, V | dict(skip_prk_steps=True)), (7, V | TRAILING | dict(skip_prk_steps=True)),
        (9, V), (1, V | dict(skip_prk_steps=True)), (13, V | LINSPACE | dict(set_alpha_to_one=True))]),
    "euler": (EulerDiscreteScheduler, [
        (10, {}), (10, LEADING | dict(steps_offset=1)), (7, TRAILING), (15, KARRAS),
        (9, KARRAS | LEADING | dict(steps_offset=1)), (8, EXPONENTIAL | TRAILING), (12, LAST),
        (1, {}), (1, TRAILING), (10, ZERO), (11, SAMPLE), (50, SHORT), (10, V | KARRAS)]),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, [
        (10, {}), (12, LEADING | dict(steps_offset=1)), (7, TRAILING | V), (1, {}), (10, ZERO),
        (50, SHORT)]),
    "heun": (HeunDiscreteScheduler, [
        (9, {}), (9, LEADING), (7, TRAILING | V), (10, KARRAS), (8, EXPONENTIAL | LEADING),
        (10, dict(clip_sample=True, clip_sample_range=1.5)), (1, {}), (11, SAMPLE), (50, SHORT),
        (8, dict(beta_schedule="exp") | TRAILING)]),
    "lms": (LMSDiscreteScheduler, [
        (12, {}), (9, LEADING | dict(steps_offset=1)), (7, TRAILING | V), (10, KARRAS),
        (8, EXPONENTIAL), (1, {}), (11, SAMPLE), (50, SHORT)]),
    "dpm": (DPMSolverMultistepScheduler, [
        (10, {}), (20, {}), (9, LEADING | dict(steps_offset=1)), (7, TRAILING),
        (12, dict(solver_type="heun")), (20, dict(solver_type="heun") | TRAILING), (10, KARRAS),
        (8, EXPONENTIAL), (10, LAST), (20, LAST | dict(solver_type="heun")),
        (10, LAST | dict(lower_order_final=False)), (12, THRESHOLD), (10, ZERO), (1, {}),
        (11, SAMPLE | TRAILING), (49, SHORT),
        (20, ORDER3), (10, ORDER3), (9, ORDER3 | LAST), (9, ORDER3 | LAST | dict(lower_order_final=False)),
        (12, ORDER3 | KARRAS), (7, ORDER3 | TRAILING | V), (10, SDE), (20, SDE | KARRAS),
        (8, SDE | LAST | TRAILING | V), (10, ORDER1), (8, ORDER1 | LAST | TRAILING | V),
        (10, ORDER1 | SDE), (20, ORDER1 | SDE | KARRAS | LAST)]),
    "unipc": (UniPCMultistepScheduler, [
        (10, {}), (9, LEADING | dict(steps_offset=1)), (7, TRAILING | V), (12, KARRAS),
        (8, EXPONENTIAL), (10, LAST), (10, LAST | dict(lower_order_final=False)),
        (11, THRESHOLD | SAMPLE), (10, ZERO), (1, {}), (49, SHORT), (10, ORDER1),
        (8, ORDER1 | KARRAS | V), (10, ORDER3), (20, ORDER3 | LAST | TRAILING), (9, ORDER3 | KARRAS | V),
        (10, ORDER3 | LAST | dict(lower_order_final=False)), (2, ORDER3), (49, ORDER3 | SHORT)]),
}


def answer(kind: str, x: Tensor, t: Tensor) -> Tensor:
    """What a made-up network predicts: smooth, and another thing at each timestep."""
    t = t.to(torch.float32)
    if kind == "epsilon":
        return 0.8 * x + 0.15 * torch.sin(2 * x + t / 150)
    if kind == "sample":
        return 0.9 * torch.sin(x + t / 300)
    return 0.3 * torch.sin(x + t / 150)


def folders() -> tuple[Tensors, dict[str, str]]:
    """The frames of every case, and the configurations they are of."""
    tensors: Tensors = {}
    cases: dict[str, dict[str, object]] = {}
    for name, (make, settings) in CASES.items():
        for number, (steps, options) in enumerate(settings):
            scheduler = make(**options)
            key = f"{name}.{number}"
            tensors |= {f"{key}.{part}": value for part, value in path(scheduler, steps).items()}
            cases[key] = dict(steps=steps, config=scheduler.to_json_string())
    return tensors, dict(cases=json.dumps(cases), generator="torch.Generator().manual_seed(0)")


def path(scheduler, steps: int) -> Tensors:
    """The states before, between and after the steps, where α² + σ² = 1, and predicted x_0."""
    generator = torch.Generator().manual_seed(0)
    takes = {"generator": generator} if draws(scheduler) else {}
    scheduler.set_timesteps(steps)
    x = torch.randn(SHAPE, generator=generator) * scheduler.init_noise_sigma
    scaled = scale(scheduler)
    frames, x0 = [scaled(x, 0)], []
    for index, t in enumerate(scheduler.timesteps):
        given = scheduler.scale_model_input(x, t)
        predicted = answer(scheduler.config.prediction_type, given, t)
        is_first = getattr(scheduler, "state_in_first_order", True)
        result = scheduler.step(predicted, t, x, **takes)
        x = result.prev_sample
        if is_first and hasattr(result, "pred_original_sample"):
            x0.append(result.pred_original_sample)
        if is_whole(scheduler, index):
            frames.append(scaled(x, index + 1))
    assert len(frames) == steps + 1, (scheduler, steps, len(frames))
    assert all(frame.isfinite().all() for frame in frames), (scheduler, steps)
    return {"frames": torch.stack(frames)} | ({"x0": torch.stack(x0)} if x0 else {})


def draws(scheduler) -> bool:
    return isinstance(scheduler, (
        DDPMScheduler, DDIMScheduler, EulerAncestralDiscreteScheduler, DPMSolverMultistepScheduler))


def scale(scheduler) -> Callable[[Tensor, int], Tensor]:
    """To the coordinates α² + σ² = 1, from those without α."""
    if not isinstance(scheduler, (
            EulerDiscreteScheduler, EulerAncestralDiscreteScheduler, HeunDiscreteScheduler,
            LMSDiscreteScheduler)):
        return lambda x, index: x
    return lambda x, index: x / (scheduler.sigmas[index] ** 2 + 1) ** 0.5


def is_whole(scheduler, index: int) -> bool:
    """Whether a step is done, not only a part of one."""
    if isinstance(scheduler, HeunDiscreteScheduler):
        return scheduler.state_in_first_order or index == len(scheduler.timesteps) - 1
    if isinstance(scheduler, PNDMScheduler):
        first = len(scheduler.prk_timesteps)
        if scheduler.config.skip_prk_steps:
            return index > 0 or len(scheduler.timesteps) == 1
        return index >= first or index % 4 == 3
    return True
