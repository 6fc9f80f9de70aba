"""The cases of Benchmarks in PyTorch: one JSON line a measurement, with the keys of Benchmarks/Sources.

    python Benchmarks/pytorch.py CASE [--threads 2] [--channels-last] [--compile] [--check FILE] [--batch 32 …]
    python Benchmarks/pytorch.py layers --layers FILE [--threads 2] [--channels-last]

--check FILE only computes the loss on the weights and the batch that our side wrote. Needs the packages of
Tests/Fixtures/requirements.txt.
"""

import argparse
import json
import math
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import UNet2DModel
from safetensors.torch import load_file
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent / "Tests" / "Fixtures"))
from reference_article import ArticleUNet  # noqa: E402
from reference_masking import TextTransformer  # noqa: E402
from reference_unet import UNet  # noqa: E402
from smalldiffusion import TimeInputMLP, Unet  # noqa: E402
from smalldiffusion.model_dit import DiT  # noqa: E402

CIFAR = dict(
    sample_size=32, in_channels=3, out_channels=3, block_out_channels=(128, 256, 256, 256),
    layers_per_block=2, attention_head_dim=None, norm_eps=1e-6, downsample_padding=0,
    flip_sin_to_cos=False, freq_shift=1,
    down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"))


@dataclass(frozen=True)
class Case:
    """A network, its arguments, the samples of a batch and their shape."""

    batch: int
    shape: tuple[int, ...]
    make: Callable[..., nn.Module]
    arguments: dict
    # Classes that the network is told; 0 for none.
    classes: int = 0


TOY = dict(hidden_dims=(16, 128, 128, 128, 128, 16))
CASES = {
    "digits": Case(64, (1, 14, 14), UNet, dict(in_channels=1, multipliers=(1, 2, 4), blocks=1)),
    "digits28": Case(64, (1, 28, 28), UNet, dict(in_channels=1, multipliers=(1, 2, 2), blocks=1)),
    "mlp128": Case(128, (2,), TimeInputMLP, TOY),
    "mlp2048": Case(2048, (2,), TimeInputMLP, TOY),
    "article": Case(8, (3, 32, 32), ArticleUNet, dict(in_channels=3, base=64)),
    "article16": Case(32, (3, 32, 32), ArticleUNet, dict(in_channels=3, base=16)),
    "fashion": Case(32, (1, 28, 28), Unet, dict(
        in_dim=28, in_ch=1, out_ch=1, ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))),
    "dit": Case(32, (1, 28, 28), DiT, dict(
        in_dim=28, channels=1, patch_size=2, depth=4, head_dim=32, num_heads=6)),
    "cifar": Case(4, (3, 32, 32), UNet2DModel, CIFAR),
    # recipes/words.toml: 12 letters of a–z and the line end.
    "words": Case(128, (12,), TextTransformer, dict(
        vocabulary=27, length=12, width=128, heads=4, depth=4)),
    # recipes/drums.toml: a second at 8 kHz.
    "drums": Case(16, (1, 8064), UNet, dict(
        in_channels=1, channels=64, multipliers=(1, 2, 2), blocks=1, classes=8, dimensions=1,
        patch=16, attention=(3,), heads=4), classes=8),
}
# What a network is told of the noise.
TOLD = {ArticleUNet: "timestep", UNet2DModel: "timestep", UNet: "log", TextTransformer: "share"}
# The part of the classes that training leaves out.
LABEL_DROPOUT = 0.1
# Characters of a word with its line end, on average.
CHARACTERS = 8.95


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


def resident_memory(name: str = "VmRSS") -> int:
    """The bytes that are resident now; with VmHWM the most at once since forget_peak()."""
    try:
        with open("/proc/self/status") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith(name))
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def page_faults() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def masking_loss(
    logits: Tensor, tokens: Tensor, masked: Tensor, share: Tensor, characters: float
) -> Tensor:
    """The masked cross-entropy in bits per character, where the masked share rises evenly with time."""
    entropy = nn.functional.cross_entropy(
        logits.flatten(0, 1), tokens.flatten(), reduction="none").view_as(tokens)
    return ((entropy * masked).sum(1) / share).mean() / (characters * math.log(2))


