"""Small files of torch.save: state dicts as people keep them, and some that must not be opened."""

import os
from collections import OrderedDict
from pathlib import Path

import torch
from common import Tensors
from torch import Tensor, nn


class Hostile:
    """Unpickling this runs a command, as any pickle may."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo a pickle has run this command",)


def pickles(folder: Path) -> Tensors:
    """Writes the files; returns what is in those that may be read, as FILE.KEY."""
    folder.mkdir(parents=True, exist_ok=True)
    plain, network = kinds_of_tensors(), small_network()
    state, optimizer = trained_state(network)
    nested = {
        "model": state, "optimizer": optimizer, "epoch": 3, "loss": 0.25, "name": "nested",
        "sizes": [1, (2, 3)], "best": None, "done": False}
    parameters = {key: value.clone() for key, value in network.named_parameters()}
    parameters = {key: nn.Parameter(value.detach()) for key, value in parameters.items()}

    torch.save(plain, folder / "plain.pt")
    torch.save(plain, folder / "plain-legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(state, folder / "state.pth")
    torch.save(nested, folder / "nested.pth")
    torch.save(nested, folder / "nested-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(parameters, folder / "parameters.pth")
    torch.save(plain, folder / "protocol4.pt", pickle_protocol=4)
    torch.save(network, folder / "module.pt")
    hostile = {"model": state, "extra": Hostile()}
    torch.save(hostile, folder / "hostile.pt")
    torch.save(hostile, folder / "hostile-legacy.pt", _use_new_zipfile_serialization=False)
    for name in ("state.pth", "plain.pt", "parameters.pth"):  # PyTorch's own restricted reader
        torch.load(folder / name, weights_only=True)

    out = {}
    for name, tensors in {"plain": plain, "state": state, "nested": state}.items():
        out |= {f"{name}.{key}": value for key, value in tensors.items()}
    return out | {f"parameters.{key}": value for key, value in parameters.items()}


def kinds_of_tensors() -> Tensors:
    """Element types, and tensors that do not lie in their storage in order or alone."""
    torch.manual_seed(50)
    shared = torch.randn(12)
    return {
        "f32": torch.randn(2, 3), "f16": torch.randn(5).half(), "bf16": torch.randn(5).bfloat16(),
        "f64": torch.randn(3, dtype=torch.float64), "i64": torch.tensor(-7),
        "scalar": torch.tensor(0.5), "empty": torch.zeros(0, 3),
        "transposed": torch.randn(3, 4).T, "every_other": torch.randn(4, 6)[1:, ::2],
        "first": shared[:8].view(2, 4), "last": shared[4:]}


def small_network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(3, 2))


def trained_state(network: nn.Sequential) -> tuple[OrderedDict[str, Tensor], dict[str, object]]:
    """State dicts of the network and of its optimiser after a step."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    network(torch.randn(2, 1, 5, 5)).square().mean().backward()
    optimizer.step()
    network.zero_grad()
    return network.state_dict(), optimizer.state_dict()
