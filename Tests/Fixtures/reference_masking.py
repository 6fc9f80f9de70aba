"""Masked text in plain PyTorch: the process, its loss in continuous time, and the transformer.

Sources: Austin et al. 2021 (D3PM, absorbing states), Sahoo et al. 2024 (MDLM, equation 10). Random numbers are
drawn in the order in which our objective draws them.
"""

import math

import torch
from torch import Tensor, nn

TIMESTEPS = 1000
VOCABULARY, LENGTH, BATCH, WIDTH, HEADS, DEPTH = 7, 6, 5, 16, 2, 2
# Characters of a sample on average, as of lines with their ends.
CHARACTERS = 4.25


class Block(nn.Module):
    """Attention, then a perceptron, each after a norm and added to what it gets."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.attn = nn.ModuleDict(
            dict(qkv=nn.Linear(width, 3 * width), proj=nn.Linear(width, width)))
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, length, _ = x.shape
        q, k, v = (
            part.reshape(batch, length, self.heads, -1).transpose(1, 2)
            for part in self.attn["qkv"](self.norm1(x)).chunk(3, dim=-1))
        h = nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.attn["proj"](h.transpose(1, 2).reshape(x.shape))
        return x + self.mlp(self.norm2(x))


def sinusoids(length: int, width: int) -> Tensor:
    """Sinusoidal position embeddings with a root mean square of 0.02; periods from 2π to nearly 2π·length."""
    half = width // 2
    frequencies = torch.exp(-math.log(length) * torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * frequencies
    rows = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return (0.02 * math.sqrt(2) * rows).float()


class TextTransformer(nn.Module):
    """Tokens and positions through blocks; told the masked share or not."""

    def __init__(
        self, told: bool = False, vocabulary: int = VOCABULARY, length: int = LENGTH,
        width: int = WIDTH, heads: int = HEADS, depth: int = DEPTH,
    ) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary + 1, width)
        self.positions = nn.Embedding(length, width)
        if told:
            self.masked_share = nn.Sequential(
                nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary)
        for layer in (self.tokens, self.head):
            nn.init.normal_(layer.weight, std=0.02)
        self.positions.weight.data.copy_(sinusoids(length, width))
        self.told, self.vocabulary = told, vocabulary

    def forward(self, x: Tensor, share: Tensor) -> Tensor:
        h = self.tokens(x) + self.positions.weight
        if self.told:
            half = h.shape[-1] // 2
            frequencies = torch.exp(
                -math.log(10_000) * torch.arange(half, dtype=h.dtype) / (half - 1))
            angles = 1000 * share[:, None] * frequencies
            h = h + self.masked_share(torch.cat([angles.sin(), angles.cos()], dim=-1))[:, None]
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def levels(curve: str) -> Tensor:
    """The kept share at each timestep, after 1 for the clean text."""
    t = torch.arange(TIMESTEPS + 1, dtype=torch.float64) / TIMESTEPS
    return 1 - (t if curve == "linear" else torch.sin(math.pi / 2 * t))


def case(curve: str, told: bool, seed: int) -> dict[str, Tensor]:
    """Weights, what is masked, and what loss and gradients are, in float64."""
    torch.manual_seed(seed)
    network = TextTransformer(told)
    fresh = {f"fresh.{name}": value.clone() for name, value in network.state_dict().items()}
    with torch.no_grad():
        for value in network.parameters():
            value += 0.1 * torch.randn_like(value)
    weights = {f"weights.{name}": value.clone() for name, value in network.state_dict().items()}
    network = network.double()
    x0 = torch.randint(VOCABULARY, (BATCH, LENGTH))

    torch.manual_seed(seed + 1)
    start = torch.rand(1).double()
    times = 1 - (start + torch.arange(BATCH) / BATCH) % 1
    alphas = levels(curve)
    place = times * TIMESTEPS
    index = place.long().clamp(max=TIMESTEPS - 1)
    before, after = alphas[index], alphas[index + 1]
    share = 1 - (before + (place - index) * (after - before))
    rate = TIMESTEPS * (before - after) / share
    masked = torch.rand(BATCH, LENGTH) < share.float()[:, None]
    x = torch.where(masked, VOCABULARY, x0)

    logits = network(x, share)
    logits.retain_grad()
    entropy = nn.functional.cross_entropy(logits.transpose(1, 2), x0, reduction="none")
    losses = rate * (entropy * masked).sum(1) / (CHARACTERS * math.log(2))
    losses.mean().backward()
    return fresh | weights | {
        "x0": x0.float(), "x": x.float(), "share": share, "rate": rate, "logits": logits,
        "losses": losses, "gradient": logits.grad,
    } | {f"gradient.{name}": value.grad for name, value in network.named_parameters()}


def masking() -> dict[str, Tensor]:
    """Linear without, cosine with the masked share told."""
    return {
        f"{curve}.{name}": value for curve, told, seed in (("linear", False, 81), ("cosine", True, 83))
        for name, value in case(curve, told, seed).items()}
