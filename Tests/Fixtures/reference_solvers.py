"""Heun's method, DPM-Solver++ 2M and classifier-free guidance, with a formula for the network."""

from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import torch
from common import Tensors
from diffusers import DPMSolverMultistepScheduler, HeunDiscreteScheduler
from diffusers.guiders import ClassifierFreeGuidance
from reference_process import double_schedules
from smalldiffusion.model import ModelMixin
from torch import Tensor

MEAN = 0.1
SCHEDULES = {
    "linear": dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02),
    "cosine": dict(beta_schedule="squaredcos_cap_v2")}
# Name, schedule, spacing, steps, the data's deviation, whether x̂_0 is limited to −1 … 1.
CASES = [
    ("linear.trailing.10", "linear", "trailing", 10, 0.5, False),
    ("linear.trailing.25", "linear", "trailing", 25, 0.5, False),
    ("linear.trailing.50", "linear", "trailing", 50, 0.5, False),
    ("linear.linspace.10", "linear", "linspace", 10, 0.5, False),
    ("cosine.trailing.20", "cosine", "trailing", 20, 0.5, False),
    ("cosine.leading.20", "cosine", "leading", 20, 0.5, False),
    ("clipped", "linear", "trailing", 20, 2.0, True),
]
SOLVERS = {
    "heun": (HeunDiscreteScheduler, {}),
    "dpmpp": (DPMSolverMultistepScheduler, dict(
        algorithm_type="dpmsolver++", solver_order=2, solver_type="midpoint",
        final_sigmas_type="zero", lower_order_final=True)),
}
Scheduler = HeunDiscreteScheduler | DPMSolverMultistepScheduler
Array = Tensor | np.ndarray
# From x, alpha and sigma to x̂_0.
Denoiser = Callable[[Array, float, float], Array]


def gaussian(deviation: float, clip: bool) -> Denoiser:
    """The exact x̂_0 of data that is normal with mean 0.1, limited to −1 … 1 if `clip`."""
    def denoise(x: Array, alpha: float, sigma: float) -> Array:
        variance = deviation**2
        x0 = MEAN + variance * alpha * (x - alpha * MEAN) / (alpha**2 * variance + sigma**2)
        return x0.clip(-1, 1) if clip else x0

    return denoise


def solvers() -> Tensors:
    """Whole paths of both methods, each asserted to be that of its paper's algorithm."""
    torch.manual_seed(50)
    start = torch.randn(3, 1, 2, 2)
    start[0, 0, 0, 0] = 3.0  # far enough out to be clipped
    out: Tensors = {"start": start}
    alpha_bars = double_schedules()
    for name, schedule, spacing, steps, deviation, clip in CASES:
        for solver in SOLVERS:
            single, double = (scheduler_for(solver, schedule, spacing, clip) for _ in range(2))
            single.set_timesteps(steps)
            double.set_timesteps(steps)
            use_double(double, alpha_bars[f"{schedule}.alpha_bars.f64"])
            # Heun's scheduler clips what the network says, for the other one the network does.
            network = gaussian(deviation, clip and solver == "dpmpp")
            path = drawn(double, start.double(), network)
            check(solver, path, gaussian(deviation, clip))
            if clip:
                assert (path["x0"].abs() == 1).double().mean() > 0.1, "hardly anything is clipped"
            out |= {f"{solver}.{name}.{key}": value for key, value in path.items()}
            # Beyond, rounding in float32 grows until it is no reference.
            if path["sigmas"][0] < 1000:
                states = drawn(single, start, network)["states"]
                torch.testing.assert_close(states.double(), path["states"], rtol=0, atol=2e-6)
                out[f"{solver}.{name}.states.f32"] = states
    return out | variance_exploding(start) | guidance()


# Whole paths of diffusers.

def scheduler_for(solver: str, schedule: str, spacing: str, clip: bool) -> Scheduler:
    kind, arguments = SOLVERS[solver]
    if kind is HeunDiscreteScheduler:
        arguments = arguments | dict(clip_sample=clip)
    return kind(timestep_spacing=spacing, **SCHEDULES[schedule], **arguments)


