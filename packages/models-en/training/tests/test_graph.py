"""The exported graph: equal to PyTorch in float32, close in int8, and no score depends on a neighbour."""
from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from resift_training.encoder import Shape, Trunk, base_tokenizer, base_trunk, sentence_vector
from resift_training.encoder_graph import encoder_model
from resift_training.session import OnnxEncoder, open_session
from resift_training.vectors import padded

TEXTS = ["How do I repair a bicycle chain?", "The tide rises twice a day; the moon pulls the water.", "Yeast."]


def ids() -> list[list[int]]:
    return [encoding.ids for encoding in base_tokenizer(64).encode_batch(TEXTS)]


@pytest.mark.parametrize("trunk", [base_trunk(), Trunk(Shape(layers=2, heads=6, inner=256, attention=192)).eval()], ids=["base", "narrow"])
def test_float32_equals_pytorch_with_padding(trunk: Trunk) -> None:
    heads = {"tokens.weight": torch.randn(128, 384, generator=torch.Generator().manual_seed(1)).half().float()}
    table, mask = padded(ids())
    with torch.no_grad():
        hidden = trunk.half().float()(table, mask)
    session = open_session(encoder_model(trunk, heads, "float32"))
    tokens, sentence = session.run(["token_vectors", "sentence_vector"], {"input_ids": table.numpy(), "attention_mask": mask.numpy()})
    wanted = F.normalize(hidden @ heads["tokens.weight"].T, dim=-1)
    assert np.abs((tokens - wanted.numpy())[mask.bool().numpy()]).max() < 1e-4
    assert np.abs(sentence - sentence_vector(hidden, mask).numpy()).max() < 1e-4


def test_int8_is_close_and_repeats_exactly_whatever_ran_before() -> None:
    trunk = base_trunk()
    exact = OnnxEncoder(encoder_model(trunk, {}, "float32"), 1).encode(TEXTS, 64)
    encoder = OnnxEncoder(encoder_model(trunk, {}, "int8"), 2)
    first, again = encoder.encode(TEXTS, 64), encoder.encode(TEXTS[::-1] * 3, 64)
    for i, table in enumerate(first.tokens):
        assert (table * exact.tokens[i]).sum(1).mean() > 0.97
        assert np.array_equal(table, again.tokens[len(TEXTS) - 1 - i])
