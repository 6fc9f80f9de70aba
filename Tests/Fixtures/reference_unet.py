"""The small U-Net of Sources/Diffusion/Networks/UNet.swift in plain PyTorch.

Parameters have the same names and are made in the same order.
"""

import torch
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu


class ResidualBlock(nn.Module):
    """Two normalised convolutions around an added embedding, beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, embedding: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.embed = nn.Linear(embedding, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(silu(self.norm1(x)))
        h = h + self.embed(silu(embedding))[:, :, None, None]
        return self.shortcut(x) + self.conv2(silu(self.norm2(h)))


class Stage(nn.Module):
    """A residual block, with halving before it or doubling behind it."""

    def __init__(
        self, block: ResidualBlock, downsample: nn.Module | None, upsample: nn.Module | None
    ) -> None:
        super().__init__()
        if downsample is not None:
            self.downsample = downsample
        self.block = block
        if upsample is not None:
            self.upsample = upsample

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        if hasattr(self, "downsample"):
            x = self.downsample(x)
        x = self.block(x, embedding)
        if hasattr(self, "upsample"):
            x = self.upsample(interpolate(x, scale_factor=2, mode="nearest"))
        return x


class UNet(nn.Module):
    """Stages down, two blocks in the middle, stages up that see the outputs of those down.

    Level L has multipliers[L]·channels channels. What goes up is cropped to the skip it
    meets, so that odd sides work.
    """

    def __init__(
        self, in_channels: int, channels: int = 32, multipliers: tuple[int, ...] = (1, 2),
        blocks: int = 2, groups: int = 8, noise: str = "sigma",
    ) -> None:
        super().__init__()
        self.noise, self.channels = noise, channels
        embedding = 4 * channels
        self.noise_embed = nn.Sequential(
            nn.Linear(2 if noise == "sigma" else channels, embedding), nn.SiLU(),
            nn.Linear(embedding, embedding))
        self.conv_in = nn.Conv2d(in_channels, channels, 3, padding=1)
        widths = [m * channels for m in multipliers]
        width, skips, down = channels, [], []
        for level, out in enumerate(widths):
            for index in range(blocks):
                halve = None
                if index == 0 and level > 0:
                    halve = nn.Conv2d(width, width, 3, stride=2, padding=1)
                down.append(Stage(ResidualBlock(width, out, embedding, groups), halve, None))
                width = out
                skips.append(width)
        self.down = nn.ModuleList(down)
        self.middle = nn.ModuleList(ResidualBlock(width, width, embedding, groups) for _ in range(2))
        up = []
        for level, out in reversed(list(enumerate(widths))):
            for index in range(blocks):
                block = ResidualBlock(width + skips.pop(), out, embedding, groups)
                width = out
                double = None
                if index == blocks - 1 and level > 0:
                    double = nn.Conv2d(width, width, 3, padding=1)
                up.append(Stage(block, None, double))
        self.up = nn.ModuleList(up)
        self.norm_out = nn.GroupNorm(groups, width)
        self.conv_out = nn.Conv2d(width, in_channels, 3, padding=1)

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """`noise` is ½·ln(sigma/alpha) or the timestep, one number a sample."""
        if self.noise == "sigma":
            embedded = torch.stack([torch.sin(noise), torch.cos(noise)], dim=1)
        else:
            embedded = get_timestep_embedding(noise, self.channels)
        embedding = self.noise_embed(embedded)
        h = self.conv_in(x)
        skips = []
        for stage in self.down:
            h = stage(h, embedding)
            skips.append(h)
        for block in self.middle:
            h = block(h, embedding)
        for stage in self.up:
            skip = skips.pop()
            h = torch.cat([h[:, :, : skip.shape[2], : skip.shape[3]], skip], dim=1)
            h = stage(h, embedding)
        return self.conv_out(silu(self.norm_out(h)))
