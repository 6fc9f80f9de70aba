"""RePaint as diffusers takes it, with a formula for the network."""

from unittest.mock import patch

import torch
from common import Tensors
from diffusers import RePaintScheduler
from torch import Tensor

# Steps, length of a jump, resamplings.
LISTS = [(20, 5, 3), (50, 10, 10), (250, 10, 10)]
# Name, steps, length of a jump, resamplings, η, whether x̂_0 is limited to −1 … 1, the data's deviation.
PATHS = [
    ("plain", 10, 10, 1, 0.0, False, 0.5),
    ("implicit", 20, 5, 3, 0.0, False, 0.5),
    ("ancestral", 12, 3, 2, 1.0, False, 0.5),
    ("clipped", 12, 2, 2, 1.0, True, 1.5),
]
SHAPE = (3, 2, 4, 3)
MEAN = 0.1


def editing() -> Tensors:
    out: Tensors = {}
    for steps, length, resamplings in LISTS:
        scheduler = RePaintScheduler()
        scheduler.set_timesteps(steps, length, resamplings)
        out[f"times.{steps}.{length}.{resamplings}"] = scheduler.timesteps
    torch.manual_seed(71)
    known = torch.rand(SHAPE, dtype=torch.float64) * 2 - 1
    mask = (torch.rand(SHAPE[1:]) < 0.6).double()
    start = torch.randn(SHAPE, dtype=torch.float64)
    out |= {"known": known.float(), "mask": mask.to(torch.uint8), "start": start.float()}
    for name, *arguments in PATHS:
        path = repainted(known.float().double(), mask, start.float().double(), *arguments)
        out |= {f"{name}.{key}": value for key, value in path.items()}
    return out


def repainted(
    known: Tensor, mask: Tensor, x: Tensor, steps: int, length: int, resamplings: int, eta: float,
    clip: bool, deviation: float,
) -> Tensors:
    """Every state, and the noise in the order in which we draw it.

    Ours draws one tensor for a whole jump by a step, and two for a step with η: the sampler's own and that of
    the known values, which diffusers takes from the same tensor.
    """
    scheduler = RePaintScheduler(eta=eta, clip_sample=clip)
    scheduler.betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    scheduler.alphas_cumprod = torch.cumprod(1 - scheduler.betas, 0)
    scheduler.final_alpha_cumprod = torch.ones((), dtype=torch.float64)
    scheduler.set_timesteps(steps, length, resamplings)
    drawn: list[Tensor] = []

    def randn(shape: torch.Size, **_: object) -> Tensor:
        drawn.append(torch.randn(shape, dtype=torch.float32).double())
        return drawn[-1]

    states, noise = [x], []
    last = int(scheduler.timesteps[0]) + 1
    with patch("diffusers.schedulers.scheduling_repaint.randn_tensor", randn):
        for t in scheduler.timesteps.tolist():
            drawn.clear()
            if t < last:
                alpha_bar = scheduler.alphas_cumprod[t]
                alpha, sigma = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
                variance = deviation**2
                x0 = (alpha * variance * x + sigma**2 * MEAN) / (alpha**2 * variance + sigma**2)
                epsilon = (x - alpha * x0) / sigma
                x = scheduler.step(epsilon, t, x, known, mask).prev_sample
                if t >= 1000 // steps:
                    noise += drawn * (2 if eta > 0 else 1)
            else:
                before = x
                # Of several tensors only their sum has an effect.
                x = scheduler.undo_step(x, last)
                betas = scheduler.betas[last:last + 1000 // steps]
                kept = (1 - betas).prod()
                noise.append((x - kept.sqrt() * before) / (1 - kept).sqrt())
            last = t
            states.append(x)
    return {"states": torch.stack(states), "noise": torch.stack(noise)}
