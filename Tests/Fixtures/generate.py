"""Writes the fixtures that the tests compare with: numbers of PyTorch, diffusers and smalldiffusion.

    pip install -r requirements.txt && python generate.py

Every file says in its metadata what made it and whether that computes in float32 or float64.
Tensors are in PyTorch's layout (batch, channels, height, width). README.md lists the names.
"""

import json
import math
import warnings
from pathlib import Path

import diffusers
import numpy as np
import smalldiffusion
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from diffusers.models.embeddings import get_timestep_embedding
from reference_unet import UNet
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

HERE = Path(__file__).parent
Tensors = dict[str, Tensor]
# What the second training run adds to the first.
KEPT = ("losses", "norms", "rates")
warnings.filterwarnings("ignore")


def save(name: str, tensors: Tensors, precision: str, **metadata: str) -> None:
    versions = {
        "torch": torch.__version__, "diffusers": diffusers.__version__,
        "smalldiffusion": "0.5.0", "precision": precision}
    tensors = {key: value.detach().clone().contiguous() for key, value in tensors.items()}
    save_file(tensors, HERE / f"{name}.safetensors", metadata=versions | metadata)


def random_numbers() -> Tensors:
    out: Tensors = {}
    for seed in (0, 7):
        for count in (3, 15, 16, 17, 31, 100, 1000):
            torch.manual_seed(seed)
            out[f"randn.{seed}.{count}"] = torch.randn(count)
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
    out: Tensors = {}
    torch.manual_seed(11)

    def case(name: str, layer: nn.Module, *shape: int) -> None:
        for parameter in layer.parameters():
            nn.init.normal_(parameter, std=0.3)
        x = torch.randn(*shape, requires_grad=True)
        y = layer(x)
        dy = torch.randn_like(y)
        y.backward(dy)
        out.update({f"{name}.x": x, f"{name}.y": y, f"{name}.dy": dy, f"{name}.dx": x.grad})
        for key, parameter in layer.named_parameters():
            short = key.split(".")[-1]
            out[f"{name}.{short}"], out[f"{name}.d{short}"] = parameter, parameter.grad

    case("linear", nn.Linear(7, 6), 5, 7)
    case("conv3", nn.Conv2d(5, 6, 3, padding=1), 2, 5, 6, 7)
    case("conv3_even", nn.Conv2d(4, 6, 3, stride=2, padding=1), 2, 4, 6, 8)
    case("conv3_odd", nn.Conv2d(4, 6, 3, stride=2, padding=1), 2, 4, 7, 5)
    case("conv1", nn.Conv2d(6, 4, 1), 2, 6, 5, 3)
    case("conv3_direct", nn.Conv2d(16, 48, 3, padding=1), 2, 16, 14, 14)
    case("conv3_deep", nn.Conv2d(32, 16, 3, padding=1), 3, 32, 7, 7)
    case("conv3_one", nn.Conv2d(1, 32, 3, padding=1), 2, 1, 15, 9)
    case("norm", nn.GroupNorm(3, 12), 2, 12, 4, 5)
    case("norm_eps", nn.GroupNorm(4, 8, eps=1e-6), 2, 8, 3, 3)
    case("norm_silu", nn.Sequential(nn.GroupNorm(2, 6), nn.SiLU()), 2, 6, 4, 4)
    case("silu", nn.SiLU(), 2, 3, 4, 5)
    case("gelu", nn.GELU(), 2, 3, 4, 5)
    case("relu", nn.ReLU(), 2, 3, 4, 5)
    case("upsample", nn.Upsample(scale_factor=2), 2, 3, 4, 5)
    return out


def embeddings() -> Tensors:
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


