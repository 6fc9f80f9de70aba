"""Random numbers, layers and embeddings of PyTorch, diffusers and smalldiffusion."""

import smalldiffusion
import torch
from common import Tensors
from diffusers.models.embeddings import get_timestep_embedding
from torch import nn
from torch.nn import functional as F


def random_numbers() -> Tensors:
    """Every kind of draw alone, several kinds from one stream, and the start of layers."""
    out: Tensors = {}
    for seed in (0, 7):
        for count in (3, 15, 16, 17, 31, 100, 1000):
            torch.manual_seed(seed)
            out[f"randn.{seed}.{count}"] = torch.randn(count)
        for count in (3, 17, 100):
            torch.manual_seed(seed)
            out[f"rand.{seed}.{count}"] = torch.rand(count)
        torch.manual_seed(seed)
        out[f"randint.{seed}"] = torch.randint(0, 1000, (64,))
        torch.manual_seed(seed)
        out[f"randperm.{seed}"] = torch.randperm(10)
    torch.manual_seed(5)  # consecutive calls, in this order
    out["mixed.0"] = torch.rand(5)
    out["mixed.1"] = torch.randn(3)
    out["mixed.2"] = torch.randint(0, 1000, (64,))
    out["mixed.3"] = torch.randn(40)
    out["mixed.4"] = torch.randperm(10)
    out["mixed.5"] = torch.randn(2)
    out["mixed.6"] = torch.randperm(1000)
    torch.manual_seed(0)
    out["randn.shape"] = torch.randn(2, 3, 4, 5)
    torch.manual_seed(0)  # construction order: linear, convolution, 1×1 convolution
    for name, layer in (
        ("linear", nn.Linear(7, 5)), ("conv", nn.Conv2d(3, 8, 3)), ("conv1", nn.Conv2d(4, 6, 1))):
        out[f"init.{name}.weight"], out[f"init.{name}.bias"] = layer.weight, layer.bias
    return out


def layers() -> Tensors:
    """Every kind of layer, forward and backward, and the loss."""
    torch.manual_seed(11)
    out: Tensors = {}
    out |= layer_case("linear", nn.Linear(7, 6), 5, 7)
    out |= layer_case("conv3", nn.Conv2d(5, 6, 3, padding=1), 2, 5, 6, 7)
    out |= layer_case("conv3_even", nn.Conv2d(4, 6, 3, stride=2, padding=1), 2, 4, 6, 8)
    out |= layer_case("conv3_odd", nn.Conv2d(4, 6, 3, stride=2, padding=1), 2, 4, 7, 5)
    out |= layer_case("conv1", nn.Conv2d(6, 4, 1), 2, 6, 5, 3)
    out |= layer_case("conv3_direct", nn.Conv2d(16, 48, 3, padding=1), 2, 16, 14, 14)
    out |= layer_case("conv3_deep", nn.Conv2d(32, 16, 3, padding=1), 3, 32, 7, 7)
    out |= layer_case("conv3_one", nn.Conv2d(1, 32, 3, padding=1), 2, 1, 15, 9)
    out |= layer_case("norm", nn.GroupNorm(3, 12), 2, 12, 4, 5)
    out |= layer_case("norm_eps", nn.GroupNorm(4, 8, eps=1e-6), 2, 8, 3, 3)
    out |= layer_case("norm_silu", nn.Sequential(nn.GroupNorm(2, 6), nn.SiLU()), 2, 6, 4, 4)
    out |= layer_case("silu", nn.SiLU(), 2, 3, 4, 5)
    out |= layer_case("gelu", nn.GELU(), 2, 3, 4, 5)
    out |= layer_case("relu", nn.ReLU(), 2, 3, 4, 5)
    out |= layer_case("upsample", nn.Upsample(scale_factor=2), 2, 3, 4, 5)
    x, target = torch.randn(2, 3, 4, 5, requires_grad=True), torch.randn(2, 3, 4, 5)
    loss = F.mse_loss(x, target)
    loss.backward()
    return out | {"mse.x": x, "mse.target": target, "mse.loss": loss, "mse.dx": x.grad}


def convolutions() -> Tensors:
    """Convolutions whose widths, channels and batches end fast code in every remainder."""
    torch.manual_seed(12)
    out: Tensors = {}
    out |= layer_case("lines", nn.Conv2d(3, 48, 3, padding=1), 8, 3, 2, 5)
    out |= layer_case("wide", nn.Conv2d(16, 16, 3, padding=1), 1, 16, 2, 28)
    out |= layer_case("deep", nn.Conv2d(64, 5, 3, padding=1), 2, 64, 3, 3)
    out |= layer_case("halving", nn.Conv2d(32, 5, 3, stride=2, padding=1), 2, 32, 5, 6)
    return out


def layer_case(name: str, layer: nn.Module, *shape: int) -> Tensors:
    """Output and gradients of a layer with random parameters for a random input."""
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.3)
    x = torch.randn(*shape, requires_grad=True)
    y = layer(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    out = {f"{name}.x": x, f"{name}.y": y, f"{name}.dy": dy, f"{name}.dx": x.grad}
    for key, parameter in layer.named_parameters():
        short = key.split(".")[-1]
        out |= {f"{name}.{short}": parameter, f"{name}.d{short}": parameter.grad}
    return out


def embeddings() -> Tensors:
    """diffusers' sinusoids of timesteps and smalldiffusion's pair for sigmas."""
    t = torch.tensor([0.0, 1, 17, 500.5, 999])
    out: Tensors = {"t": t}
    for channels in (32, 33):
        for cosine_first in (False, True):
            for shift in (0, 1):
                out[f"timestep.{channels}.{int(cosine_first)}.{shift}"] = get_timestep_embedding(
                    t, channels, flip_sin_to_cos=cosine_first, downscale_freq_shift=shift)
    sigma = torch.tensor([0.01, 0.3, 1, 20, 157])
    out["sigma"] = sigma
    out["sigma.embedded"] = smalldiffusion.model.get_sigma_embeds(len(sigma), sigma)
    return out