def use_double(scheduler: Scheduler, alpha_bars: Tensor) -> None:
    """Gives it its levels in float64; it computes in the precision of its sigmas and states."""
    ratios = ((1 - alpha_bars) / alpha_bars).sqrt()[whole(scheduler.timesteps)]
    sigmas = torch.cat([ratios, ratios.new_zeros(1)])
    # The cosine's are off by so much in float32.
    torch.testing.assert_close(scheduler.sigmas.double(), sigmas, rtol=2e-3, atol=0)
    scheduler.sigmas = sigmas


def whole(timesteps: Tensor) -> Tensor:
    assert torch.equal(timesteps, timesteps.round())
    return timesteps.long()


def drawn(scheduler: Scheduler, start: Tensor, denoise: Denoiser) -> Tensors:
    """The path from x_T, everything in the coordinates x_t = α·x_0 + σ·ε, α² + σ² = 1.

    Heun's scheduler itself works with x_t/α, and scales what it gives the network.
    """
    heun = isinstance(scheduler, HeunDiscreteScheduler)
    sigmas = scheduler.sigmas
    alphas = 1 / (sigmas**2 + 1).sqrt()
    x = start / alphas[0] if heun else start
    asked, answers, states = [], [], [start]
    for i, t in enumerate(scheduler.timesteps):
        alpha, sigma = alphas[i], alphas[i] * sigmas[i]
        given = scheduler.scale_model_input(x, t)
        epsilon = (given - alpha * denoise(given, alpha, sigma)) / sigma
        asked.append(given)
        # DPM-Solver's scheduler turns the state into float32; with this it stays as it is.
        with patch.object(torch, "float32", start.dtype):
            step = scheduler.step(epsilon, t, x)
        answers.append(step.pred_original_sample if heun else scheduler.model_outputs[-1])
        x = step.prev_sample
        # Heun's scheduler is called twice a step, but for the last one.
        if not heun or scheduler.state_in_first_order:
            states.append(x * alphas[i + 1] if heun else x)
        elif i + 1 == len(scheduler.timesteps):
            states.append(x)
    kept = torch.cat([sigmas[:1], sigmas[1:-1:2], sigmas[-1:]]) if heun else sigmas
    assert len(states) == len(kept)
    return {
        "timesteps": whole(scheduler.timesteps), "sigmas": kept, "states": torch.stack(states),
        "asked": torch.stack(asked), "x0": torch.stack(answers)}


# The algorithms as their papers have them, in numpy.

def karras_heun(x: np.ndarray, sigmas: np.ndarray, denoise: Denoiser) -> list[np.ndarray]:
    """Karras et al. 2022, algorithm 2 with S_churn = 0: x = x_0 + σ·ε; sigmas end with 0."""
    path = [x]
    for sigma, after in zip(sigmas, sigmas[1:]):
        d = (x - denoise(x, 1.0, sigma)) / sigma
        euler = x + (after - sigma) * d
        if after == 0:
            x = euler
        else:
            again = (euler - denoise(euler, 1.0, after)) / after
            x = x + (after - sigma) * (d / 2 + again / 2)
        path.append(x)
    return path


def dpm_solver_2m(
    x: np.ndarray, alphas: np.ndarray, sigmas: np.ndarray, denoise: Denoiser,
) -> list[np.ndarray]:
    """Lu et al. 2022, “DPM-Solver++”, algorithm 2, x = α·x_0 + σ·ε.

    The last step goes to σ = 0, where λ is infinite, and with it h: what is left is x̂_0.
    """
    path, before, h_before = [x], None, None
    for i in range(1, len(sigmas)):
        x0 = denoise(x, alphas[i - 1], sigmas[i - 1])
        if sigmas[i] == 0:
            x = alphas[i] * x0
        else:
            h = np.log(alphas[i] / sigmas[i]) - np.log(alphas[i - 1] / sigmas[i - 1])
            if before is None:
                data = x0
            else:
                r = h_before / h
                data = (1 + 1 / (2 * r)) * x0 - 1 / (2 * r) * before
            x = sigmas[i] / sigmas[i - 1] * x - alphas[i] * (np.exp(-h) - 1) * data
            before, h_before = x0, h
        path.append(x)
    return path


