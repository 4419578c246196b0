"""Platt scaling and the expected calibration error."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def platt(logits: Array, labels: Array) -> tuple[float, float]:
    """a and b of sigmoid(a * logit + b) by maximum likelihood, with Platt's smoothed targets."""
    positives, negatives = labels.sum(), len(labels) - labels.sum()
    targets = np.where(labels > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Array) -> float:
        z = parameters[0] * logits + parameters[1]
        return float(np.mean(np.logaddexp(0, z) - targets * z))

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def calibration_error(probabilities: Array, labels: Array, bins: int = 15) -> float:
    """Expected calibration error over equal-width bins."""
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    total = 0.0
    for b in range(bins):
        inside = place == b
        if inside.any():
            total += inside.mean() * abs(probabilities[inside].mean() - labels[inside].mean())
    return float(total)


def reliability(probabilities: Array, labels: Array, edges: Sequence[float] = (0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0001)) -> list[tuple[float, float, int]]:
    """(mean probability, observed share, count) of each range of probabilities."""
    rows = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = (probabilities >= low) & (probabilities < high)
        if inside.any():
            rows.append((float(probabilities[inside].mean()), float(labels[inside].mean()), int(inside.sum())))
    return rows
