"""The small networks of our own in plain PyTorch: the U-Net and the plain residual network.

Parameters have the same names as in Sources/Diffusion/Networks and are made in the same order.
"""

import torch
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor, nn
from torch.nn.functional import interpolate, scaled_dot_product_attention, silu

CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d}


class ResidualBlock(nn.Module):
    """Two normalised convolutions around an added embedding, beside a shortcut."""

    def __init__(
        self, inputs: int, outputs: int, embedding: int, groups: int, dimensions: int = 2
    ) -> None:
        super().__init__()
        convolution = CONVOLUTIONS[dimensions]
        self.norm1 = nn.GroupNorm(groups, inputs)
        self.conv1 = convolution(inputs, outputs, 3, padding=1)
        self.embed = nn.Linear(embedding, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs)
        self.conv2 = convolution(outputs, outputs, 3, padding=1)
        self.shortcut = convolution(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(silu(self.norm1(x)))
        added = self.embed(silu(embedding))
        h = h + added.reshape(*added.shape, *[1] * (h.dim() - 2))
        return self.shortcut(x) + self.conv2(silu(self.norm2(h)))


class SelfAttention(nn.Module):
    """Attention between all positions, normalised before and added to what came in."""

    def __init__(self, channels: int, heads: int, groups: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        h = self.qkv(self.norm(x).flatten(2).transpose(1, 2))
        batch, length, width = h.shape
        q, k, v = h.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width // 3)
        return x + self.project(y).transpose(1, 2).view(x.shape)


class Stage(nn.Module):
    """A residual block, with halving before it, attention or doubling behind it."""

    def __init__(
        self, block: ResidualBlock, downsample: nn.Module | None, upsample: nn.Module | None,
        attention: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if downsample is not None:
            self.downsample = downsample
        self.block = block
        if attention is not None:
            self.attention = attention
        if upsample is not None:
            self.upsample = upsample

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        if hasattr(self, "downsample"):
            x = self.downsample(x)
        x = self.block(x, embedding)
        if hasattr(self, "attention"):
            x = self.attention(x)
        if hasattr(self, "upsample"):
            x = self.upsample(interpolate(x, scale_factor=2, mode="nearest"))
        return x


class UNet(nn.Module):
    """Stages down, two blocks in the middle, stages up that see the outputs of those down.

    Level L has multipliers[L]·channels channels. What goes up is cropped to the skip it
    meets, so that odd sides work. With `classes` the row of a label is added to the embedded
    noise; the row behind the last class is the one of no class. One dimension makes it a
    network for signals (batch, channels, length), of which `patch` values after one another
    become the channels of a position. Attention follows the blocks of the levels in
    `attention`, 1 the first, and in the middle where the last is among them.
    """

    def __init__(
        self, in_channels: int, channels: int = 32, multipliers: tuple[int, ...] = (1, 2),
        blocks: int = 2, groups: int = 8, noise: str = "sigma", classes: int = 0,
        dimensions: int = 2, patch: int = 1, attention: tuple[int, ...] = (), heads: int = 4,
    ) -> None:
        super().__init__()
        self.noise, self.channels, self.classes = noise, channels, classes
        self.patch = patch
        in_channels *= patch
        convolution = CONVOLUTIONS[dimensions]
        embedding = 4 * channels
        self.noise_embed = noise_embed(noise, channels)
        if classes:
            self.class_embed = nn.Embedding(classes + 1, embedding)
        self.conv_in = convolution(in_channels, channels, 3, padding=1)
        widths = [m * channels for m in multipliers]
        width, skips, down = channels, [], []

        def attend(level: int, width: int) -> SelfAttention | None:
            return SelfAttention(width, heads, groups) if level + 1 in attention else None

        for level, out in enumerate(widths):
            for index in range(blocks):
                halve = None
                if index == 0 and level > 0:
                    halve = convolution(width, width, 3, stride=2, padding=1)
                block = ResidualBlock(width, out, embedding, groups, dimensions)
                down.append(Stage(block, halve, None, attend(level, out)))
                width = out
                skips.append(width)
        self.down = nn.ModuleList(down)
        first = ResidualBlock(width, width, embedding, groups, dimensions)
        between = attend(len(widths) - 1, width)
        last = ResidualBlock(width, width, embedding, groups, dimensions)
        self.middle = nn.ModuleList(
            block for block in (first, between, last) if block is not None)
        up = []
        for level, out in reversed(list(enumerate(widths))):
            for index in range(blocks):
                block = ResidualBlock(width + skips.pop(), out, embedding, groups, dimensions)
                width = out
                attended = attend(level, out)
                double = None
                if index == blocks - 1 and level > 0:
                    double = convolution(width, width, 3, padding=1)
                up.append(Stage(block, None, double, attended))
        self.up = nn.ModuleList(up)
        self.norm_out = nn.GroupNorm(groups, width)
        self.conv_out = convolution(width, in_channels, 3, padding=1)

    def forward(self, x: Tensor, noise: Tensor, labels: Tensor | None = None) -> Tensor:
        """`noise` is ½·ln(sigma/alpha) or the timestep, one number a sample."""
        embedding = self.noise_embed(embedded(noise, self.noise, self.channels).to(x.dtype))
        if self.classes:
            embedding = embedding + self.class_embed(labels)
        if self.patch > 1:
            batch, channels, length = x.shape
            x = x.view(batch, channels, length // self.patch, self.patch)
            x = x.permute(0, 3, 1, 2).reshape(batch, self.patch * channels, -1)
        h = self.conv_in(x)
        skips = []
        for stage in self.down:
            h = stage(h, embedding)
            skips.append(h)
        for block in self.middle:
            h = block(h) if isinstance(block, SelfAttention) else block(h, embedding)
        for stage in self.up:
            skip = skips.pop()
            visible = (..., *(slice(side) for side in skip.shape[2:]))
            h = stage(torch.cat([h[visible], skip], dim=1), embedding)
        y = self.conv_out(silu(self.norm_out(h)))
        if self.patch > 1:
            y = y.view(y.shape[0], self.patch, -1, y.shape[-1])
            y = y.permute(0, 2, 3, 1).flatten(2)
        return y


class ResidualCNN(nn.Module):
    """Residual blocks one behind the other at full size: what a U-Net is compared with."""

    def __init__(
        self, in_channels: int, channels: int = 32, blocks: int = 3, groups: int = 8,
        noise: str = "sigma",
    ) -> None:
        super().__init__()
        self.noise, self.channels = noise, channels
        self.noise_embed = noise_embed(noise, channels)
        self.conv_in = nn.Conv2d(in_channels, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            ResidualBlock(channels, channels, 4 * channels, groups) for _ in range(blocks))
        self.norm_out = nn.GroupNorm(groups, channels)
        self.conv_out = nn.Conv2d(channels, in_channels, 3, padding=1)

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """`noise` as the U-Net's."""
        embedding = self.noise_embed(embedded(noise, self.noise, self.channels).to(x.dtype))
        h = self.conv_in(x)
        for block in self.blocks:
            h = block(h, embedding)
        return self.conv_out(silu(self.norm_out(h)))


def noise_embed(noise: str, channels: int) -> nn.Sequential:
    """Two dense layers that turn the waves of the noise level into 4·channels numbers."""
    return nn.Sequential(
        nn.Linear(2 if noise == "sigma" else channels, 4 * channels), nn.SiLU(),
        nn.Linear(4 * channels, 4 * channels))


def embedded(noise: Tensor, kind: str, channels: int) -> Tensor:
    """The waves of the noise level: two of ½·ln(sigma/alpha), `channels` of a timestep."""
    if kind == "sigma":
        return torch.stack([torch.sin(noise), torch.cos(noise)], dim=1)
    return get_timestep_embedding(noise, channels)
