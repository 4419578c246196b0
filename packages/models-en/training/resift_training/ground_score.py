"""Claims against contexts: the neural logit by windows and the features of the final score (FEATURES-GROUND.md)."""

import math

import numpy as np

from .ground_features import NAMES, best_windows, lexical_features
from .read_decode import run_windows
from .read_encoding import encode_texts, windows_of

MAX_TOKENS, STRIDE, MAX_WINDOWS = 256, 64, 8


def neural_logits(
    model, tokenizer, pairs: list[tuple[str, str]], max_tokens: int = MAX_TOKENS, stride: int = STRIDE
) -> tuple[list[float], list[int]]:
    """For each (claim, context): the greatest ground logit over its best 8 windows, and how many windows were run."""
    claims = encode_texts(tokenizer, [claim for claim, _ in pairs])
    contexts = encode_texts(tokenizer, [context for _, context in pairs])
    groups = []
    for (claim, context), a, b in zip(pairs, claims, contexts):
        groups.append(best_windows(claim, context, b, windows_of(a, b, max_tokens, stride), MAX_WINDOWS))
    outputs = iter(run_windows(model, [item for group in groups for item in group]))
    return [max(float(next(outputs)[3]) for _ in group) for group in groups], [len(group) for group in groups]


def feature_rows(pairs: list[tuple[str, str]], logits: list[float], windows: list[int]) -> np.ndarray:
    """[pairs, features] in the order of NAMES."""
    rows = []
    for (claim, context), logit, count in zip(pairs, logits, windows):
        found = {**lexical_features(claim, context), "neural": logit, "windows": math.log(count)}
        rows.append([found[name] for name in NAMES])
    return np.array(rows, dtype=np.float64)