def schedules() -> Tensors:
    out: Tensors = {}
    for name, arguments in {
        "linear": dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02),
        "scaled-linear": dict(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012),
        "cosine": dict(beta_schedule="squaredcos_cap_v2"),
        "linear50": dict(beta_schedule="linear", num_train_timesteps=50),
    }.items():
        scheduler = DDPMScheduler(**arguments)
        out[f"{name}.betas"] = scheduler.betas
        out[f"{name}.alpha_bars"] = scheduler.alphas_cumprod
    for spacing in ("leading", "linspace", "trailing"):
        for count in (10, 20, 50):
            scheduler = DDPMScheduler(timestep_spacing=spacing)
            scheduler.set_timesteps(count)
            out[f"timesteps.{spacing}.{count}"] = scheduler.timesteps
    for name, schedule in {
        "sd.ddpm": smalldiffusion.ScheduleDDPM(1000),
        "sd.ldm": smalldiffusion.ScheduleLDM(1000),
        "sd.log-linear": smalldiffusion.ScheduleLogLinear(200, 0.01, 10),
        "sd.log-linear10": smalldiffusion.ScheduleLogLinear(10, 0.02, 10),
    }.items():
        out[f"{name}.sigmas"] = schedule.sigmas
        for count in (7, 10):
            out[f"{name}.sample.{count}"] = schedule.sample_sigmas(count)
    return out


def sampler_steps() -> Tensors:
    """Single steps of diffusers; the variance noise is what torch.randn of seed 3 gives."""
    out: Tensors = {}
    torch.manual_seed(2)
    sample, output = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    torch.manual_seed(3)
    noise = torch.randn(2, 3, 4, 4)
    out |= {"sample": sample, "output": output, "noise": noise}
    for kind in ("epsilon", "sample"):
        for clip in (False, True):
            for count in (1000, 50):
                for variance in ("fixed_small", "fixed_large"):
                    scheduler = DDPMScheduler(
                        prediction_type=kind, variance_type=variance, clip_sample=clip,
                        timestep_spacing="trailing")
                    scheduler.set_timesteps(count)
                    for place in (0, count // 2, count - 1):
                        t = scheduler.timesteps[place]
                        step = scheduler.step(
                            output, t, sample, generator=torch.Generator().manual_seed(3))
                        key = f"ddpm.{kind}.{int(clip)}.{count}.{variance}.{place}"
                        out[key] = step.prev_sample
            for eta in (0.0, 0.5, 1.0):
                scheduler = DDIMScheduler(
                    prediction_type=kind, clip_sample=clip, timestep_spacing="trailing")
                scheduler.set_timesteps(50)
                for place in (0, 25, 49):
                    step = scheduler.step(
                        output, scheduler.timesteps[place], sample, eta=eta,
                        generator=torch.Generator().manual_seed(3))
                    out[f"ddim.{kind}.{int(clip)}.{eta}.{place}"] = step.prev_sample
    return out


def swissroll_paths() -> Tensors:
    """smalldiffusion's sampler on the exact denoiser of its swissroll; the noise is recorded."""
    data = smalldiffusion.Swissroll(np.pi / 2, 5 * np.pi, 100)
    ideal = smalldiffusion.IdealDenoiser(data)
    schedule = smalldiffusion.ScheduleLogLinear(200, 0.01, 10)
    start = 10 * torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0.5, 0.5]])
    out: Tensors = {"data": torch.stack(list(data)), "start": start}
    for name, mu in (("ddim", 0.0), ("ddpm", 0.5)):
        torch.manual_seed(4)
        noises: list[Tensor] = []

        def draw(count: int) -> Tensor:
            noises.append(torch.randn(count, 2))
            return noises[-1]

        ideal.rand_input = draw
        path = list(smalldiffusion.samples(
            ideal, schedule.sample_sigmas(20), gam=1, mu=mu, xt=start, batchsize=4))
        out[f"{name}.path"], out[f"{name}.noise"] = torch.stack(path), torch.stack(noises)
    return out


