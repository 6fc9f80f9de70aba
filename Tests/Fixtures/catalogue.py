"""The networks that have a file each: what they are and what they are asked."""

from collections.abc import Callable

import smalldiffusion
import torch
from common import Tensors
from diffusers import UNet2DModel
from reference_article import TABLES, ArticleUNet
from reference_models import Case
from reference_unet import ResidualCNN, UNet
from torch import Tensor, nn

SIGMAS = torch.tensor([0.05, 0.7, 9.0])
ARTICLE_ROWS = [1, 2, 3, 500, 501, 999]



# How a network is called: the network, x, what it is told of the noise, labels.
Call = Callable[[nn.Module, Tensor, Tensor, Tensor | None], Tensor]
CALLS: dict[str, Call] = {
    "index": lambda model, x, told, labels: model(x, told.long()),
    "labels": lambda model, x, told, labels: model(x, told, labels),
    "cond": lambda model, x, told, labels: model(x, told, cond=labels),
    "diffusers": lambda model, x, told, labels: model(x, told, class_labels=labels).sample,
}


def small_networks() -> list[Case]:
    """One case a network, small enough for a test and none of it degenerate."""
    return [
        article(20, (4, 3, 35, 22), base=4, extra=article_tables()),
        toy("timeinputmlp", 21, smalldiffusion.TimeInputMLP),
        own("unet-1d", 22, (2, 2, 22), channels=8, multipliers=(1, 2, 2), blocks=1, groups=4,
            dimensions=1),
        own("unet-classes", 23, (3, 1, 9, 6), labels=[2, 3, 0], channels=8, multipliers=(1, 2),
            blocks=1, groups=4, classes=3),
        own("residual-cnn", 24, (3, 2, 7, 9), ResidualCNN, channels=8, blocks=3, groups=4),
        unet2d(
            "unet2d-a", 25, (2, 3, 12, 12), block_out_channels=(16, 32, 32), layers_per_block=1,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"), norm_num_groups=8,
            freq_shift=1, flip_sin_to_cos=False, downsample_padding=0, norm_eps=1e-6,
            attention_head_dim=None),
    ]


def article(seed: int, shape: tuple[int, ...], base: int, **more) -> Case:
    """The article's U-Net.

    Below one side must be 2 at least: where it is 1, batch norm takes a stage's bias away.
    """
    return Case(
        name="article", seed=seed, original="the article's U-Net (dataflowr's ddpm_micro)",
        make=ArticleUNet,
        configuration=dict(
            in_channels=shape[1], n_steps=1000, time_emb_dim=100, base=base, embedding="article"),
        shape=shape, noise=torch.tensor([3.0, 500, 42, 999])[:shape[0]],
        call=CALLS["index"], zero_gradients=r".*conv\.[03]\.bias", **more)


def article_tables() -> Tensors:
    """Rows of the frozen table, which is too large to store."""
    out = {f"table.{name}": table(1000, 100)[ARTICLE_ROWS] for name, table in TABLES.items()}
    return out | {"table.odd": TABLES["article"](7, 10)}


def toy(name: str, seed: int, make: type[nn.Module], **more) -> Case:
    """A dense network of smalldiffusion for points of the plane."""
    return smalldiffusion_case(name, seed, make, (3, 2), {}, **more)


def smalldiffusion_case(
    name: str, seed: int, make: Callable[..., nn.Module], shape: tuple[int, ...],
    configuration: dict[str, object], labels: list[int] | None = None, **more,
) -> Case:
    """A network of smalldiffusion, which is told sigma itself."""
    sigmas = SIGMAS[:shape[0]]
    kind = getattr(make, "__name__", name)
    return Case(
        name=name, seed=seed, original=f"smalldiffusion 0.5.0, {kind}", make=make,
        configuration=configuration, shape=shape, noise=torch.log(sigmas) * 0.5,
        noise_input="sigma", told=sigmas, call=CALLS["cond"],
        labels=None if labels is None else torch.tensor(labels), **more)


def own(
    name: str, seed: int, shape: tuple[int, ...], make: type[nn.Module] = UNet,
    labels: list[int] | None = None, **configuration,
) -> Case:
    """A network of our own that is told ½·ln sigma."""
    more = {} if labels is None else dict(labels=torch.tensor(labels), call=CALLS["labels"])
    return Case(
        name=name, seed=seed, original=f"reference_unet.py, {make.__name__}", make=make,
        configuration=dict(in_channels=shape[1]) | configuration, shape=shape,
        noise=torch.log(SIGMAS[:shape[0]]) * 0.5, noise_input="sigma", **more)


def unet2d(
    name: str, seed: int, shape: tuple[int, ...], labels: list[int] | None = None,
    case: dict[str, object] | None = None, **configuration,
) -> Case:
    """diffusers' U-Net; keys that are not given have its defaults."""
    sides = dict(sample_size=shape[2], in_channels=shape[1], out_channels=shape[1])
    return Case(
        name=name, seed=seed, original="diffusers 0.42.1, UNet2DModel", make=UNet2DModel,
        configuration=sides | configuration, shape=shape,
        noise=torch.tensor([5.0, 730, 999])[:shape[0]], call=CALLS["diffusers"],
        labels=None if labels is None else torch.tensor(labels),
        zero_gradients=r".*\.to_k\.bias", **(case or {}))
