"""The U-Net of the course on diffusion from scratch (source: dataflowr's ddpm_micro), any width.

Modules have the original's names and are made in its order, so that a seed and a state dict mean
the same here and there.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad


def angles(rows: int, columns: int) -> Tensor:
    """Row i, column j: i / 10000^(2j / columns), rounded to float32."""
    return torch.tensor(
        [[i / 10_000 ** (2 * j / columns) for j in range(columns)] for i in range(rows)])


def article_table(rows: int, columns: int) -> Tensor:
    """The course's time embedding: whole rows are sines, or cosines of rows that are sines.

    Even row i has the sines of its angles; its cosine (of the sine) then goes to row 1 − i,
    counted from the end where that is negative. An odd number of rows thus loses even rows.
    """
    table = angles(rows, columns)
    sines = torch.sin(table[::2])
    table[::2] = sines
    for index, row in enumerate(sines):
        table[(1 - 2 * index) % rows] = torch.cos(row)
    return table


def standard_table(rows: int, columns: int) -> Tensor:
    """The usual embedding: sines in even columns, cosines of the same angle in odd ones."""
    table = torch.empty(rows, columns)
    for k in range(0, columns, 2):
        angle = torch.tensor([i / 10_000 ** (k / columns) for i in range(rows)])
        table[:, k] = torch.sin(angle)
        if k + 1 < columns:
            table[:, k + 1] = torch.cos(angle)
    return table


TABLES = {"article": article_table, "standard": standard_table}


class DoubleConv(nn.Module):
    """Twice: convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        layers = []
        for width in (inputs, outputs):
            layers += [
                nn.Conv2d(width, outputs, 3, padding=1), nn.BatchNorm2d(outputs),
                nn.ReLU(inplace=True)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Down(nn.Module):
    """Halves the sides, then convolves."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2, stride=2)
        self.conv = DoubleConv(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.pool(x))


class Enlarge(nn.Module):
    """Doubles the sides of what comes from below, pads it to the skip's, and stacks the two."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up_scale = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)

    def forward(self, skip: Tensor, below: Tensor) -> Tensor:
        below = self.up_scale(below)
        rows, columns = (skip.shape[axis] - below.shape[axis] for axis in (2, 3))
        below = pad(
            below, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return torch.cat([below, skip], dim=1)


class Up(nn.Module):
    """Enlarges, then convolves."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.up = Enlarge(inputs, outputs)
        self.conv = DoubleConv(inputs, outputs)

    def forward(self, skip: Tensor, below: Tensor) -> Tensor:
        return self.conv(self.up(skip, below))


class ArticleUNet(nn.Module):
    """Five levels; the embedded timestep is added to the input of every stage."""

    def __init__(
        self, in_channels: int = 1, n_steps: int = 1000, time_emb_dim: int = 100, base: int = 64,
        embedding: str = "article",
    ) -> None:
        super().__init__()
        widths = [base * 2 ** level for level in range(5)]
        self.conv1 = DoubleConv(in_channels, widths[0])
        for level in range(1, 5):
            setattr(self, f"down{level}", Down(widths[level - 1], widths[level]))
        for level in range(1, 5):
            setattr(self, f"up{level}", Up(widths[5 - level], widths[4 - level]))
        self.last_conv = nn.Conv2d(widths[0], in_channels, 1)
        self.time_embed = nn.Embedding(n_steps, time_emb_dim)
        self.time_embed.weight.data = TABLES[embedding](n_steps, time_emb_dim)
        self.time_embed.requires_grad_(False)
        for level, width in enumerate([in_channels, *widths[:4]], 1):
            setattr(self, f"te{level}", self.dense(time_emb_dim, width))
        for level, width in enumerate(reversed(widths[1:]), 1):
            setattr(self, f"te{level}_up", self.dense(time_emb_dim, width))

    @staticmethod
    def dense(inputs: int, outputs: int) -> nn.Sequential:
        """Two dense layers between the table and the channels of a stage."""
        return nn.Sequential(
            nn.Linear(inputs, outputs), nn.SiLU(), nn.Linear(outputs, outputs))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        row = self.time_embed(t)

        def told(h: Tensor, name: str) -> Tensor:
            return h + getattr(self, name)(row)[:, :, None, None]

        skips = [self.conv1(told(x, "te1"))]
        for level in range(1, 5):
            skips.append(getattr(self, f"down{level}")(told(skips[-1], f"te{level + 1}")))
        h = skips.pop()
        for level in range(1, 5):
            h = getattr(self, f"up{level}")(skips.pop(), told(h, f"te{level}_up"))
        return self.last_conv(h)
