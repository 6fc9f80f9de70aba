"""Folders that diffusers writes, and the images its pipelines draw from them."""

import json
from pathlib import Path

import torch
from common import Tensors
from diffusers import DDIMPipeline, DDPMPipeline, DDPMScheduler, UNet2DModel
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

BATCH, SIDE = 2, 8
TRAINING_STEPS = 300
FRAMES = 5
WEIGHTS = "diffusion_pytorch_model.safetensors"
# How diffusers called the parts of an attention block before version 0.15.
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
# The keys of configurations written then; keys of today that are missing have their defaults.
OLD_KEYS = (
    "act_fn", "attention_head_dim", "block_out_channels", "center_input_sample",
    "down_block_types", "downsample_padding", "flip_sin_to_cos", "freq_shift", "in_channels",
    "layers_per_block", "mid_block_scale_factor", "norm_eps", "norm_num_groups", "out_channels",
    "sample_size", "time_embedding_type", "up_block_types")


def pipelines(out: Path) -> dict[str, tuple[Tensors, dict[str, str]]]:
    """Writes the two folders; returns what is to be compared with them."""
    folder = out / "diffusers-tiny"
    DDPMPipeline(trained(), DDPMScheduler(clip_sample=True)).save_pretrained(folder)
    return {
        "pipeline-ddpm": drawn(DDPMPipeline.from_pretrained(folder), 1000),
        "pipeline-ddim": drawn(DDIMPipeline.from_pretrained(folder), 50),
        "pipeline-old": old_folder(out / "diffusers-old")}


def trained() -> UNet2DModel:
    """A small network that has seen spots of several colours: what it draws is not just noise."""
    torch.manual_seed(40)
    model = UNet2DModel(
        sample_size=SIDE, in_channels=3, out_channels=3, block_out_channels=(8, 16),
        layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=4)
    scheduler = DDPMScheduler()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(TRAINING_STEPS):
        clean = spots(32)
        noise, t = torch.randn_like(clean), torch.randint(0, 1000, (32,))
        optimizer.zero_grad()
        F.mse_loss(model(scheduler.add_noise(clean, noise, t), t).sample, noise).backward()
        optimizer.step()
    return model.eval()


def spots(count: int) -> Tensor:
    """Round spots somewhere on a dark ground, in −1…1."""
    places = torch.arange(SIDE)
    centre = 1 + (SIDE - 3) * torch.rand(count, 2, 1, 1)
    square = (places[:, None] - centre[:, 0]) ** 2 + (places - centre[:, 1]) ** 2
    return 2 * torch.rand(count, 3, 1, 1) * torch.exp(-square / 4)[:, None] - 0.9


def drawn(pipeline: DDPMPipeline | DDIMPipeline, steps: int) -> tuple[Tensors, dict[str, str]]:
    """The pipeline's way from noise to images, step by step."""
    unet, scheduler = pipeline.unet, pipeline.scheduler
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(0)
    shape = (BATCH, 3, SIDE, SIDE)
    scheduler.set_timesteps(steps)
    timesteps = scheduler.timesteps
    kept = [steps * (frame + 1) // FRAMES for frame in range(FRAMES)]
    with torch.no_grad():
        x = start = torch.randn(shape, generator=generator)
        first = unet(x, timesteps[0]).sample
        frames = []
        for done, t in enumerate(timesteps, 1):
            x = scheduler.step(unet(x, t).sample, t, x, generator=generator).prev_sample
            if done in kept:
                frames.append(x)
    image = pipeline(
        batch_size=BATCH, num_inference_steps=steps, output_type="pt",
        generator=torch.Generator().manual_seed(0)).images
    assert torch.equal((x / 2 + 0.5).clamp(0, 1), image), "the pipeline goes another way"
    assert image.std() > 0.1 and image.diff(dim=0).abs().max() > 0.1, "degenerate images"
    draws = steps if isinstance(scheduler, DDPMScheduler) else 1
    return {
        "x_T": start, "output": first, "timesteps": timesteps, "frames": torch.stack(frames),
        "frame_steps": torch.tensor(kept), "x_0": x, "image": image,
    }, {
        "generator": "torch.Generator().manual_seed(0)", "draws": str(draws),
        "draw_shape": json.dumps(shape), "pipeline": type(pipeline).__name__,
        "scheduler": type(scheduler).__name__, "steps": str(steps)}


def old_folder(folder: Path) -> tuple[Tensors, dict[str, str]]:
    """A folder as published in 2022: no subfolders, few keys, old names of attention's parts."""
    torch.manual_seed(41)
    model = UNet2DModel(
        sample_size=SIDE, in_channels=1, out_channels=1, block_out_channels=(4, 8),
        layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=2, norm_eps=1e-6,
        attention_head_dim=None, downsample_padding=0, flip_sin_to_cos=False, freq_shift=1).eval()
    folder.mkdir(parents=True, exist_ok=True)
    state = {old_name(key): value.clone() for key, value in model.state_dict().items()}
    assert sum(key.endswith("proj_attn.weight") for key in state) == 4
    save_file(state, folder / WEIGHTS, metadata={"format": "pt"})
    kind = {"_class_name": "UNet2DModel", "_diffusers_version": "0.0.4"}
    write_json(folder / "config.json", kind | {key: model.config[key] for key in OLD_KEYS})
    write_json(folder / "scheduler_config.json", {
        "_class_name": "DDPMScheduler", "_diffusers_version": "0.1.1", "beta_end": 0.02,
        "beta_schedule": "linear", "beta_start": 0.0001, "clip_sample": True,
        "num_train_timesteps": 1000, "trained_betas": None, "variance_type": "fixed_large"})
    write_json(folder / "model_index.json", {
        "_class_name": "DDPMPipeline", "_diffusers_version": "0.0.4",
        "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]})

    x, t = torch.randn(BATCH, 1, SIDE, SIDE), torch.tensor([3, 700])
    with torch.no_grad():
        output = model(x, t).sample
        reread = UNet2DModel.from_pretrained(folder).eval()
        assert torch.equal(reread(x, t).sample, output), "diffusers does not read the old names"
    return {"x": x, "noise": t.float(), "output": output}, {"old_names": json.dumps(OLD_NAMES)}


def old_name(key: str) -> str:
    for new, old in OLD_NAMES.items():
        key = key.replace(f".{new}.", f".{old}.")
    return key


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