def training(kind: str, clip: float | None, cosine: bool, steps: int = 20) -> Tensors:
    """A training run written out; our Trainer draws its random numbers in the same order."""
    torch.manual_seed(1)
    model = smalldiffusion.TimeInputMLP(hidden_dims=(16, 128, 128, 128, 128, 16))
    out = {f"initial.{key}": value.clone() for key, value in model.state_dict().items()}
    data = torch.stack(list(smalldiffusion.Swissroll(np.pi / 2, 5 * np.pi, 100)))
    sigmas = smalldiffusion.ScheduleLogLinear(200, 0.01, 10).sigmas
    make = torch.optim.AdamW if kind == "adamw" else torch.optim.Adam
    optimizer = make(model.parameters(), lr=1e-3, weight_decay=0.01 if kind == "adamw" else 0)
    average = [p.detach().clone() for p in model.parameters()]
    waiting: list[int] = []
    losses, norms, rates = [], [], []
    for step in range(steps):
        rate = 1e-3
        if cosine:
            warmup = 5
            rate *= (step + 1) / warmup if step < warmup else (
                0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))))
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = 64
        while len(waiting) < batch:  # permutations one behind the other
            waiting += torch.randperm(len(data)).tolist()
        indices, waiting = waiting[:batch], waiting[batch:]
        t = torch.randint(0, len(sigmas), (batch,))
        epsilon = torch.randn(batch, 2)
        sigma = sigmas[t]
        x = data[indices] + sigma[:, None] * epsilon
        optimizer.zero_grad()
        loss = F.mse_loss(model(x, sigma), epsilon)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip or math.inf))
        optimizer.step()
        decay = min(0.999, (2 + step) / (11 + step))
        for mean, parameter in zip(average, model.parameters()):
            mean.lerp_(parameter.detach(), 1 - decay)
        losses.append(loss.detach())
        rates.append(rate)
    out |= {f"final.{key}": value for key, value in model.state_dict().items()}
    names = [key for key, _ in model.named_parameters()]
    out |= {f"average.{key}": value for key, value in zip(names, average)}
    out |= {
        "losses": torch.stack(losses), "norms": torch.stack(norms),
        "rates": torch.tensor(rates, dtype=torch.float64)}
    return out


def network_steps(model: nn.Module, inputs: list[Tensor], target: Tensor, optimizer) -> Tensors:
    """Output, loss, gradients, and the losses of ten steps on one batch."""
    out = {f"initial.{key}": value.clone() for key, value in model.state_dict().items()}
    x = inputs[0].clone().requires_grad_()
    output = model(x, *inputs[1:])
    loss = F.mse_loss(output, target)
    loss.backward()
    out |= {"x": inputs[0], "target": target, "output": output, "dx": x.grad}
    out |= {f"gradient.{key}": p.grad.clone() for key, p in model.named_parameters()}
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = F.mse_loss(model(*inputs), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        if len(losses) == 1:
            out |= {f"step.{key}": value.clone() for key, value in model.state_dict().items()}
    out["losses"] = torch.stack(losses)
    return out


def unet(seed: int, shape: tuple[int, ...], levels: Tensor, **sides) -> tuple[Tensors, str]:
    torch.manual_seed(seed)
    model = UNet(shape[1], **sides)
    inputs = [torch.randn(*shape), levels]
    target = torch.randn(*shape)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    out = network_steps(model, inputs, target, optimizer)
    return out | {"noise": levels}, json.dumps(list(model.state_dict()))


def dense() -> Tensors:
    """The dense denoiser of a sine wave after ten steps of additive noise."""
    torch.manual_seed(2)
    layers = nn.Sequential(nn.Linear(100, 128), nn.ReLU(), nn.Linear(128, 100))
    model = nn.ModuleDict({"net": layers})
    model.forward = lambda x: layers(x)
    clean = torch.sin(torch.linspace(0, 2 * math.pi, 100)).repeat(32, 1)
    noisy = clean + 0.1 * math.sqrt(10) * torch.randn(32, 100)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    return network_steps(model, [noisy], clean, optimizer)


def main() -> None:
    torch.set_num_threads(1)
    single = "float32"
    save("random", random_numbers(), single)
    save("layers", layers(), single)
    save("embeddings", embeddings(), single)
    save("schedules", schedules(), single)
    save("samplers", sampler_steps(), single)
    save("swissroll", swissroll_paths(), single)
    save("mlp-adamw", training("adamw", None, False), single)
    clipped = training("adam", 0.5, True)
    kept = {key: value for key, value in clipped.items() if key.split(".")[0] in KEPT}
    save("mlp-adam-clip", kept, single)
    tensors, names = unet(
        6, (3, 1, 6, 6), torch.tensor([-1.5, 0.2, 1.3]), channels=8, multipliers=(1, 2), blocks=1,
        groups=4)
    save("unet-sigma", tensors, single, names=names)
    tensors, names = unet(
        7, (2, 3, 7, 5), torch.tensor([3.0, 850]), channels=8, multipliers=(1, 2, 2), blocks=2,
        groups=4, noise="timestep")
    save("unet-timestep", tensors, single, names=names)
    save("dense", dense(), single)


if __name__ == "__main__":
    main()
