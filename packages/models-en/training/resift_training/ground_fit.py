"""The logistic combination of the neural logit with lexical evidence: weights with known signs, Platt's a and b out of fold."""

import hashlib
from collections import Counter

import numpy as np
from scipy.optimize import minimize

from .read_calibrate import logistic
from .read_rows import squeeze

SIGNS = {"neural": 1, "overlap": 1, "sentence": 1, "pairs": 1, "numbers": 1, "names": 1, "negation": -1}
"""Evidence never counts against a claim: without this, sets of adversarial edits turned overlap's weight negative."""
MADE_WEIGHT, FOLDS = 0.5, 5


def set_weights(rows: list[dict], shares: dict[str, float] | None = None) -> np.ndarray:
    """Each human set weighs the same, at least as if it had 60 rows, times its share; made sets half of that."""
    counts = Counter(row["set"] for row in rows)
    made = lambda row: MADE_WEIGHT if row["kind"] != "human" else (shares or {}).get(row["set"], 1.0)  # noqa: E731
    each = [made(row) / max(60, counts[row["set"]]) for row in rows]
    return np.array(each) * len(rows) / sum(each)


def signed_logistic(x: np.ndarray, y: np.ndarray, w: np.ndarray, names: list[str], decay: float = 1e-3):
    """(weights, bias) of a logistic regression whose weights keep the signs of SIGNS."""

    def loss(beta):
        z = x @ beta[:-1] + beta[-1]
        p = 1 / (1 + np.exp(-np.clip(z, -500, 500)))
        value = float((w * (np.logaddexp(0, z) - y * z)).sum() / w.sum() + decay * np.square(beta[:-1]).sum())
        slope = x.T @ (w * (p - y)) / w.sum() + 2 * decay * beta[:-1]
        return value, np.append(slope, (w * (p - y)).sum() / w.sum())

    limits = [{1: (0, None), -1: (None, 0)}.get(SIGNS.get(name, 0), (None, None)) for name in names]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=[*limits, (None, None)])
    return found.x[:-1], float(found.x[-1])


def folds(rows: list[dict]) -> np.ndarray:
    """The fold of each row, from its context alone: no context is in two."""
    return np.array([hashlib.sha256(squeeze(row["context"]).encode("utf-8")).digest()[2] % FOLDS for row in rows])


def combine(rows: list[dict], x: np.ndarray, names: list[str], shares: dict[str, float] | None = None, decay: float = 1e-3):
    """(the manifest's numbers, out-of-fold probabilities). Platt on out-of-fold logits of human rows."""
    y, weight, place = np.array([float(row["label"]) for row in rows]), set_weights(rows, shares), folds(rows)
    mean, scale = x.mean(0), np.maximum(x.std(0), 1e-6)
    z, logits = (x - mean) / scale, np.zeros(len(rows))
    for fold in range(FOLDS):
        inside = place == fold
        weights, bias = signed_logistic(z[~inside], y[~inside], weight[~inside], names, decay)
        logits[inside] = z[inside] @ weights + bias
    human = np.array([row["kind"] == "human" for row in rows])
    a, b = logistic(logits[human][:, None], y[human], decay=0.0)
    weights, bias = signed_logistic(z, y, weight, names, decay)
    rounded = lambda values: [round(float(value), 6) for value in values]  # noqa: E731
    entry = {"mean": rounded(mean), "scale": rounded(scale), "weights": rounded(weights), "bias": round(bias, 6),
             "calibration": {"kind": "platt", "a": round(float(a[0]), 6), "b": round(b, 6)}}
    return entry, 1 / (1 + np.exp(-(float(a[0]) * logits + b)))
