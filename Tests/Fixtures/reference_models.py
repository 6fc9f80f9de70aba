"""Whole networks against PyTorch: one generic file a network, which one test reads."""

import copy
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from common import Tensors
from torch import Tensor, nn
from torch.nn import functional as F

# A network of at most so many numbers is stored whole; of a larger one, only how it starts.
LARGEST_STORED = 60_000
STARTING_VALUES = 8
# Gradients of larger tensors are stored as about so many numbers, evenly apart.
LARGEST_GRADIENT, SPREAD = 1024, 256
STATISTICS_KEPT = 64
STATISTICS = ("running_mean", "running_var")
DEVIATION = 0.05


@dataclass
class Case:
    """A network, how it is built, and the batch it is asked about."""

    name: str
    seed: int
    original: str
    make: Callable[..., nn.Module]
    configuration: Mapping[str, object]
    shape: tuple[int, ...]
    noise: Tensor
    # "sigma": `noise` is ½·ln sigma; "timestep"; "class": the index of a sigma.
    noise_input: str = "timestep"
    labels: Tensor | None = None
    # What the network is given for `noise`, where that is something else, such as sigma itself.
    told: Tensor | None = None
    call: Callable[[nn.Module, Tensor, Tensor, Tensor | None], Tensor] = (
        lambda model, x, told, labels: model(x, told))
    # Names of parameters whose gradient is zero in theory.
    zero_gradients: str = r"(?!)"
    note: str = ""
    steps: int = 10
    # Numbers in all parameters, frozen numbers among them, and parameters, where published.
    counts: tuple[int, int, int] | None = None
    extra: Tensors = field(default_factory=dict)

    def build(self) -> nn.Module:
        torch.manual_seed(self.seed)
        return self.make(**self.configuration)


def network_file(case: Case) -> tuple[Tensors, dict[str, str]]:
    """Everything a test compares with, and the metadata that says what it is."""
    model = case.build()
    about = metadata(case, model)
    fresh = {key: starting(value) for key, value in model.state_dict().items()}
    test_weights(model, case.seed + 1)
    x, target = torch.randn(case.shape), torch.randn(case.shape)
    numbers = measurements(case, model, x, target)
    check(case, model, numbers, measurements(case, *doubled(model, x, target)))

    state, frozen = model.state_dict(), frozen_names(model)
    whole = sum(value.numel() for key, value in state.items() if key not in frozen)
    out = named("fresh", fresh)
    for key, value in state.items():
        stored = whole <= LARGEST_STORED and key not in frozen
        out[f"initial.{key}"] = value.clone() if stored else starting(value)
    out |= {"x": x, "noise": case.noise, "target": target}
    if case.labels is not None:
        out["labels"] = case.labels
    for key in ("output.eval", "output.train", "dx", "losses"):
        out[key] = numbers[key]
    for key in trainable_names(model):
        gradient = numbers[f"gradient.{key}"]
        out[f"gradient.{key}"] = spread(gradient)
        out[f"gradientNorm.{key}"] = gradient.norm().reshape(1)
    for key, value in numbers.items():
        if key.startswith(("once.", "after.")):
            out[key] = value.flatten()[:STATISTICS_KEPT]
    return out | case.extra, about


def metadata(case: Case, model: nn.Module) -> dict[str, str]:
    """What the file cannot say in tensors."""
    state, trainable = model.state_dict(), trainable_names(model)
    kinds = {torch.float32: "F32", torch.int64: "I64"}
    parameters = dict(model.named_parameters())
    numbers = sum(parameter.numel() for parameter in parameters.values())
    frozen = sum(parameters[key].numel() for key in frozen_names(model))
    counts = (numbers, frozen, len(parameters))
    assert case.counts in (None, counts), f"{case.name}: {counts} instead of {case.counts}"
    out = {
        "original": case.original, "seed": str(case.seed), "noise_input": case.noise_input,
        "configuration": json.dumps(case.configuration),
        "names": json.dumps(list(state)),
        "shapes": json.dumps([list(value.shape) for value in state.values()]),
        "trainable": json.dumps(trainable),
        "trainable_numbers": str(numbers - frozen), "frozen_numbers": str(frozen),
        "zero_gradients": json.dumps([k for k in trainable if is_zero(case, k)])}
    if any(value.dtype != torch.float32 for value in state.values()):
        out["dtypes"] = json.dumps([kinds[value.dtype] for value in state.values()])
    return out | ({"note": case.note} if case.note else {})


