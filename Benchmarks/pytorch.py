"""The cases of Benchmarks in PyTorch: one JSON line a case and memory layout, best of several runs.

    python Benchmarks/pytorch.py [--threads 2] [--compile] [CASE [--batch 32] [--channels 64] …]

Without sizes of one's own the cases are those of Benchmarks/Sources under the same names.
Needs the packages of Tests/Fixtures/requirements.txt.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent.parent / "Tests" / "Fixtures"))
from reference_article import ArticleUNet  # noqa: E402
from reference_unet import UNet  # noqa: E402
from smalldiffusion import TimeInputMLP, Unet  # noqa: E402

# Batch, side of the images (0: points), arguments of UNet or of the networks in OTHERS.
CASES = {
    "digits": (64, 14, dict(multipliers=(1, 2, 4), blocks=1)),
    "digits28": (64, 28, dict(multipliers=(1, 2, 2), blocks=1)),
    "mlp128": (128, 0, {}),
    "mlp2048": (2048, 0, {}),
    "article": (8, 32, dict(base=64)),
    "article16": (32, 32, dict(base=16)),
    "fashion": (32, 28, dict(ch=64, ch_mult=(1, 1, 2), attn_resolutions=(14,))),
}
# Other networks than UNet: channels of the images, and the class.
OTHERS = {
    "article": (3, lambda **sides: ArticleUNet(3, **sides)),
    "article16": (3, lambda **sides: ArticleUNet(3, **sides)),
    "fashion": (1, lambda **sides: Unet(28, 1, 1, **sides)),
}
# Arguments of UNet that may be changed.
SIZES = ("channels", "multipliers", "blocks", "groups")


def best_milliseconds(body: Callable[[], object]) -> float:
    """The shortest of at least eight runs that fill two seconds."""
    for _ in range(3):
        body()
    best, runs, start = float("inf"), 0, time.perf_counter()
    while runs < 8 or time.perf_counter() - start < 2:
        before = time.perf_counter()
        body()
        best = min(best, time.perf_counter() - before)
        runs += 1
    return best * 1000


def measure(name: str, channels_last: bool, arguments: argparse.Namespace) -> dict[str, object]:
    """Times of a whole training step and of evaluations of 16 samples and of one."""
    batch, side, sides = CASES[name]
    batch = arguments.batch or batch
    if side:
        side = arguments.side or side
        sides = sides | {key: getattr(arguments, key) for key in SIZES if getattr(arguments, key)}
    channels, make = OTHERS.get(name, (1, lambda **sides: UNet(1, **sides)))
    model: nn.Module = make(**sides) if side else TimeInputMLP(
        hidden_dims=(16, 128, 128, 128, 128, 16))
    # The course's network is told a timestep, the others a sigma.
    timesteps = name.startswith("article")
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    if arguments.compile:
        model = torch.compile(model)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    average = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)

    def levels(count: int) -> Tensor:
        return torch.randint(0, 1000, (count,)) if timesteps else torch.rand(count) + 0.5

    def inputs(count: int) -> tuple[Tensor, Tensor]:
        x = torch.randn(count, channels, side, side) if side else torch.randn(count, 2)
        if channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        return x, levels(count)

    clean, _ = inputs(batch)

    def train() -> None:
        noise, level = torch.randn_like(clean), levels(batch)
        shape = (-1, 1, 1, 1) if side else (-1, 1)
        x = clean + level.reshape(shape) * noise
        model.train()
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x, level), noise)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 0.005)

    def evaluation(count: int) -> Callable[[], object]:
        x, level = inputs(count)
        model.eval()

        def run() -> Tensor:
            with torch.inference_mode():
                return model(x, level)

        return run

    step = best_milliseconds(train)
    return {
        "case": name, "layout": "channels-last" if channels_last else "NCHW",
        "compiled": arguments.compile,
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad), "batch": batch,
        "trainStepMs": step, "imagesPerSecond": batch * 1000 / step,
        "forwardMs16": best_milliseconds(evaluation(16)),
        "forwardMs1": best_milliseconds(evaluation(1)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="?", choices=CASES)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--compile", action="store_true", help="measure torch.compile's code")
    parser.add_argument("--batch", type=int, help="samples per training step")
    parser.add_argument("--side", type=int, help="side of the U-Nets' images in pixels")
    parser.add_argument("--channels", type=int, help="channels of the U-Nets' first level")
    parser.add_argument("--multipliers", type=int, nargs="+",
        help="multiples of the channels, one per level")
    parser.add_argument("--blocks", type=int, help="residual blocks per level")
    parser.add_argument("--groups", type=int, help="groups of the normalisations")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(json.dumps({"torch": torch.__version__, "threads": arguments.threads}), flush=True)
    for name in [arguments.case] if arguments.case else CASES:
        for channels_last in (False, True) if CASES[name][1] else (False,):
            print(json.dumps(measure(name, channels_last, arguments)), flush=True)


if __name__ == "__main__":
    main()
