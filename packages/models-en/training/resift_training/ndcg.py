"""nDCG@10 as trec_eval computes it (linear gain), and bootstrap intervals over queries."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def ndcg(ranked: Sequence[int], ideal: Sequence[int], cut: int = 10) -> float:
    """nDCG of grades in ranked order against the grades of all judged documents."""
    discount = 1 / np.log2(np.arange(2, cut + 2))
    gain = np.asarray(ranked[:cut], float)
    best = np.asarray(sorted(ideal, reverse=True)[:cut], float)
    top = float((best * discount[: len(best)]).sum())
    return float((gain * discount[: len(gain)]).sum()) / top if top > 0 else 0.0


def order(scores: Sequence[float]) -> list[int]:
    """Positions by descending score, equals in input order."""
    return [int(i) for i in np.argsort(-np.asarray(scores, float), kind="stable")]


def interval(values: Sequence[float], rounds: int = 1000, seed: int = 7) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over queries."""
    data = np.asarray(values, float)
    picks = np.random.default_rng(seed).integers(0, len(data), (rounds, len(data)))
    low, high = np.quantile(data[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