def test_weights(model: nn.Module, seed: int) -> None:
    """Adds a little to every number that is not frozen, so that none of them is 0 or 1."""
    torch.manual_seed(seed)
    frozen = frozen_names(model)
    for key, value in model.state_dict().items():
        if value.is_floating_point() and key not in frozen:
            value += DEVIATION * torch.randn(value.shape)


def measurements(case: Case, model: nn.Module, x: Tensor, target: Tensor) -> Tensors:
    """Outputs, gradients of the mean squared error, and steps of Adam on this batch."""
    start = copy.deepcopy(model.state_dict())
    told = case.noise if case.told is None else case.told

    def answer(x: Tensor) -> Tensor:
        return case.call(model, x, told.to(x.dtype), case.labels)

    model.eval()
    with torch.no_grad():
        out = {"output.eval": answer(x)}
    model.train()
    given = x.clone().requires_grad_()
    output = answer(given)
    F.mse_loss(output, target).backward()
    out |= {"output.train": output.detach(), "dx": given.grad}
    out |= named("gradient", {
        key: parameter.grad.clone() for key, parameter in model.named_parameters()
        if parameter.requires_grad})
    out |= named("once", statistics(model))

    model.load_state_dict(start)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(case.steps):
        optimizer.zero_grad()
        loss = F.mse_loss(answer(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    out |= named("after", statistics(model)) | {"losses": torch.stack(losses)}
    model.load_state_dict(start)
    return out


def doubled(model: nn.Module, x: Tensor, target: Tensor) -> tuple[nn.Module, Tensor, Tensor]:
    return copy.deepcopy(model).double(), x.double(), target.double()


def check(case: Case, model: nn.Module, single: Tensors, double: Tensors) -> None:
    """Refuses a case that rounding decides, or in which a parameter hardly matters."""
    norms = {key: single[f"gradient.{key}"].norm().item() for key in trainable_names(model)}
    largest = max(norms.values())
    peak = max(single[f"gradient.{key}"].abs().max().item() for key in norms)
    for key, norm in norms.items():
        if is_zero(case, key):
            assert norm < 1e-5 * largest, f"{case.name}: {key} is not zero: {norm / largest:.1e}"
        else:
            assert norm > 1e-6 * largest, f"{case.name}: {key} vanishes: {norm / largest:.1e}"
    worst: dict[str, float] = {}
    for key, value in single.items():
        kind = key.rsplit(".", 1)[-1] if key.startswith(("once.", "after.")) else key.split(".")[0]
        if kind == "running_mean" and key.startswith("after."):
            continue  # a bias before a batch norm wanders by noise alone, and this with it
        scale = peak if kind == "gradient" else double[key].abs().max().item()
        apart = (value - double[key]).abs().max().item() / scale
        worst[kind] = max(worst.get(kind, 0), apart)
    smallest = min(n for k, n in norms.items() if not is_zero(case, k)) / largest
    print(f"{case.name:20} smallest gradient {smallest:.0e}; float32 is off by " + ", ".join(
        f"{kind} {apart:.0e}" for kind, apart in worst.items()), flush=True)
    assert max(worst.values()) < 2e-5, f"{case.name}: rounding decides"
    assert all(math.isfinite(value) for value in single["losses"].tolist())


def statistics(model: nn.Module) -> Tensors:
    """Running means and variances of batch norms."""
    return {
        key: value.clone() for key, value in model.state_dict().items()
        if key.endswith(STATISTICS)}


def is_zero(case: Case, key: str) -> bool:
    return re.fullmatch(case.zero_gradients, key) is not None


def trainable_names(model: nn.Module) -> list[str]:
    return [key for key, parameter in model.named_parameters() if parameter.requires_grad]


def frozen_names(model: nn.Module) -> set[str]:
    return {key for key, parameter in model.named_parameters() if not parameter.requires_grad}


def starting(value: Tensor) -> Tensor:
    return value.flatten()[:STARTING_VALUES].clone()


def spread(value: Tensor) -> Tensor:
    """All of a small tensor; of a larger one every so manyth number."""
    if value.numel() <= LARGEST_GRADIENT:
        return value
    return value.flatten()[::math.ceil(value.numel() / SPREAD)]


def named(prefix: str, tensors: Tensors) -> Tensors:
    return {f"{prefix}.{key}": value for key, value in tensors.items()}
