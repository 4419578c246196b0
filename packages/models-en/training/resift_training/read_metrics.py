"""SQuAD 2 measures: exact match, token F1, no-answer recall; expected calibration error; AUROC."""

import re
import string
from collections import Counter

import numpy as np


def normalise(text: str) -> str:
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(predicted: str, expected: str) -> float:
    a, b = normalise(predicted).split(), normalise(expected).split()
    if not a or not b:
        return float(a == b)
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else 0.0


def best_f1(predicted: str, answers: list[str]) -> float:
    """F1 of a prediction ("" = no answer) against the best of the answers (none = unanswerable)."""
    return max((f1(predicted, answer) for answer in answers), default=float(not predicted))


def read_figures(rows: list[dict], texts: list[str], probabilities: list[float], threshold: float) -> dict:
    """Percentages: F1 over all, F1 and exact over answerable, no-answer recall; predictions under the threshold abstain.

    `forced`: F1 over the answerable questions with the threshold off.
    """
    final = [text if p >= threshold else "" for text, p in zip(texts, probabilities)]
    answers = [[answer["text"] for answer in row["answers"]] for row in rows]
    scores = [best_f1(text, found) for text, found in zip(final, answers)]
    has = [score for score, found in zip(scores, answers) if found]
    none = [score for score, found in zip(scores, answers) if not found]
    exact = [max(normalise(t) == normalise(a) for a in found) for t, found in zip(final, answers) if found]
    forced = [best_f1(text, found) for text, found in zip(texts, answers) if found]
    percent = lambda values: round(100 * float(np.mean(values)), 1) if values else None  # noqa: E731
    return {
        "rows": len(rows), "f1": percent(scores), "f1_answerable": percent(has), "exact_answerable": percent(exact),
        "no_answer_recall": percent(none), "f1_answerable_forced": percent(forced),
    }


def calibration_error(probabilities, outcomes, bins: int = 10) -> float:
    """Expected calibration error: equal-width bins, mean |outcome - probability| weighted by bin size."""
    p, y = np.asarray(probabilities, float), np.asarray(outcomes, float)
    index = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(y[index == b].mean() - p[index == b].mean()) * (index == b).mean() for b in set(index)))


def auroc(scores, labels) -> float:
    """Area under the ROC curve; ties count half."""
    scores, labels = np.asarray(scores, float), np.asarray(labels, int)
    positive, negative = int(labels.sum()), int((1 - labels).sum())
    if not positive or not negative:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def interval(function, *columns, rounds: int = 300, seed: int = 7) -> tuple[float, float]:
    """95 % bootstrap interval of function(*columns) over rows."""
    rng, arrays = np.random.default_rng(seed), [np.asarray(column) for column in columns]
    size = len(arrays[0])
    found = [function(*(a[chosen] for a in arrays)) for chosen in (rng.integers(0, size, size) for _ in range(rounds))]
    return tuple(round(float(x), 3) for x in np.nanpercentile(found, [2.5, 97.5]))
