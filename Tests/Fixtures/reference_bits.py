"""Text as analog bits in plain PyTorch: training steps of a self-conditioned transformer.

Source: Chen, Zhang and Hinton 2022 (algorithm 1). Random numbers are drawn in the order in which our trainer draws
them; the weights stay as they are, so that every step stands for itself.
"""

import torch
from reference_masking import HEADS, WIDTH, Block, sinusoids
from torch import Tensor, nn

VOCABULARY, BITS, LENGTH, COUNT, BATCH, STEPS, TIMESTEPS = 7, 3, 6, 20, 5, 6, 40
# Gradients are kept of the first steps, one with an estimate and one without.
KEPT = 2


class BitTransformer(nn.Module):
    """Noisy bits beside an earlier estimate of them, told ½·ln σ/α."""

    def __init__(self) -> None:
        super().__init__()
        self.bits = nn.Linear(2 * BITS, WIDTH)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.noise_embed = nn.Sequential(
            nn.Linear(2, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH))
        self.blocks = nn.ModuleList([Block(WIDTH, HEADS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, BITS)
        nn.init.normal_(self.head.weight, std=0.02)
        self.positions.weight.data.copy_(sinusoids(LENGTH, WIDTH))

    def forward(self, x: Tensor, estimate: Tensor, ratio: Tensor) -> Tensor:
        level = 0.5 * ratio.log()[:, None]
        h = self.bits(torch.cat([x, estimate], dim=-1)) + self.positions.weight
        h = h + self.noise_embed(torch.cat([level.sin(), level.cos()], dim=-1))[:, None]
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def bits() -> dict[str, Tensor]:
    """Weights and tokens, and which steps have an estimate, their losses and gradients, in float64."""
    torch.manual_seed(97)
    network = BitTransformer()
    others = torch.Generator().manual_seed(98)
    with torch.no_grad():
        for value in network.parameters():
            value += 0.3 * torch.randn(value.shape, generator=others)
    out = {f"weights.{name}": value.clone() for name, value in network.state_dict().items()}
    tokens = torch.randint(VOCABULARY, (COUNT, LENGTH), generator=others)
    # The highest bit first.
    data = (tokens[..., None] >> torch.arange(BITS - 1, -1, -1) & 1) * 2.0 - 1
    alpha_bars = torch.linspace(0.99, 0.01, TIMESTEPS, dtype=torch.float64)
    network, data = network.double(), data.double()

    waiting: list[int] = []
    losses, conditioned = [], []
    for step in range(STEPS):
        while len(waiting) < BATCH:
            waiting += torch.randperm(COUNT).tolist()
        indices, waiting = waiting[:BATCH], waiting[BATCH:]
        t = torch.randint(0, TIMESTEPS, (BATCH,))
        epsilon = torch.randn(BATCH, BITS, LENGTH).transpose(1, 2).double()
        alpha, sigma = alpha_bars[t].sqrt(), (1 - alpha_bars[t]).sqrt()
        x0 = data[indices]
        x = alpha[:, None, None] * x0 + sigma[:, None, None] * epsilon
        estimate = torch.zeros_like(x)
        conditioned.append(torch.rand(1) < 0.5)
        if conditioned[-1]:
            with torch.no_grad():
                estimate = network(x, estimate, sigma / alpha)
        network.zero_grad()
        each = ((network(x, estimate, sigma / alpha) - x0) ** 2).mean((1, 2))
        each.mean().backward()
        losses.append(each)
        if step < KEPT:
            out |= {
                f"gradient.{step}.{name}": value.grad.float()
                for name, value in network.named_parameters()}
    return out | {
        "tokens": tokens, "conditioned": torch.cat(conditioned).long(), "losses": torch.stack(losses)}
