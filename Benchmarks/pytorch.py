"""The cases of Benchmarks in PyTorch: one JSON line a measurement, with the keys of Benchmarks/Sources.

    python Benchmarks/pytorch.py CASE [--threads 2] [--channels-last] [--compile] [--check FILE] [--batch 32 …]
    python Benchmarks/pytorch.py layers --layers FILE [--threads 2] [--channels-last]

--check FILE only computes the loss on the weights and the batch that our side wrote. Needs the packages of
Tests/Fixtures/requirements.txt.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import UNet2DModel
from safetensors.torch import load_file
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent / "Tests" / "Fixtures"))
from reference_article import ArticleUNet  # noqa: E402
from reference_unet import UNet  # noqa: E402
from smalldiffusion import TimeInputMLP, Unet  # noqa: E402
from smalldiffusion.model_dit import DiT  # noqa: E402

CIFAR = dict(
    sample_size=32, in_channels=3, out_channels=3, block_out_channels=(128, 256, 256, 256),
    layers_per_block=2, attention_head_dim=None, norm_eps=1e-6, downsample_padding=0,
    flip_sin_to_cos=False, freq_shift=1,
    down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"))
# Batch, side of the images (0: points), their channels, the network, and its arguments.
CASES = {
    "digits": (64, 14, 1, UNet, dict(in_channels=1, multipliers=(1, 2, 4), blocks=1)),
    "digits28": (64, 28, 1, UNet, dict(in_channels=1, multipliers=(1, 2, 2), blocks=1)),
    "mlp128": (128, 0, 1, TimeInputMLP, dict(hidden_dims=(16, 128, 128, 128, 128, 16))),
    "mlp2048": (2048, 0, 1, TimeInputMLP, dict(hidden_dims=(16, 128, 128, 128, 128, 16))),
    "article": (8, 32, 3, ArticleUNet, dict(in_channels=3, base=64)),
    "article16": (32, 32, 3, ArticleUNet, dict(in_channels=3, base=16)),
    "fashion": (32, 28, 1, Unet, dict(
        in_dim=28, in_ch=1, out_ch=1, ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))),
    "dit": (32, 28, 1, DiT, dict(
        in_dim=28, channels=1, patch_size=2, depth=4, head_dim=32, num_heads=6)),
    "cifar": (4, 32, 3, UNet2DModel, CIFAR),
}
# What a network is told of the noise.
TOLD = {ArticleUNet: "timestep", UNet2DModel: "timestep", UNet: "log"}


def milliseconds(body: Callable[[], object], seconds: float = 1) -> dict[str, float]:
    """At least eight runs that fill so many seconds, after three to warm up."""
    for _ in range(3):
        body()
    walls, processor, start = [], float("inf"), time.perf_counter()
    while len(walls) < 8 or time.perf_counter() - start < seconds:
        used, before = time.process_time(), time.perf_counter()
        body()
        walls.append(1000 * (time.perf_counter() - before))
        processor = min(processor, 1000 * (time.process_time() - used))
    return {"min": min(walls), "median": statistics.median(walls), "processor": processor}


def peak_memory() -> int:
    """The largest resident memory there has been, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def page_faults() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


class Network:
    """A case's network, called alike whatever it is told of the noise."""

    def __init__(self, case: str, arguments: argparse.Namespace) -> None:
        self.batch, self.side, self.channels, make, sides = CASES[case]
        self.batch = arguments.batch or self.batch
        self.told = TOLD.get(make, "sigma")
        self.returns_sample = make is UNet2DModel
        self.channels_last = arguments.channels_last
        self.module: nn.Module = make(**sides)
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.call = torch.compile(self.module) if arguments.compile else self.module

    def __call__(self, x: Tensor, level: Tensor) -> Tensor:
        output = self.call(x, level)
        return output.sample if self.returns_sample else output

    def laid_out(self, x: Tensor) -> Tensor:
        if self.channels_last and self.side:
            return x.contiguous(memory_format=torch.channels_last)
        return x

    def inputs(self, count: int) -> tuple[Tensor, Tensor]:
        shape = (count, self.channels, self.side, self.side) if self.side else (count, 2)
        return self.laid_out(torch.randn(shape)), self.levels(count)

    def levels(self, count: int) -> Tensor:
        if self.told == "timestep":
            return torch.randint(1, 1000, (count,))
        return torch.rand(count) + 0.5


