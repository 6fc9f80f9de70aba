"""The network of docs/adding-a-network.md in plain PyTorch."""

import torch
from reference_unet import embedded, noise_embed
from torch import Tensor, nn


class MixerBlock(nn.Module):
    """Mixes the tokens, which the condition is added to, and then the numbers of each."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.tokens = perceptron(tokens)
        self.numbers = perceptron(width)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        x = x + self.tokens(self.norm(x + condition[:, None]).mT).mT
        return x + self.numbers(self.norm(x))


class Mixer(nn.Module):
    """Patches as tokens through blocks, and back."""

    def __init__(
        self, in_channels: int, size: tuple[int, int], patch: int, width: int, depth: int,
        classes: int,
    ) -> None:
        super().__init__()
        self.grid = (size[0] // patch, size[1] // patch)
        self.noise_embed = noise_embed("sigma", width // 4)
        self.class_embed = nn.Embedding(classes + 1, width)
        self.patches = nn.Conv2d(in_channels, width, patch, stride=patch)
        self.blocks = nn.ModuleList(
            MixerBlock(self.grid[0] * self.grid[1], width) for _ in range(depth))
        self.out = nn.Linear(width, patch * patch * in_channels)
        self.patch = patch

    def forward(self, x: Tensor, noise: Tensor, labels: Tensor) -> Tensor:
        """`noise` is ½·ln(sigma/alpha)."""
        condition = self.noise_embed(embedded(noise, "sigma", 0).to(x.dtype))
        condition = condition + self.class_embed(labels)
        h = self.patches(x).flatten(2).mT
        for block in self.blocks:
            h = block(h, condition)
        # (batch, row, column, line, column in the patch, channel)
        h = self.out(h).reshape(len(x), *self.grid, self.patch, self.patch, -1)
        return torch.einsum("brcyxn->bnrycx", h).reshape(x.shape)


def perceptron(size: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))
