"""The noise-conditional score network of Song and Ermon (2019): a RefineNet whose every norm knows
the class of its sigma.

Modules have the names of ermongroup/ncsn's `CondRefineNetDilated` and are made in its order. In two
blocks that order is not the one of the state dict: convolutions and norms lie in two lists and are
made in turn.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, elu, interpolate


class ClassNorm(nn.Module):
    """Instance norm, which forgets a channel's mean, plus that mean among those of the channels.

    A row of `embed` has gamma, alpha (of the means) and beta.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(classes, 3 * channels)
        self.embed.weight.data[:, : 2 * channels].normal_(1, 0.02)
        self.embed.weight.data[:, 2 * channels :].zero_()
        self.instance_norm = nn.InstanceNorm2d(channels)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        means = x.mean(dim=(2, 3))
        spread = torch.sqrt(means.var(dim=1, keepdim=True) + 1e-5)
        means = (means - means.mean(dim=1, keepdim=True)) / spread
        gamma, alpha, beta = self.embed(label)[:, :, None, None].chunk(3, dim=1)
        return gamma * (self.instance_norm(x) + alpha * means[:, :, None, None]) + beta


class HalvingConv(nn.Module):
    """A convolution, then the mean of each 2×2 pixels."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        return avg_pool2d(self.conv(x), 2)


def same_size(inputs: int, outputs: int, dilation: int = 1, bias: bool = True) -> nn.Conv2d:
    """A 3×3 convolution that keeps the sides."""
    return nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation, bias=bias)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; at dilation 1 `halve` halves the sides.

    Dilated blocks see as far without halving; their shortcut is a 3×3 convolution.
    """

    def __init__(
        self, inputs: int, outputs: int, classes: int, dilation: int = 1, halve: bool = False
    ) -> None:
        super().__init__()
        middle = inputs if halve else outputs
        self.conv1 = same_size(inputs, middle, dilation)
        self.normalize2 = ClassNorm(middle, classes)
        if halve and dilation == 1:
            self.conv2 = HalvingConv(middle, outputs, 3)
            self.shortcut = HalvingConv(inputs, outputs, 1)
        else:
            self.conv2 = same_size(middle, outputs, dilation)
            if halve:
                self.shortcut = same_size(inputs, outputs, dilation)
        self.normalize1 = ClassNorm(inputs, classes)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        h = self.conv1(elu(self.normalize1(x, label)))
        h = self.conv2(elu(self.normalize2(h, label)))
        return h + (self.shortcut(x) if hasattr(self, "shortcut") else x)


class ConvUnits(nn.Module):
    """`blocks` residual units of two normalised convolutions without bias."""

    def __init__(self, channels: int, blocks: int, classes: int) -> None:
        super().__init__()
        self.blocks = blocks
        for block in range(1, blocks + 1):
            for stage in (1, 2):
                setattr(self, f"{block}_{stage}_norm", ClassNorm(channels, classes))
                setattr(self, f"{block}_{stage}_conv", same_size(channels, channels, bias=False))

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        for block in range(1, self.blocks + 1):
            h = x
            for stage in (1, 2):
                h = elu(getattr(self, f"{block}_{stage}_norm")(h, label))
                h = getattr(self, f"{block}_{stage}_conv")(h)
            x = x + h
        return x


class Fusion(nn.Module):
    """Brings inputs of several sides to one and adds them."""

    def __init__(self, inputs: list[int], outputs: int, classes: int) -> None:
        super().__init__()
        convs, norms = [], []
        for width in inputs:
            convs.append(same_size(width, outputs))
            norms.append(ClassNorm(width, classes))
        self.convs, self.norms = nn.ModuleList(convs), nn.ModuleList(norms)

    def forward(self, inputs: list[Tensor], label: Tensor, sides: torch.Size) -> Tensor:
        return sum(
            interpolate(
                conv(norm(x, label)), size=sides, mode="bilinear", align_corners=True)
            for x, norm, conv in zip(inputs, self.norms, self.convs, strict=True))


class Pooling(nn.Module):
    """Adds what is seen in windows of 5×5 and again 5×5; outside there are zeros."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        convs, norms = [], []
        for _ in range(2):
            norms.append(ClassNorm(channels, classes))
            convs.append(same_size(channels, channels, bias=False))
        self.convs, self.norms = nn.ModuleList(convs), nn.ModuleList(norms)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        x = path = elu(x)
        for norm, conv in zip(self.norms, self.convs, strict=True):
            path = conv(avg_pool2d(norm(path, label), 5, stride=1, padding=2))
            x = path + x
        return x


class Refine(nn.Module):
    """Units for each input, fusion where there are two, pooling, units."""

    def __init__(self, inputs: list[int], outputs: int, classes: int, units: int = 1) -> None:
        super().__init__()
        self.adapt_convs = nn.ModuleList(ConvUnits(width, 2, classes) for width in inputs)
        self.output_convs = ConvUnits(outputs, units, classes)
        if len(inputs) > 1:
            self.msf = Fusion(inputs, outputs, classes)
        self.crp = Pooling(outputs, classes)

    def forward(self, inputs: list[Tensor], label: Tensor) -> Tensor:
        adapted = [units(x, label) for x, units in zip(inputs, self.adapt_convs, strict=True)]
        h = adapted[0]
        if len(inputs) > 1:
            h = self.msf(adapted, label, inputs[0].shape[2:])
        return self.output_convs(self.crp(h, label), label)


class NCSN(nn.Module):
    """Four pairs of residual blocks, and a refining block for each, from the deepest up.

    Images are in 0…1 and have even sides; `label` is the class of sigma.
    """

    def __init__(self, channels: int, ngf: int = 128, num_classes: int = 10) -> None:
        super().__init__()
        wide, classes = 2 * ngf, num_classes
        self.begin_conv = same_size(channels, ngf)
        self.normalizer = ClassNorm(ngf, classes)
        self.end_conv = same_size(ngf, channels)
        levels = [(ngf, ngf, 1), (ngf, wide, 1), (wide, wide, 2), (wide, wide, 4)]
        for number, (inputs, outputs, dilation) in enumerate(levels, 1):
            blocks = [
                ResidualBlock(inputs, outputs, classes, dilation, halve=number > 1),
                ResidualBlock(outputs, outputs, classes, dilation)]
            setattr(self, f"res{number}", nn.ModuleList(blocks))
        self.refine1 = Refine([wide], wide, classes)
        self.refine2 = Refine([wide, wide], wide, classes)
        self.refine3 = Refine([wide, wide], ngf, classes)
        self.refine4 = Refine([ngf, ngf], ngf, classes, units=3)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        h = self.begin_conv(2 * x - 1)
        layers = []
        for number in range(1, 5):
            for block in getattr(self, f"res{number}"):
                h = block(h, label)
            layers.append(h)
        h = self.refine1([layers.pop()], label)
        for number in range(2, 5):
            h = getattr(self, f"refine{number}")([layers.pop(), h], label)
        return self.end_conv(elu(self.normalizer(h, label)))