def check(network: Network, path: str) -> dict[str, float]:
    """Our loss and PyTorch's on the same weights and batch."""
    tensors = load_file(path)
    given = {key: tensors.pop(f"check.{key}") for key in ("x", "target", "sigma", "timestep", "loss")}
    known = network.module.state_dict()
    missing = [key for key in known if key not in tensors]
    if missing:
        sys.exit(f"the check lacks {missing[0]} and {len(missing) - 1} others")
    network.module.load_state_dict({key: tensors[key].reshape(known[key].shape) for key in known})
    level = {"timestep": given["timestep"].long(), "sigma": given["sigma"],
             "log": given["sigma"].log() / 2}[network.told]
    x, target = given["x"], given["target"]
    if not network.side:
        x, target = x.flatten(1), target.flatten(1)
    network.module.eval()
    with torch.inference_mode():
        output = network(network.laid_out(x), level)
    loss = nn.functional.mse_loss(output, target).item()
    return {"loss": loss, "expectedLoss": given["loss"].item()}


def measure(case: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Times of a whole training step and of evaluations of 16 samples and of one."""
    rest = peak_memory()
    network = Network(case, arguments)
    model = network.module
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)
    clean, _ = network.inputs(network.batch)

    def train() -> None:
        noise, level = torch.randn_like(clean), network.levels(network.batch)
        x = clean + level.reshape(-1, *[1] * (clean.dim() - 1)) * noise
        model.train()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(x, level), noise)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 0.005)

    def evaluation(count: int) -> Callable[[], object]:
        x, level = network.inputs(count)
        model.eval()

        def run() -> Tensor:
            with torch.inference_mode():
                return network(x, level)

        return run

    step = milliseconds(train, 2)
    memory, faults = peak_memory() - rest, page_faults()
    for _ in range(8):
        train()
    return {
        "name": case, "side": side(arguments),
        "parameters": sum(parameter.numel() for parameter in parameters), "batch": network.batch,
        "trainStep": step, "pageFaults": (page_faults() - faults) / 8, "trainingBytes": memory,
        "forward16": milliseconds(evaluation(16)), "forward1": milliseconds(evaluation(1)),
    }


def side(arguments: argparse.Namespace) -> str:
    layout = "channels-last" if arguments.channels_last else "NCHW"
    return layout + (", compiled" if arguments.compile else "")


def measure_layer(entry: dict, arguments: argparse.Namespace) -> dict[str, object]:
    """One layer, forward alone and with both gradients, from our description of it."""
    described = entry["layer"]
    batch, height, width, channels = described["input"]
    number = described["number"]
    x = torch.randn(batch, channels, height, width)
    if described["kind"] == "convolution":
        layer: Callable[[Tensor], Tensor] = nn.Conv2d(
            channels, number, 3, stride=described["stride"], padding=1)
    elif described["kind"] == "norm":
        layer = nn.Sequential(nn.GroupNorm(number, channels), nn.SiLU())
    else:
        x = torch.randn(batch, height * width, channels)

        def layer(x: Tensor) -> Tensor:
            parts = x.unflatten(2, (3, number, -1)).permute(2, 0, 3, 1, 4)
            return nn.functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)

    if arguments.channels_last and x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
        layer = layer.to(memory_format=torch.channels_last)
    leaf = x.clone().requires_grad_()

    def forward() -> None:
        with torch.inference_mode():
            layer(x)

    def both() -> None:
        leaf.grad = None
        y = layer(leaf)
        y.backward(y.detach())

    return {"name": entry["name"], "side": side(arguments), "forward": milliseconds(forward, 0.3),
            "both": milliseconds(both, 0.3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=[*CASES, "layers"])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compile", action="store_true", help="measure torch.compile's code")
    parser.add_argument("--check", help="weights, a batch and our loss on it")
    parser.add_argument("--layers", help="our measurements of single layers, a JSON line each")
    parser.add_argument("--batch", type=int, help="samples per training step")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.case == "layers":
        for line in Path(arguments.layers).read_text().splitlines():
            print(json.dumps(measure_layer(json.loads(line), arguments)), flush=True)
    elif arguments.check:
        print(json.dumps(check(Network(arguments.case, arguments), arguments.check)), flush=True)
    else:
        print(json.dumps(measure(arguments.case, arguments)), flush=True)


if __name__ == "__main__":
    main()
