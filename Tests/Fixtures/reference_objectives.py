"""What networks predict, how errors count, and how weights are averaged: diffusers, smalldiffusion, formulas.

Weightings are transcribed in float64 from their papers: Hang et al. 2023 (min-SNR), Crowson et al. 2024
(soft-min-SNR), Karras et al. 2022 (EDM), Choi et al. 2022 (P2), the variational bound as in
improved-diffusion (Nichol and Dhariwal 2021); importance sampling is theirs too.
"""

import numpy as np
import smalldiffusion
import torch
from common import Tensors
from diffusers import DDIMScheduler, EDMEulerScheduler
from diffusers.training_utils import EMAModel
from smalldiffusion.model import ModelMixin, PredFlow, PredV, PredX0, Scaled
from torch import Tensor

BETAS = np.linspace(1e-4, 0.02, 1000)
TIMESTEPS = (0, 1, 10, 100, 500, 900, 999)
SIGMAS = (0.002, 0.1, 0.5, 1.0, 5.0, 80.0)
Array = np.ndarray


def objectives() -> Tensors:
    arrays = weightings() | bound() | importance()
    return conversions() | preconditioning() | averages() | {
        name: torch.from_numpy(np.asarray(array, dtype=np.float64)) for name, array in arrays.items()}


# What networks predict, in float32.

def conversions() -> Tensors:
    """Targets, and x̂_0 and ε̂ of an answer, at three levels each."""
    torch.manual_seed(70)
    x0, noise, answer = torch.randn(3, 3, 1, 2, 2)
    out = {"x0": x0, "noise": noise, "answer": answer}
    scheduler = DDIMScheduler(
        beta_start=1e-4, beta_end=0.02, prediction_type="v_prediction", clip_sample=False)
    scheduler.alphas_cumprod = torch.from_numpy(np.cumprod(1 - BETAS)).float()
    scheduler.set_timesteps(1000)
    t = torch.tensor([3, 400, 990])
    out["v.x"], out["v.target"] = scheduler.add_noise(x0, noise, t), scheduler.get_velocity(
        x0, noise, t)
    out["v.x0"] = torch.stack([
        scheduler.step(answer[i], int(t[i]), out["v.x"][i]).pred_original_sample for i in range(3)])
    sigma = torch.tensor([0.05, 0.7, 0.95])[:, None, None, None]
    for name, kind in {"v": PredV, "flow": PredFlow, "x0": PredX0, "scaled": Scaled}.items():
        out |= {f"sd.{name}.{key}": value for key, value in small(kind, x0, noise, answer, sigma).items()}
    return out


def small(kind: type, x0: Tensor, noise: Tensor, answer: Tensor, sigma: Tensor) -> Tensors:
    """smalldiffusion's target, what its network is given, and its ε̂ of the answer."""
    class Answering(torch.nn.Module, ModelMixin):
        def __init__(self) -> None:
            super().__init__()
            self.unused = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x: Tensor, sigma: Tensor, cond: Tensor | None = None) -> Tensor:
            self.given = x
            return answer

    targets: list[Tensor] = []

    def loss() -> object:
        def keep(target: Tensor, _: Tensor) -> Tensor:
            targets.append(target)
            return target.sum()

        return keep

    model = kind(Answering)()
    model.get_loss(x0, sigma, noise, loss=loss)
    given = model.given
    return {
        "target": targets[0], "given": given,
        "epsilon": model.predict_eps(x0 + sigma * noise, sigma)}


def preconditioning() -> Tensors:
    """EDMEulerScheduler's, σ_data .5."""
    torch.manual_seed(71)
    x, answer = torch.randn(len(SIGMAS), 1, 2, 2), torch.randn(len(SIGMAS), 1, 2, 2)
    scheduler = EDMEulerScheduler(sigma_data=0.5)
    sigmas = torch.tensor(SIGMAS)[:, None, None, None]
    return {
        "edm.sigmas": sigmas.flatten(), "edm.x": x, "edm.answer": answer,
        "edm.given": scheduler.precondition_inputs(x, sigmas),
        "edm.noise": scheduler.precondition_noise(sigmas).flatten(),
        "edm.x0": scheduler.precondition_outputs(x, answer, sigmas)}


# How errors count, in float64.

def weightings() -> dict[str, Array]:
    """Of the target's own error, at TIMESTEPS of `linear` and, where the data is not scaled, at SIGMAS."""
    alpha_bars = np.cumprod(1 - BETAS)[list(TIMESTEPS)]
    snr = alpha_bars / (1 - alpha_bars)
    sigma = np.array(SIGMAS)
    capped = np.minimum(snr, 5)
    variance = sigma**2 + 0.25
    weights = {
        "min-snr.epsilon": capped / snr, "min-snr.x0": capped, "min-snr.v": capped / (snr + 1),
        "snr.x0": snr, "snr.v": snr / (snr + 1), "p2.epsilon": 1 / (1 + snr) ** 0.5,
        # Of the error of D, and of F, whose own is c_out times as large.
        "edm.x0": variance / (sigma * 0.5) ** 2, "edm.edm": np.ones(len(sigma)),
        "soft-min-snr.edm": (sigma * 0.5) ** 2 / variance**2,
        "power.score": sigma**2,
    }
    return {"timesteps": TIMESTEPS} | {f"weights.{name}": array for name, array in weights.items()}


def bound() -> dict[str, Array]:
    """KL(q(x_{t−1} | x_t, x_0) ‖ p) of a unit error of ε in one number, in nats: β²/(2·β̃·α·(1 − ᾱ))."""
    alpha_bars = np.cumprod(1 - BETAS)
    before = np.append(1, alpha_bars[:-1])
    posterior = BETAS * (1 - before) / (1 - alpha_bars)
    posterior[0] = posterior[1]
    weights = BETAS**2 / (2 * posterior * (1 - BETAS) * (1 - alpha_bars))
    return {"weights.vlb.epsilon": weights}


def importance() -> dict[str, Array]:
    """How likely each of five levels is after ten losses each, as improved-diffusion has it."""
    losses = np.random.default_rng(0).random((5, 10)) * np.array([1, 2, 3, 0.1, 1])[:, None]
    roots = np.sqrt((losses**2).mean(axis=1))
    probabilities = roots / roots.sum() * (1 - 0.001) + 0.001 / 5
    return {"importance.losses": losses, "importance.probabilities": probabilities}


# Averages of weights.

def averages() -> Tensors:
    """The decay at updates 1, 2, 11, 100 and 10,000."""
    updates = (1, 2, 11, 100, 10_000)
    parameter = [torch.nn.Parameter(torch.zeros(1))]
    power = EMAModel(parameter, decay=0.9999, use_ema_warmup=True, inv_gamma=1.0, power=0.75)
    # EDM's training loop, batches of 64.
    half = [0.5 ** (64 / max(min(500_000, (n - 1) * 64 * 0.05), 1e-8)) for n in updates]
    return {
        "ema.power": torch.tensor([power.get_decay(n) for n in updates], dtype=torch.float64),
        "ema.half-life": torch.tensor(half, dtype=torch.float64),
        "ema.updates": torch.tensor(updates)}