class Network:
    """A case's network, called alike whatever it is told of the noise."""

    def __init__(self, case: str, arguments: argparse.Namespace) -> None:
        self.case = CASES[case]
        self.batch = arguments.batch or self.case.batch
        self.told = TOLD.get(self.case.make, "sigma")
        self.returns_sample = self.case.make is UNet2DModel
        self.channels_last = arguments.channels_last
        self.module = self.case.make(**self.case.arguments)
        self.vocabulary = getattr(self.module, "vocabulary", 0)
        if self.channels_last:
            self.module = self.module.to(memory_format=torch.channels_last)
        self.call = torch.compile(self.module) if arguments.compile else self.module

    def __call__(self, x: Tensor, level: Tensor, labels: Tensor | None = None) -> Tensor:
        output = self.call(x, level) if labels is None else self.call(x, level, labels)
        return output.sample if self.returns_sample else output

    def laid_out(self, x: Tensor) -> Tensor:
        if self.channels_last and x.dim() == 4:
            return x.contiguous(memory_format=torch.channels_last)
        return x

    def clean(self, count: int) -> Tensor:
        shape = (count, *self.case.shape)
        if self.vocabulary:
            return torch.randint(self.vocabulary, shape)
        return self.laid_out(torch.randn(shape))

    def levels(self, count: int) -> Tensor:
        if self.told == "timestep":
            return torch.randint(1, 1000, (count,))
        if self.told == "share":
            return 1 - (torch.rand(1) + torch.arange(count) / count) % 1
        return torch.rand(count) + 0.5

    def labels(self, count: int) -> Tensor | None:
        """Classes, some of which are dropped."""
        if not self.case.classes:
            return None
        labels = torch.randint(self.case.classes, (count,))
        return labels.masked_fill(torch.rand(count) < LABEL_DROPOUT, self.case.classes)

    def loss(self, clean: Tensor) -> Tensor:
        """The loss of a batch with new noise, or with other positions masked."""
        level = self.levels(clean.shape[0])
        if self.vocabulary:
            masked = torch.rand(clean.shape) < level[:, None]
            x = clean.masked_fill(masked, self.vocabulary)
            return masking_loss(self(x, level), clean, masked, level, CHARACTERS)
        noise = torch.randn_like(clean)
        x = clean + level.reshape(-1, *[1] * (clean.dim() - 1)) * noise
        return nn.functional.mse_loss(self(x, level, self.labels(clean.shape[0])), noise)

    def evaluation(self, count: int) -> Callable[[], object]:
        """One evaluation, of no class, or of texts of which nothing is known."""
        x, level = self.clean(count), self.levels(count)
        if self.vocabulary:
            x = torch.full_like(x, self.vocabulary)
        classes = self.case.classes
        labels = torch.full((count,), classes) if classes else None

        def run() -> Tensor:
            with torch.inference_mode():
                return self(x, level, labels)

        return run


def check(network: Network, path: str) -> dict[str, float]:
    """Our loss and PyTorch's on the same weights and batch."""
    tensors = load_file(path)
    given = {key.removeprefix("check."): tensors.pop(key)
             for key in list(tensors) if key.startswith("check.")}
    known = network.module.state_dict()
    missing = [key for key in known if key not in tensors]
    if missing:
        sys.exit(f"the check lacks {missing[0]} and {len(missing) - 1} others")
    network.module.load_state_dict({key: tensors[key].reshape(known[key].shape) for key in known})
    x, target = (given[key].reshape(-1, *network.case.shape) for key in ("x", "target"))
    sigma = given["sigma"]
    network.module.eval()
    with torch.inference_mode():
        if network.vocabulary:
            x, target = x.long(), target.long()
            loss = masking_loss(
                network(x, sigma), target, x == network.vocabulary, sigma, given["characters"].item())
        else:
            level = {"timestep": given["timestep"].long(), "sigma": sigma,
                     "log": sigma.log() / 2}[network.told]
            labels = given["labels"].long() if network.case.classes else None
            loss = nn.functional.mse_loss(network(network.laid_out(x), level, labels), target)
    return {"loss": loss.item(), "expectedLoss": given["loss"].item()}


def measure(case: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Times of a whole training step and of evaluations of 16 samples and of one."""
    forget_peak()
    rest = resident_memory()
    network = Network(case, arguments)
    model = network.module
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)
    clean = network.clean(network.batch)

    def train() -> None:
        model.train()
        optimizer.zero_grad()
        network.loss(clean).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 0.005)

    step = milliseconds(train, 2)
    memory, faults = resident_memory("VmHWM") - rest, page_faults()
    for _ in range(8):
        train()
    faults_per_step = (page_faults() - faults) / 8
    model.eval()
    return {
        "name": case, "side": side(arguments),
        "parameters": sum(parameter.numel() for parameter in parameters), "batch": network.batch,
        "trainStep": step, "pageFaults": faults_per_step, "trainingBytes": memory,
        "forward16": milliseconds(network.evaluation(16)),
        "forward1": milliseconds(network.evaluation(1)),
    }


def side(arguments: argparse.Namespace) -> str:
    layout = "channels-last" if arguments.channels_last else "NCHW"
    return layout + (", compiled" if arguments.compile else "")


def measure_optimizer(name: str, count: int, arguments: argparse.Namespace) -> dict[str, object]:
    """Clipping by the norm, AdamW and the moving average of `count` parameters in 32 tensors."""
    parameters = [nn.Parameter(0.02 * torch.randn(count // 32)) for _ in range(32)]
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 0.01)
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)

    def step() -> None:
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 0.005)

    return {"name": name, "side": side(arguments), "optimizer": milliseconds(step, 0.3)}


def measure_layer(entry: dict, arguments: argparse.Namespace) -> dict[str, object]:
    """One layer, forward alone and with both gradients, from our description of it."""
    described = entry["layer"]
    if described["kind"] == "optimizer":
        return measure_optimizer(entry["name"], described["number"], arguments)
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
