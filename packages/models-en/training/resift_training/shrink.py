"""A small student cut from the base encoder: some layers, and in them the heads and neurons that contribute most; the width stays."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from .encoder import Layer, Shape, Trunk
from .vectors import padded


def contributions(layer: Layer, x: Tensor) -> tuple[Tensor, Tensor]:
    """How much every head and every neuron adds to the layer's output on these inputs."""
    head = layer.query.out_features // layer.heads
    values = layer.value(x).view(*x.shape[:2], layer.heads, head)
    weight = layer.output.weight.view(-1, layer.heads, head)
    heads = torch.einsum("bshd,ohd->bsho", values.mean(1, keepdim=True), weight).norm(dim=-1).mean((0, 1))
    hidden = F.gelu(layer.up(x))
    neurons = hidden.pow(2).mean((0, 1)).sqrt() * layer.down.weight.norm(dim=0)
    return heads, neurons


@torch.no_grad()
def shrunk(trunk: Trunk, layers: Sequence[int], heads: int, inner: int, ids: Sequence[Sequence[int]]) -> Trunk:
    """`layers` of `trunk` with `heads` of its heads and `inner` of its neurons each, chosen on sample texts."""
    old: Shape = trunk.shape
    head = old.width // old.heads
    small = Trunk(replace(old, layers=len(layers), heads=heads, inner=inner, attention=heads * head))
    for part in ("words", "positions", "kinds", "norm"):
        getattr(small, part).load_state_dict(getattr(trunk, part).state_dict())
    table, mask = padded(ids)
    states = trunk.states(table, mask)
    for new, index in zip(small.layers, layers, strict=True):
        layer = trunk.layers[index]
        by_head, by_neuron = contributions(layer, states[index])
        kept = by_head.topk(heads).indices.sort().values
        rows = (kept[:, None] * head + torch.arange(head)).reshape(-1)
        neurons = by_neuron.topk(inner).indices.sort().values
        for name in ("query", "key", "value"):
            getattr(new, name).weight.copy_(getattr(layer, name).weight[rows])
            getattr(new, name).bias.copy_(getattr(layer, name).bias[rows])
        new.output.weight.copy_(layer.output.weight[:, rows])
        new.output.bias.copy_(layer.output.bias)
        new.up.weight.copy_(layer.up.weight[neurons])
        new.up.bias.copy_(layer.up.bias[neurons])
        new.down.weight.copy_(layer.down.weight[:, neurons])
        new.down.bias.copy_(layer.down.bias)
        new.norm_attention.load_state_dict(layer.norm_attention.state_dict())
        new.norm_output.load_state_dict(layer.norm_output.state_dict())
    return small
