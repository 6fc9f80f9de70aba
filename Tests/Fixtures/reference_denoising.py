"""PSNR, SSIM and the denoisers of scikit-image: total variation and non-local means."""

import numpy as np
import torch
from common import Tensors
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

Array = np.ndarray
# Channels, height, width; the last has a side of fewer pixels than a window of 7.
SHAPES = {"grey": (1, 14, 14), "rgb": (3, 12, 15), "small": (1, 6, 9)}
NOISE = (0.1, 0.4, 1.0)
# Patch sides and reaches of non-local means.
PATCHES = ((5, 6), (3, 4))


def picture(channels: int, height: int, width: int) -> Array:
    """A disc before a ramp, from −1 to 1, as channels last."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    disc = ((y - height * 0.45) ** 2 + (x - width * 0.55) ** 2 < (min(height, width) * 0.3) ** 2) * 1.5
    planes = [disc + (x if channel % 2 else y) / (8 + 4 * channel) - 1 for channel in range(channels)]
    return np.clip(np.stack(planes, axis=-1), -1, 1)


def denoising() -> Tensors:
    rng = np.random.default_rng(0)
    out: dict[str, Array] = {}
    for name, shape in SHAPES.items():
        clean = picture(*shape).astype(np.float32)
        out[f"{name}.clean"] = clean
        for sigma in NOISE:
            case = f"{name}.{sigma}"
            noisy = (clean + sigma * rng.standard_normal(clean.shape)).astype(np.float32)
            out[f"{case}.noisy"] = noisy
            clean64, noisy64 = clean.astype(np.float64), noisy.astype(np.float64)
            side = min(7, *(length - 1 + length % 2 for length in clean.shape[:2]))
            out[f"{case}.psnr"] = np.array(peak_signal_noise_ratio(clean64, noisy64, data_range=2))
            if min(clean.shape[:2]) >= 7:
                out[f"{case}.ssim"] = np.array(
                    structural_similarity(
                        clean64, noisy64, win_size=side, data_range=2, channel_axis=-1))
            for factor in (0.3, 1.0):
                out[f"{case}.tv.{factor}"] = denoise_tv_chambolle(
                    noisy64, weight=factor * sigma, channel_axis=-1)
            for patch, reach in PATCHES:
                for known in (0.0, sigma):
                    out[f"{case}.nlm.{patch}.{reach}.{known}"] = non_local_means(
                        noisy64, patch, reach, 0.8 * sigma, known)
    return {name: to_torch(array) for name, array in out.items()}


def to_torch(array: Array) -> torch.Tensor:
    """Images as (channels, height, width)."""
    return torch.from_numpy(array.transpose(2, 0, 1) if array.ndim == 3 else array)


def non_local_means(image: Array, patch: int, reach: int, h: float, sigma: float) -> Array:
    """The formula of scikit-image's slow mode, which is asserted to be near it.

    It approximates the exponential to 4 % and leaves out weights that a first part of a patch's rows says are
    below e⁻⁵.
    """
    height, width, channels = image.shape
    margin = patch // 2
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    offsets = np.arange(-margin, margin + 1)
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * ((patch - 1) / 4) ** 2))
    kernel = kernel[..., None] / (kernel.sum() * channels * h * h)
    patches = np.lib.stride_tricks.sliding_window_view(padded, (patch, patch), axis=(0, 1))
    patches = patches.transpose(0, 1, 3, 4, 2)
    out = np.zeros_like(image)
    for y in range(height):
        for x in range(width):
            rows = slice(max(0, y - reach), min(height, y + reach + 1))
            columns = slice(max(0, x - reach), min(width, x + reach + 1))
            squares = (patches[rows, columns] - patches[y, x]) ** 2 - 2 * sigma**2
            weights = np.exp(-np.maximum((kernel * squares).sum(axis=(2, 3, 4)), 0))
            out[y, x] = (weights[..., None] * image[rows, columns]).sum(axis=(0, 1)) / weights.sum()
    library = denoise_nl_means(
        image, patch, reach, h, fast_mode=False, sigma=sigma, preserve_range=True, channel_axis=-1)
    # A single channel comes back without its axis.
    difference = np.sqrt(((out - library.reshape(image.shape)) ** 2).mean())
    assert difference < 0.1 * h, (difference, h)
    return out