def check(solver: str, path: Tensors, denoise: Denoiser) -> None:
    """That diffusers in float64 goes the way of the paper's algorithm."""
    ratios, states = path["sigmas"].numpy(), path["states"].numpy()
    alphas = 1 / np.sqrt(ratios**2 + 1)
    if solver == "heun":
        # In x/α the level (α, σ) is (1, σ/α).
        expected = [
            a * x for a, x in zip(alphas, karras_heun(states[0] / alphas[0], ratios, denoise))]
    else:
        expected = dpm_solver_2m(states[0], alphas, alphas * ratios, denoise)
    # Heun's first step down from the cosine's σ of 20,000 magnifies rounding a thousandfold.
    np.testing.assert_allclose(states, expected, rtol=0, atol=1e-9)


def variance_exploding(start: Tensor) -> Tensors:
    """The papers' algorithms where alpha is 1."""
    sigmas = np.append(np.geomspace(10, 0.02, 20), 0)
    x, denoise = sigmas[0] * start.double().numpy(), gaussian(0.5, False)
    paths = {
        "heun": karras_heun(x, sigmas, denoise),
        "dpmpp": dpm_solver_2m(x, np.ones(21), sigmas, denoise)}
    # The exact end of the path without noise, to which both come near.
    end = MEAN + (x - MEAN) * np.sqrt(0.25 / (0.25 + sigmas[0] ** 2))
    for path in paths.values():
        assert np.abs(path[-1] - end).max() < 0.05
    arrays = {"exploding.sigmas": sigmas, "exploding.end": end} | {
        f"{name}.exploding.states": np.stack(path) for name, path in paths.items()}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


# Classifier-free guidance.

def guidance() -> Tensors:
    """What both libraries make of two predictions of ε, at four levels."""
    torch.manual_seed(51)
    alpha_bars = double_schedules()["linear.alpha_bars.f64"][[20, 500, 980]]
    one = torch.ones(1, dtype=torch.float64)
    alpha = torch.cat([alpha_bars.sqrt(), one])
    sigma = torch.cat([(1 - alpha_bars).sqrt(), 7 * one])
    x, conditional, unconditional = torch.randn(3, 4, 2, 3, 2, 2)
    x[3] *= 7
    out: Tensors = {
        "x": x, "conditional": conditional, "unconditional": unconditional, "alpha": alpha,
        "sigma": sigma}
    x, conditional, unconditional = x.double(), conditional.double(), unconditional.double()
    level = (4, 1, 1, 1, 1)
    for scale in (0.0, 1.0, 2.0, 7.5):
        for library, guided in {
            "diffusers": ClassifierFreeGuidance(scale).forward(conditional, unconditional).pred,
            "smalldiffusion": smalldiffusion_guided(conditional, unconditional, scale),
        }.items():
            out[f"{library}.{scale}.epsilon"] = guided
            x0 = (x - sigma.reshape(level) * guided) / alpha.reshape(level)
            out[f"{library}.{scale}.x0"] = x0
    torch.testing.assert_close(
        out["smalldiffusion.1.0.epsilon"], out["diffusers.2.0.epsilon"], rtol=1e-12, atol=1e-12)
    return {f"guidance.{key}": value for key, value in out.items()}


def smalldiffusion_guided(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """smalldiffusion's `predict_eps_cfg` of a network that answers so."""
    class Answering(ModelMixin):
        cond_embed = SimpleNamespace(null_cond=1)

        def predict_eps(self, x: Tensor, sigma: Tensor, cond: Tensor) -> Tensor:
            assert cond.equal(torch.arange(2).repeat_interleave(len(conditional))[:len(x)])
            return torch.cat([conditional, unconditional])[:len(x)]

    labels = torch.zeros(len(conditional), dtype=torch.long)
    return Answering().predict_eps_cfg(conditional, torch.tensor(1.0), labels, scale)
