"""smalldiffusion whole on its swissroll: its own loop of training, then its own samples."""

from collections.abc import Iterator
from types import SimpleNamespace

import smalldiffusion
import torch
from common import Tensors, swissroll, toy_schedule
from torch.utils.data import DataLoader

STEPS = 100
SAMPLES = 16
# γ and μ: DDIM, DDPM and the accelerated sampler.
SAMPLERS = {"ddim": (1.0, 0.0), "ddpm": (1.0, 0.5), "accelerated": (2.0, 0.0)}


def batches(count: int, size: int) -> Iterator[list[int]]:
    """Permutations one behind the other, as our Trainer goes through the data."""
    waiting: list[int] = []
    while True:
        while len(waiting) < size:
            waiting += torch.randperm(count).tolist()
        batch, waiting = waiting[:size], waiting[size:]
        yield batch


def toy() -> Tensors:
    """The losses of 100 steps from seed 1, and samples of the trained network from seed 3."""
    torch.manual_seed(1)
    model = smalldiffusion.TimeInputMLP(hidden_dims=(16, 128, 128, 128, 128, 16))
    data, schedule = swissroll(), toy_schedule()
    # A generator of its own, as the loader draws a seed that it does not use.
    loader = DataLoader(data, batch_sampler=batches(len(data), 64), generator=torch.Generator())
    plain = SimpleNamespace(prepare=lambda *parts: parts, backward=lambda loss: loss.backward())
    losses = []
    for step in smalldiffusion.training_loop(loader, model, schedule, plain, epochs=1, lr=1e-3):
        losses.append(step.loss.detach())
        if len(losses) > STEPS:  # the loop yields a loss before it takes the step
            break
    out: Tensors = {"losses": torch.stack(losses[:STEPS])}
    for name, (gamma, mu) in SAMPLERS.items():
        torch.manual_seed(3)
        *_, out[f"{name}.samples"] = smalldiffusion.samples(
            model, schedule.sample_sigmas(20), gam=gamma, mu=mu, batchsize=SAMPLES,
            accelerator=SimpleNamespace(device="cpu"))
    return out
