"""A ranker: the linear head over features, its fit on labelled lists, and its scores."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .features import FEATURES
from .ndcg import ndcg, order
from .tables import Table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Head:
    """logit = bias + sum of weights * (feature - mean) / scale."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float = 0.0

    def logits(self, table: Array) -> Array:
        columns = table[:, [FEATURES.index(name) for name in self.features]]
        return self.bias + ((columns - np.array(self.mean)) / np.array(self.scale)) @ np.array(self.weights)

    def entry(self) -> dict[str, Any]:
        return {
            "features": list(self.features),
            "mean": [round(x, 6) for x in self.mean],
            "scale": [round(x, 6) for x in self.scale],
            "weights": [round(x, 6) for x in self.weights],
            "bias": round(self.bias, 6),
        }


def standard(features: Sequence[str], tables: Sequence[Table]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means over all texts, and standard deviations within lists, of the features."""
    columns = [FEATURES.index(name) for name in features]
    mean = np.concatenate([table.features[:, columns] for table in tables]).mean(axis=0)
    scale = np.mean([table.features[:, columns].std(axis=0) for table in tables], axis=0)
    return tuple(map(float, mean)), tuple(map(float, scale))


def fit(features: Sequence[str], tables: Sequence[Table], ridge: float = 0.02) -> Head:
    """Conditional logit: the weights under which the relevant texts of every list are the likeliest."""
    mean, scale = standard(features, tables)
    plain = Head(tuple(features), mean, scale, tuple([0.0] * len(mean)))
    rows = []
    for table in tables:
        relevant = np.asarray(table.grades) > 0
        if relevant.any() and not relevant.all():
            columns = table.features[:, [FEATURES.index(name) for name in features]]
            rows.append(((columns - np.array(mean)) / np.array(scale), relevant))

    def loss(weights: Array) -> float:
        total = 0.0
        for x, relevant in rows:
            z = x @ weights
            total += np.logaddexp.reduce(z) - np.logaddexp.reduce(z[relevant])
        return total / len(rows) + ridge * float(weights @ weights)

    found = minimize(loss, np.zeros(len(mean)), method="L-BFGS-B")
    return Head(plain.features, mean, scale, tuple(map(float, found.x)))


def ndcgs(head: Head, tables: Sequence[Table], first_stage: float = 0.0) -> list[float]:
    """nDCG@10 of every list; with `first_stage`, of the fusion of FEATURES.md, section 5."""
    values = []
    for table in tables:
        scores = head.logits(table.features)
        if first_stage:
            scores = standardized(scores) + first_stage * standardized(table.scores)
        values.append(ndcg([table.grades[i] for i in order(list(scores))], table.ideal))
    return values


def standardized(values: Array) -> Array:
    """z-scores over one list; zeros where all are equal."""
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
