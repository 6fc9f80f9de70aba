"""What layers inside a network compute: outputs and attention weights of diffusers' U-Net."""

import torch
from catalogue import small_networks
from common import Tensors
from reference_models import test_weights
from torch import Tensor, nn

# A network with several heads, a convolution in it, and two of its attention layers.
NETWORK = "unet2d-b"
CONVOLUTION = "down_blocks.1.resnets.0.conv1"
ATTENTIONS = ("down_blocks.2.attentions.0", "mid_block.attentions.0")


def captures() -> Tensors:
    """Outputs in evaluation for the x and noise of the network's own fixture."""
    case = next(case for case in small_networks() if case.name == NETWORK)
    model = case.build()
    test_weights(model, case.seed + 1)
    x = torch.randn(case.shape)
    out: Tensors = {"x": x, "noise": case.noise}
    modules = dict(model.named_modules())

    def keep(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        out[CONVOLUTION] = output

    modules[CONVOLUTION].register_forward_hook(keep)
    for name in ATTENTIONS:
        modules[name].register_forward_hook(
            lambda module, given, output, name=name: out.update({name: weights(module, given[0])}))
    model.eval()
    with torch.no_grad():
        case.call(model, x, case.noise, None)
    return out


def weights(attention: nn.Module, hidden: Tensor) -> Tensor:
    """softmax(QKᵀ/√d) of a layer's input, (batch, heads, queries, keys)."""
    batch, channels, height, width = hidden.shape
    rows = attention.group_norm(hidden.view(batch, channels, height * width)).transpose(1, 2)
    query = attention.head_to_batch_dim(attention.to_q(rows))
    key = attention.head_to_batch_dim(attention.to_k(rows))
    scores = attention.get_attention_scores(query, key)
    return scores.view(batch, attention.heads, height * width, height * width)
