"""Hard negatives: BM25 and the encoder over the training passages, with likely false ones dropped."""
from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from .lexical import B, K1, terms


def bm25_neighbours(queries: Sequence[str], passages: Sequence[str], k: int) -> NDArray[np.int32]:
    """The k best passages of every query by BM25, best first."""
    index = bm25s.BM25(k1=K1, b=B)
    index.index([terms(text) for text in passages], show_progress=False)
    found, _ = index.retrieve([terms(query) for query in queries], k=k, show_progress=False)
    return np.asarray(found, np.int32)


def dense_neighbours(queries: NDArray[np.float16], passages: NDArray[np.float16], k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The k best passages of every query by cosine, and the cosines."""
    table = passages.astype(np.float32).T
    found, scores = np.empty((len(queries), k), np.int32), np.empty((len(queries), k), np.float32)
    for start in range(0, len(queries), 512):
        cosines = queries[start : start + 512].astype(np.float32) @ table
        top = np.argpartition(-cosines, k, axis=1)[:, :k]
        values = np.take_along_axis(cosines, top, 1)
        order = np.argsort(-values, axis=1)
        found[start : start + 512] = np.take_along_axis(top, order, 1)
        scores[start : start + 512] = np.take_along_axis(values, order, 1)
    return found, scores


def mined(
    positives: Sequence[int], bm25: NDArray[np.int32], dense: NDArray[np.int32], scores: NDArray[np.float32], sentences: tuple[NDArray[np.float16], NDArray[np.float16]], margin: float, wanted: int
) -> list[list[int]]:
    """Up to `wanted` negatives of every query, alternating dense and BM25; one as close to the query as the positive (minus `margin`) counts as false."""
    queries, passages = sentences
    found: list[list[int]] = []
    for i, positive in enumerate(positives):
        bar = float(queries[i].astype(np.float32) @ passages[positive].astype(np.float32)) - margin
        near = [int(p) for p, s in zip(dense[i], scores[i], strict=True) if p != positive and s < bar]
        words = [int(p) for p in bm25[i] if p != positive and float(queries[i].astype(np.float32) @ passages[p].astype(np.float32)) < bar]
        mixed = [p for pair in zip(near, words, strict=False) for p in pair] or near or words
        found.append(list(dict.fromkeys(mixed))[:wanted])
    return found
