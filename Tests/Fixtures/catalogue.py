"""The networks that have a file each: what they are and what they are asked."""

from collections.abc import Callable

import smalldiffusion
import torch
from common import Tensors
from diffusers import UNet2DModel
from reference_article import TABLES, ArticleUNet
from reference_mixer import Mixer
from reference_models import Case
from reference_ncsn import NCSN
from reference_unet import ResidualCNN, UNet
from smalldiffusion.model import CondEmbedderLabel
from smalldiffusion.model_dit import DiT
from smalldiffusion.model_unet import Unet
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


# The smallest U-Net of diffusers, and vectors of classes for it.
PLAIN = dict(
    block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=2,
    down_block_types=("DownBlock2D", "AttnDownBlock2D"),
    up_block_types=("AttnUpBlock2D", "UpBlock2D"))
IDENTITY = [[0.1 * ((7 * k + 3 * row) % 11 - 5) for k in range(16)] for row in range(2)]


def small_networks() -> list[Case]:
    """One case a network, small enough for a test and none of it degenerate."""
    return [
        article(20, (4, 3, 35, 22), base=4, extra=article_tables()),
        toy("timeinputmlp", 21, smalldiffusion.TimeInputMLP),
        own("unet-1d", 22, (2, 2, 22), channels=8, multipliers=(1, 2, 2), blocks=1, groups=4,
            dimensions=1),
        own("unet-sound", 36, (3, 2, 44), labels=[1, 2, 0], channels=8, multipliers=(1, 2), blocks=1,
            groups=4, dimensions=1, patch=4, attention=(2,), heads=2, classes=2),
        own("unet-classes", 23, (3, 1, 9, 6), labels=[2, 3, 0], channels=8, multipliers=(1, 2),
            blocks=1, groups=4, classes=3),
        own("residual-cnn", 24, (3, 2, 7, 9), ResidualCNN, channels=8, blocks=3, groups=4),
        unet2d(
            "unet2d-a", 25, (2, 3, 12, 12), block_out_channels=(16, 32, 32), layers_per_block=1,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"), norm_num_groups=8,
            freq_shift=1, flip_sin_to_cos=False, downsample_padding=0, norm_eps=1e-6,
            attention_head_dim=None),
        toy("conditionalmlp", 26, smalldiffusion.ConditionalMLP, labels=[4, 1, 2],
            num_classes=4, dropout_prob=0.0),
        smalldiffusion_unet("sd-unet", 27, (2, 1, 14, 14), ch_mult=(1, 2)),
        smalldiffusion_unet(
            "sd-unet-classes", 28, (2, 3, 14, 14), labels=[1, 3], classes=3, ch_mult=(1, 1),
            num_res_blocks=1),
        smalldiffusion_dit("dit", 29, (2, 3, 8, 8)),
        smalldiffusion_dit("dit-classes", 30, (3, 1, 8, 8), labels=[3, 0, 1], classes=3),
        unet2d(
            "unet2d-b", 31, (2, 1, 12, 12), block_out_channels=(16, 32, 32), layers_per_block=1,
            down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"), norm_num_groups=4),
        unet2d(
            "unet2d-c", 32, (3, 2, 8, 12), labels=[3, 0, 2], num_class_embeds=4,
            block_out_channels=(16, 32), layers_per_block=2,
            down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=4,
            resnet_time_scale_shift="scale_shift", act_fn="silu", center_input_sample=True),
        unet2d(
            "unet2d-d", 35, (2, 2, 8, 6), block_out_channels=(2, 12), layers_per_block=1,
            down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=1,
            attention_head_dim=5, act_fn="GELU"),
        unet2d(
            "unet2d-fourier", 36, (2, 1, 8, 8), noise=(0.4, 2.5), time_embedding_type="fourier",
            **PLAIN),
        unet2d(
            "unet2d-timestep", 37, (2, 1, 8, 8), labels=[3, 0], class_embed_type="timestep",
            num_class_embeds=5, **PLAIN),
        unet2d(
            "unet2d-identity", 38, (2, 1, 8, 8), labels=IDENTITY, class_embed_type="identity",
            **PLAIN),
        Case(
            name="ncsn", seed=33, original="ermongroup/ncsn, CondRefineNetDilated", make=NCSN,
            configuration=dict(channels=2, ngf=8, num_classes=3), shape=(3, 2, 12, 10),
            noise=torch.tensor([2.0, 0, 1]), noise_input="class", call=CALLS["index"]),
        own("mixer", 34, (3, 2, 8, 6), Mixer, labels=[2, 0, 1], size=(8, 6), patch=2, width=12,
            depth=2, classes=2),
    ]


def full_networks() -> list[Case]:
    """The networks at the widths that were published, two steps each; their counts are checked."""
    return [
        article(20, (2, 3, 32, 32), base=64, counts=(33_178_526, 100_000, 119), steps=2),
        smalldiffusion_unet(
            "fashion-unet", 21, (2, 1, 28, 28), ch_mult=(1, 1, 2),
            case=dict(counts=(4_424_833, 0, 250), steps=2)),
        smalldiffusion_dit(
            "fashion-dit", 22, (2, 1, 28, 28), depth=6, head_dim=32, num_heads=6,
            case=dict(counts=(4_149_700, 37_632, 95), steps=2)),
        unet2d(
            "ddpm-cifar10-32", 23, (2, 3, 32, 32), block_out_channels=(128, 256, 256, 256),
            layers_per_block=2,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=32, freq_shift=1, flip_sin_to_cos=False, downsample_padding=0,
            norm_eps=1e-6, attention_head_dim=None,
            case=dict(counts=(35_746_307, 0, 328), steps=2)),
    ]


def article(seed: int, shape: tuple[int, ...], base: int, **more) -> Case:
    """The course's U-Net.

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
    return told_sigma(name, seed, make, (3, 2), **more)


def smalldiffusion_unet(name: str, seed: int, shape: tuple[int, ...], **more) -> Case:
    """smalldiffusion's U-Net, attending at half the side."""
    defaults = dict(
        in_dim=shape[2], in_ch=shape[1], out_ch=shape[1], ch=64, attn_resolutions=(shape[2] // 2,),
        dropout=0.0)
    note = "The network inside Scaled: x is what Scaled multiplies by 1/√(1 + sigma²)."
    return told_sigma(
        name, seed, with_classes(Unet, 4 * 64), shape, note=note, **defaults | more)


def smalldiffusion_dit(name: str, seed: int, shape: tuple[int, ...], **more) -> Case:
    """smalldiffusion's transformer, 16 wide and 2 deep."""
    defaults = dict(
        in_dim=shape[2], channels=shape[1], patch_size=2, depth=2, head_dim=8, num_heads=2)
    return told_sigma(name, seed, with_classes(DiT, 16), shape, **defaults | more)


def with_classes(make: type[nn.Module], width: int) -> Callable[..., nn.Module]:
    """The constructor of `make` with the number of classes instead of a module that embeds them.

    The embedding is made before the network, as a call's arguments are.
    """

    def build(classes: int = 0, **sides) -> nn.Module:
        embed = CondEmbedderLabel(width, classes, dropout_prob=0.0) if classes else None
        return make(**sides, cond_embed=embed)

    build.__name__ = make.__name__
    return build


def told_sigma(
    name: str, seed: int, make: Callable[..., nn.Module], shape: tuple[int, ...],
    labels: list[int] | None = None, note: str = "", case: dict[str, object] | None = None,
    **configuration,
) -> Case:
    """A network of smalldiffusion, which is told sigma itself."""
    sigmas = SIGMAS[:shape[0]]
    return Case(
        name=name, seed=seed, original=f"smalldiffusion 0.5.0, {make.__name__}", make=make,
        configuration=configuration, shape=shape, noise=torch.log(sigmas) * 0.5,
        noise_input="sigma", told=sigmas, call=CALLS["cond"], note=note,
        labels=None if labels is None else torch.tensor(labels), **(case or {}))


def own(
    name: str, seed: int, shape: tuple[int, ...], make: type[nn.Module] = UNet,
    labels: list[int] | None = None, **configuration,
) -> Case:
    """A network of our own that is told ½·ln sigma."""
    more = {} if labels is None else dict(labels=torch.tensor(labels), call=CALLS["labels"])
    return Case(
        name=name, seed=seed, original=f"{make.__module__}.py, {make.__name__}", make=make,
        configuration=dict(in_channels=shape[1]) | configuration, shape=shape,
        noise=torch.log(SIGMAS[:shape[0]]) * 0.5, noise_input="sigma", **more)


def unet2d(
    name: str, seed: int, shape: tuple[int, ...], labels: list[int] | list[list[float]] | None = None,
    noise: tuple[float, ...] = (5, 730, 999), case: dict[str, object] | None = None,
    **configuration,
) -> Case:
    """diffusers' U-Net; keys that are not given have its defaults."""
    sides = dict(sample_size=shape[2], in_channels=shape[1], out_channels=shape[1])
    return Case(
        name=name, seed=seed, original="diffusers 0.42.1, UNet2DModel", make=unet2d_model,
        configuration=sides | configuration, shape=shape,
        noise=torch.tensor(noise, dtype=torch.float32)[:shape[0]], call=CALLS["diffusers"],
        labels=None if labels is None else torch.tensor(labels),
        zero_gradients=r".*\.to_k\.bias", **(case or {}))


def unet2d_model(**configuration) -> UNet2DModel:
    """The model, whose embedding of classes also runs in float64."""
    model = UNet2DModel(**configuration)
    if configuration.get("class_embed_type") == "timestep":
        model.class_embedding.register_forward_pre_hook(
            lambda module, given: (given[0].to(module.linear_1.weight.dtype),))
    return model
