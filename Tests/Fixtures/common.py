"""What several parts of the fixtures share: the toy problem of smalldiffusion's examples."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import smalldiffusion
import torch
from torch import Tensor

Tensors = dict[str, Tensor]


def swissroll() -> smalldiffusion.Swissroll:
    """One hundred points on a spiral."""
    return smalldiffusion.Swissroll(np.pi / 2, 5 * np.pi, 100)


def swissroll_points() -> Tensor:
    """The same as a tensor (100, 2)."""
    return torch.stack(list(swissroll()))


def toy_schedule() -> smalldiffusion.Schedule:
    """Two hundred log-linear sigmas from 0.01 to 10."""
    return smalldiffusion.ScheduleLogLinear(200, 0.01, 10)


def k_diffusion_sampling() -> ModuleType:
    """The module `sampling` of k-diffusion by itself: the package asks for much that it does not use."""
    if "k_diffusion" not in sys.modules:
        spec = importlib.util.find_spec("k_diffusion")
        package = sys.modules["k_diffusion"] = ModuleType("k_diffusion")
        package.__path__ = list(spec.submodule_search_locations)
    return importlib.import_module("k_diffusion.sampling")
