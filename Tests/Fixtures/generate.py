"""Writes what the tests compare with: numbers of PyTorch, diffusers, smalldiffusion and scikit-image.

    pip install -r requirements.txt && python generate.py [--out FOLDER] [--full-width FOLDER]

Every file says in its metadata what made it and whether that computes in float32 or float64.
Tensors are in PyTorch's layout (batch, channels, height, width). README.md lists the names.
"""

import argparse
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import reference_numerics as numerics
import reference_process as process
import reference_training as training
import torch
from catalogue import full_networks, small_networks
from common import Tensors
from diffusers.utils.logging import disable_progress_bar, set_verbosity_error
from reference_bits import bits
from reference_captures import captures
from reference_denoising import denoising
from reference_editing import editing
from reference_floor import floors
from reference_folders import folders
from reference_guidance import guidance
from reference_hybrid import hybrid
from reference_likelihood import likelihood
from reference_masking import masking
from reference_metrics import metrics
from reference_models import Case, network_file
from reference_objectives import objectives
from reference_pickles import pickles
from reference_pipelines import pipelines
from reference_samplers import samplers
from reference_schedules import levels
from reference_solvers import solvers
from reference_sound import sound, sound_files
from reference_toy import toy
from safetensors.torch import save

LIBRARIES = ("torch", "diffusers", "smalldiffusion")
# Of the files that it has a part in.
K_DIFFUSION = {"k-diffusion": version("k-diffusion")}
SCIKIT_IMAGE = {"scikit-image": version("scikit-image")}
METRICS = {library: version(library) for library in ("torch-fidelity", "pytorch-fid", "prdc", "POT")}
warnings.filterwarnings("ignore")


def write(folder: Path, name: str, tensors: Tensors, **metadata: str) -> None:
    """Writes one file, the same bytes every time."""
    metadata |= {library: version(library) for library in LIBRARIES}
    metadata.setdefault("precision", "float32")
    tensors = {key: value.detach().clone().contiguous() for key, value in tensors.items()}
    data = save(tensors, metadata)
    # safetensors puts the metadata in an order that changes from run to run.
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text = text.ljust((len(text) + 7) // 8 * 8)
    path = folder / f"{name}.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length:])


def write_networks(folder: Path, cases: list[Case]) -> None:
    """Writes one file a network."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        tensors, metadata = network_file(case)
        write(folder, f"network-{case.name}", tensors, **metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    parser.add_argument(
        "--full-width", type=Path, metavar="FOLDER",
        help="write networks of published widths to FOLDER instead, which takes minutes")
    arguments = parser.parse_args()
    if arguments.full_width:
        write_networks(arguments.full_width, full_networks())
        return
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    disable_progress_bar()
    set_verbosity_error()
    torch.set_num_threads(1)

    write(out, "random", numerics.random_numbers())
    write(out, "layers", numerics.layers())
    write(out, "convolutions", numerics.convolutions())
    write(out, "embeddings", numerics.embeddings())
    write(
        out, "schedules", process.schedules(),
        precision="float32; float64 where the name ends in .f64")
    write(
        out, "levels", levels(), precision="float32; float64 where the name ends in .f64",
        **K_DIFFUSION)
    write(out, "samplers", process.sampler_steps())
    write(
        out, "methods", samplers(),
        precision="float64; float32 of learned and threshold", **K_DIFFUSION)
    write(
        out, "objectives", objectives(),
        precision="float64; float32 of what networks are given and predict")
    write(
        out, "hybrid", hybrid(), precision="float64; float32 of what networks are given and predict")
    write(out, "floors", floors(), precision="float64")
    write(
        out, "denoising", denoising(), precision="float64; float32 of what is given", **SCIKIT_IMAGE)
    write(out, "sound", sound(), librosa=version("librosa"))
    sound_files(out / "sounds")
    write(out, "metrics", metrics(), precision="float64", **METRICS)
    write(out, "paths", process.sampler_paths())
    write(out, "swissroll", process.swissroll_paths())
    write(
        out, "solvers", solvers(), precision="float64; float32 where the name ends in .f32")
    write(out, "guidance", guidance(), precision="float64; float32 of what is given")
    write(out, "editing", editing(), precision="float64; float32 of what is given")
    write(
        out, "likelihood", likelihood(), precision="float64; float32 of what is given",
        scipy=version("scipy"))
    write(out, "masking", masking(), precision="float64; float32 of weights and tokens")
    write(out, "bits", bits(), precision="float64; float32 of weights and gradients")
    write(out, "mlp-adamw", training.training("adamw"))
    write(out, "mlp-adam-clip", training.curves(training.training("adam", clip=0.5, cosine=True)))
    write(out, "mlp-variants", training.training_variants())
    write(out, "toy", toy())
    tensors, names = training.unet(
        6, (3, 1, 6, 6), torch.tensor([-1.5, 0.2, 1.3]), channels=8, multipliers=(1, 2), blocks=1,
        groups=4)
    write(out, "unet-sigma", tensors, names=names)
    tensors, names = training.unet(
        7, (2, 3, 7, 5), torch.tensor([3.0, 850]), channels=8, multipliers=(1, 2, 2), blocks=2,
        groups=4, noise="timestep")
    write(out, "unet-timestep", tensors, names=names)
    write(out, "dense", training.dense())
    write_networks(out, small_networks())
    write(out, "captures", captures())
    for name, (tensors, metadata) in pipelines(out).items():
        write(out, name, tensors, **metadata)
    tensors, metadata = folders()
    write(out, "folders", tensors, **metadata)
    write(out / "pth", "expected", pickles(out / "pth"))


if __name__ == "__main__":
    main()
