"""Encoding many texts: token vectors and sentence vectors of a trunk, sorted by length, in the order given."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .encoder import Trunk, sentence_vector

QUERY_TOKENS = 64
DOCUMENT_TOKENS = 256


@dataclass
class Encoded:
    """Token vectors (specials dropped, L2-normalised) and sentence vectors of texts."""

    tokens: list[NDArray[np.float32]]
    sentences: NDArray[np.float32]
    ids: list[list[int]]


def batches(ids: Sequence[Sequence[int]], budget: int) -> Iterable[list[int]]:
    """Positions grouped by length so that a padded batch stays within `budget` tokens."""
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    group: list[int] = []
    for i in order:
        if group and (len(group) + 1) * len(ids[i]) > budget:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def padded(ids: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask, zero-padded to the longest."""
    longest = max(len(row) for row in ids)
    table = torch.zeros(len(ids), longest, dtype=torch.long)
    mask = torch.zeros(len(ids), longest, dtype=torch.long)
    for i, row in enumerate(ids):
        table[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return table.to(device), mask.to(device)


def tokenized(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Ids with [CLS] and [SEP], cut to `max_tokens` in all."""
    tokenizer.enable_truncation(max_tokens)
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


@torch.no_grad()
def encode(
    trunk: Trunk,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    max_tokens: int,
    project: Callable[[torch.Tensor], torch.Tensor] | None = None,
    budget: int = 4096,
    progress: Callable[[int], None] | None = None,
) -> Encoded:
    """Encodes `texts` in bf16 autocast; `project` maps hidden states to the stored token space before normalising."""
    ids = tokenized(tokenizer, texts, max_tokens)
    device = next(trunk.parameters()).device
    found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(ids)
    sentences = np.zeros((len(ids), trunk.shape.width), np.float32)
    done = 0
    for group in batches(ids, budget):
        table, mask = padded([ids[i] for i in group], device)
        with torch.autocast(device.type, torch.bfloat16):
            hidden = trunk(table, mask).float()
        sentences[group] = sentence_vector(hidden, mask).cpu().numpy()
        vectors = F.normalize(hidden if project is None else project(hidden), dim=-1).cpu().numpy()
        for row, i in enumerate(group):
            found[i] = vectors[row, 1 : len(ids[i]) - 1].copy()
        done += len(group)
        if progress:
            progress(done)
    return Encoded(found, sentences, ids)


def snapped(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """A text's token vectors [n, d] on the int8 grid that stores keep (FEATURES.md, section 2): fresh and stored texts score alike."""
    table = np.asarray(vectors, np.float32)
    step = np.abs(table).max(axis=1, keepdims=True, initial=0) / np.float32(127)
    grid = np.rint(np.divide(table, step, out=np.zeros_like(table), where=step > 0))
    return np.clip(grid, -127, 127) * step


def maxsim(query: NDArray[np.float32], text: NDArray[np.float32], weights: NDArray[np.float32] | None = None) -> float:
    """(Weighted) mean over query tokens of the best dot product with a text token; 0 when either is empty."""
    if len(query) == 0 or len(text) == 0:
        return 0.0
    best = (query @ text.T).max(axis=1)
    return float(best.mean() if weights is None else (best * weights).sum() / max(weights.sum(), 1e-9))
