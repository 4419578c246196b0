"""Looks at a student between steps of `train`: reciprocal rank on hold-out lists, nDCG@10 on the development list, no shipped file needed."""
from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .encoder import Trunk, base_tokenizer, sentence_vector
from .interaction import length_free, soft_maxsim, stacked
from .lists import lists
from .ndcg import ndcg, order
from .vectors import batches, padded, tokenized

LENGTH_SHARE = 0.4


@torch.no_grad()
def vectors_of(trunk: Trunk, axes: Tensor, ids: list[list[int]]) -> tuple[list[np.ndarray], np.ndarray]:
    """Projected token vectors without specials, and sentence vectors, in float32."""
    tokens: list[np.ndarray] = [np.empty((0, 0), np.float32)] * len(ids)
    sentences = np.zeros((len(ids), trunk.shape.width), np.float32)
    device = next(trunk.parameters()).device
    for group in batches(ids, 3000):
        table, mask = padded([ids[i] for i in group], device)
        hidden = trunk(table, mask)
        sentences[group] = sentence_vector(hidden, mask).cpu().numpy()
        small = F.normalize(hidden @ axes.T, dim=-1).cpu().numpy()
        for row, i in enumerate(group):
            tokens[i] = small[row, 1 : len(ids[i]) - 1].copy()
    return tokens, sentences


class Checks:
    """Fixed samples: some hold-out lists, and the best `depth` texts of `most` dl21 lists (ideal: all judged texts)."""

    def __init__(self, holdouts: list[tuple[list[int], list[list[int]]]], depth: int = 40, most: int | None = None) -> None:
        self.holdouts, self.depth = holdouts, depth
        tokenizer = base_tokenizer()
        self.rows = lists("dl21_bm25")[:most]
        self.asked = tokenized(tokenizer, [row.query for row in self.rows], 64)
        self.texts = [tokenized(tokenizer, row.texts[:depth], 160) for row in self.rows]

    @torch.no_grad()
    def figures(self, trunk: Trunk, axes: Tensor) -> dict[str, float]:
        """Means over the lists of late interaction and of cosine."""
        late, cosine = [], []
        for asked, texts in self.holdouts:
            a, b = self._scores(trunk, axes, asked, texts)
            late.append(1 / (1 + int((a[1:] >= a[0]).sum())))
            cosine.append(1 / (1 + int((b[1:] >= b[0]).sum())))
        dl_late, dl_cosine = [], []
        for row, asked, texts in zip(self.rows, self.asked, self.texts, strict=True):
            grades = row.grades[: self.depth]
            a, b = self._scores(trunk, axes, asked, texts)
            dl_late.append(ndcg([grades[i] for i in order(list(a))], row.ideal))
            dl_cosine.append(ndcg([grades[i] for i in order(list(b))], row.ideal))
        names = ("holdout_late", "holdout_cosine", "dl21_late", "dl21_cosine")
        return {name: round(float(np.mean(found)), 4) for name, found in zip(names, (late, cosine, dl_late, dl_cosine), strict=True)}

    def _scores(self, trunk: Trunk, axes: Tensor, asked: list[int], texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        tokens, sentences = vectors_of(trunk, axes, [asked, *texts])
        q, qm = stacked([tokens[0]])
        t, tm = stacked(tokens[1:])
        late = length_free(soft_maxsim(q, qm, t, tm), tm, LENGTH_SHARE)[0].numpy()
        return late, sentences[1:] @ sentences[0]
