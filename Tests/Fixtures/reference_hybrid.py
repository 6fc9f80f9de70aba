"""The hybrid loss of a network that learns the variance, transcribed from its paper in float64.

Source: Nichol and Dhariwal 2021, section 3.1, with the discretised decoder of their appendix's
reference, improved-diffusion: L_simple + 0.001·T·L_t, L_t in bits per number, its mean detached.
"""

import math

import torch
from common import Tensors
from torch import Tensor

TIMESTEPS = (0, 1, 500, 999)


def normal(z: Tensor) -> Tensor:
    """The distribution function of N(0, 1), approximated."""
    return 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))


def decoder(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """−ln of the mass of a Gaussian in the bin of x, 256 of which fill −1…1."""
    scale = torch.exp(-0.5 * log_variance)
    above = normal(scale * (x - mean + 1 / 255))
    below = normal(scale * (x - mean - 1 / 255))
    inside = torch.log((above - below).clamp(min=1e-12))
    upper = torch.log((1 - below).clamp(min=1e-12))
    lower = torch.log(above.clamp(min=1e-12))
    return -torch.where(x < -0.999, lower, torch.where(x > 0.999, upper, inside))


def hybrid() -> Tensors:
    """The losses and the gradient of their mean, of answers that predict ε, at TIMESTEPS of `linear`."""
    generator = torch.Generator().manual_seed(0)
    shape = (len(TIMESTEPS), 3, 4, 4)
    x0 = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
    x0[:, 0, 0, :2] = torch.tensor([-1.0, 1.0])
    # What float32 holds, so that both sides begin with the same numbers.
    x0 = x0.float().double()
    noise = torch.randn(shape, generator=generator).double()
    error = torch.randn(shape, generator=generator).double()
    variance = (torch.rand(shape, generator=generator) * 2 - 1).double()
    # An error that the last step's narrow Gaussian still gives some mass.
    size = torch.tensor([0.05, 0.05, 0.3, 0.3], dtype=torch.float64).reshape(-1, 1, 1, 1)
    answer = torch.cat([noise + size * error, variance], dim=1).float().double().requires_grad_()

    beta = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    alpha_bar = torch.cumprod(1 - beta, 0)
    before = torch.cat([torch.ones(1, dtype=torch.float64), alpha_bar[:-1]])
    posterior = beta * (1 - before) / (1 - alpha_bar)
    least = torch.log(torch.cat([posterior[1:2], posterior[1:]]))

    t = torch.tensor(TIMESTEPS)

    def at(values: Tensor) -> Tensor:
        return values[t].reshape(-1, 1, 1, 1)

    x = at(alpha_bar).sqrt() * x0 + (1 - at(alpha_bar)).sqrt() * noise
    epsilon, place = answer.chunk(2, dim=1)
    simple = ((epsilon - noise) ** 2).mean(dim=(1, 2, 3))
    predicted = (x - (1 - at(alpha_bar)).sqrt() * epsilon.detach()) / at(alpha_bar).sqrt()

    def mean(clean: Tensor) -> Tensor:
        first = at(before).sqrt() * at(beta) / (1 - at(alpha_bar))
        return first * clean + (1 - at(beta)).sqrt() * (1 - at(before)) / (1 - at(alpha_bar)) * x

    share = (place + 1) / 2
    log_variance = share * torch.log(at(beta)) + (1 - share) * at(least)
    divergence = 0.5 * (
        -1 + log_variance - at(least) + torch.exp(at(least) - log_variance)
        + (mean(x0) - mean(predicted)) ** 2 * torch.exp(-log_variance))
    bits = torch.where(
        (t == 0).reshape(-1, 1, 1, 1), decoder(x0, mean(predicted), log_variance), divergence
    ).mean(dim=(1, 2, 3)) / math.log(2)
    losses = simple + 0.001 * 1000 * bits
    losses.mean().backward()
    return {
        "x0": x0.float(), "noise": noise.float(), "answer": answer.detach().float(),
        "losses": losses.detach(), "simple": simple.detach(), "gradient": answer.grad,
    }
