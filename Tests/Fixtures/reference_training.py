"""Whole networks: training runs of the toy MLP, and ten steps of the U-Net and the dense net."""

import json
import math

import smalldiffusion
import torch
from common import Tensors, swissroll_points, toy_schedule
from reference_unet import UNet
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 20
WARMUP = 5
# Starts and gradients of larger tensors are left out: they double the file and tell nothing new.
LARGEST_KEPT = 2048


def training(kind: str, clip: float | None = None, cosine: bool = False) -> Tensors:
    """A training run written out; our Trainer draws its random numbers in the same order."""
    torch.manual_seed(1)
    model = smalldiffusion.TimeInputMLP(hidden_dims=(16, 128, 128, 128, 128, 16))
    out = small("initial", {key: value.clone() for key, value in model.state_dict().items()})
    data, sigmas = swissroll_points(), toy_schedule().sigmas
    make = torch.optim.AdamW if kind == "adamw" else torch.optim.Adam
    optimizer = make(model.parameters(), lr=1e-3, weight_decay=0.01 if kind == "adamw" else 0)
    average = {key: p.detach().clone() for key, p in model.named_parameters()}
    waiting: list[int] = []
    losses, norms, rates = [], [], []
    for step in range(STEPS):
        rates.append(learning_rate(step) if cosine else 1e-3)
        for group in optimizer.param_groups:
            group["lr"] = rates[-1]
        batch = 64
        while len(waiting) < batch:  # permutations one behind the other
            waiting += torch.randperm(len(data)).tolist()
        indices, waiting = waiting[:batch], waiting[batch:]
        t = torch.randint(0, len(sigmas), (batch,))
        epsilon = torch.randn(batch, 2)
        sigma = sigmas[t]
        x = data[indices] + sigma[:, None] * epsilon
        optimizer.zero_grad()
        loss = F.mse_loss(model(x, sigma), epsilon)
        loss.backward()
        gradients = {key: p.grad.clone() for key, p in model.named_parameters()}
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip or math.inf))
        optimizer.step()
        decay = min(0.999, (2 + step) / (11 + step))
        for key, parameter in model.named_parameters():
            average[key].lerp_(parameter.detach(), 1 - decay)
        losses.append(loss.detach())
    out |= named("final", model.state_dict()) | named("average", average)
    return out | small("gradient", gradients) | {
        "losses": torch.stack(losses), "norms": torch.stack(norms),
        "rates": torch.tensor(rates, dtype=torch.float64)}


def learning_rate(step: int) -> float:
    """Linear warm-up, then half a cosine down to 0."""
    if step < WARMUP:
        return 1e-3 * ((step + 1) / WARMUP)
    return 1e-3 * (0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP))))


def curves(run: Tensors) -> Tensors:
    """One number a step of a run: losses, norms and learning rates."""
    return {key: run[key] for key in ("losses", "norms", "rates")}


def training_variants() -> Tensors:
    """The run with one thing changed at a time; a limit of 0.1 clips most steps, not all."""
    return (
        named("adam", curves(training("adam")))
        | named("clip", curves(training("adamw", clip=0.1)))
        | named("cosine", curves(training("adamw", cosine=True))))


def named(prefix: str, tensors: Tensors) -> Tensors:
    return {f"{prefix}.{key}": value for key, value in tensors.items()}


def small(prefix: str, tensors: Tensors) -> Tensors:
    return named(prefix, {k: v for k, v in tensors.items() if v.numel() <= LARGEST_KEPT})


def network_steps(
    model: nn.Module, inputs: list[Tensor], target: Tensor, optimizer: torch.optim.Optimizer
) -> Tensors:
    """Output, loss, gradients, and the losses of ten steps on one batch."""
    out = named("initial", {key: value.clone() for key, value in model.state_dict().items()})
    x = inputs[0].clone().requires_grad_()
    output = model(x, *inputs[1:])
    loss = F.mse_loss(output, target)
    loss.backward()
    out |= {"x": inputs[0], "target": target, "output": output, "dx": x.grad}
    out |= named("gradient", {key: p.grad.clone() for key, p in model.named_parameters()})
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = F.mse_loss(model(*inputs), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        if len(losses) == 1:
            out |= named("step", {key: value.clone() for key, value in model.state_dict().items()})
    return out | {"losses": torch.stack(losses)}


def unet(seed: int, shape: tuple[int, ...], levels: Tensor, **sides) -> tuple[Tensors, str]:
    """The U-Net on one batch, and its parameters' names in order as JSON."""
    torch.manual_seed(seed)
    model = UNet(shape[1], **sides)
    inputs = [torch.randn(*shape), levels]
    target = torch.randn(*shape)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    out = network_steps(model, inputs, target, optimizer)
    return out | {"noise": levels}, json.dumps(list(model.state_dict()))


def dense() -> Tensors:
    """The dense denoiser of a sine wave after ten steps of additive noise."""
    torch.manual_seed(2)
    layers = nn.Sequential(nn.Linear(100, 128), nn.ReLU(), nn.Linear(128, 100))
    model = nn.ModuleDict({"net": layers})
    model.forward = lambda x: layers(x)
    clean = torch.sin(torch.linspace(0, 2 * math.pi, 100)).repeat(32, 1)
    noisy = clean + 0.1 * math.sqrt(10) * torch.randn(32, 100)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    return network_steps(model, [noisy], clean, optimizer)
