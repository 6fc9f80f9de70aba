"""Rescaled classifier-free guidance as diffusers computes it, whatever the network predicts."""

import torch
from common import Tensors
from diffusers.guiders import ClassifierFreeGuidance
from reference_process import double_schedules

SHAPE = (2, 3, 4, 2)
TIMESTEPS = [20, 500, 980]


def guidance() -> Tensors:
    """x̂_0 and ε̂ of guided outputs of networks that predict ε, x_0 and v, at three levels."""
    torch.manual_seed(61)
    alpha_bars = double_schedules()["linear.alpha_bars.f64"][TIMESTEPS]
    level = (len(TIMESTEPS), 1, 1, 1, 1)
    alpha, sigma = alpha_bars.sqrt(), (1 - alpha_bars).sqrt()
    x, conditional, unconditional = torch.randn(3, len(TIMESTEPS), *SHAPE)
    # Spreads that differ from sample to sample.
    unconditional = unconditional * torch.linspace(0.4, 1.5, 2).reshape(1, 2, 1, 1, 1) + 0.3
    out: Tensors = {
        "x": x, "conditional": conditional, "unconditional": unconditional, "alpha": alpha,
        "sigma": sigma}
    x, conditional, unconditional = x.double(), conditional.double(), unconditional.double()
    alpha, sigma = alpha.reshape(level), sigma.reshape(level)
    for scale in (2.0, 7.5):
        for phi in (0.0, 0.3, 0.7, 1.0):
            guided = ClassifierFreeGuidance(scale, guidance_rescale=phi)
            # One level at a time: the first dimension is the batch.
            pred = torch.stack([
                guided.forward(*pair).pred for pair in zip(conditional, unconditional)])
            for predicted, x0, epsilon in (
                ("epsilon", (x - sigma * pred) / alpha, pred),
                ("x0", pred, (x - alpha * pred) / sigma),
                ("v", alpha * x - sigma * pred, sigma * x + alpha * pred),
            ):
                out[f"{predicted}.{scale}.{phi}.x0"] = x0
                out[f"{predicted}.{scale}.{phi}.epsilon"] = epsilon
    return out
