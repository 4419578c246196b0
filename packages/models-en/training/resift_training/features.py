"""The features of a ranker for one query and its texts, as FEATURES.md defines them."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .lexical import Lexicon, terms
from .vectors import Encoded, snapped

FEATURES = ("maxsim", "softmaxsim", "cosine", "length", "lexical", "coverage", "lexical_long")
SHARPNESS = 12.0
SHORT, LONG, TYPICAL = 10, 14, 0.45
"""A query of up to SHORT terms is a short one, from LONG on a long one; TYPICAL is the usual `lexical` of a candidate for a long one."""


def longness(query: str) -> float:
    """0 for a short query, 1 for a long one: in the mean over many tokens the few rare words that decide are lost, so words count more."""
    return min(1.0, max(0.0, (len(terms(query)) - SHORT) / (LONG - SHORT)))


def coverage(lexicon: Lexicon, query: str, text: str) -> float:
    """Share of the query's idf whose terms occur in the text."""
    asked, there = set(terms(query)), set(terms(text))
    total = sum(lexicon.idf(term) for term in asked)
    return sum(lexicon.idf(term) for term in asked if term in there) / total if total else 0.0


def similarity_features(query: NDArray[np.float32], text: NDArray[np.float32]) -> tuple[float, float]:
    """`maxsim` and `softmaxsim`."""
    if len(query) == 0 or len(text) == 0:
        return 0.0, 0.0
    table = query.astype(np.float32) @ text.astype(np.float32).T
    best = table.max(axis=1).astype(np.float64)
    soft = best + np.log(np.exp(SHARPNESS * (table - best[:, None])).sum(axis=1)) / SHARPNESS
    return float(best.mean()), float(soft.mean())


def feature_table(query: str, texts: Sequence[str], asked: Encoded, at: int, found: Encoded, rows: Sequence[int], lexicon: Lexicon) -> NDArray[np.float64]:
    """[texts, FEATURES] for query number `at` of `asked` and texts at `rows` of `found`; the texts' token vectors are snapped to their grid."""
    table = np.zeros((len(rows), len(FEATURES)))
    long = longness(query)
    for k, (text, row) in enumerate(zip(texts, rows, strict=True)):
        hard, soft = similarity_features(asked.tokens[at], snapped(found.tokens[row]))
        cosine = float(asked.sentences[at].astype(np.float64) @ found.sentences[row].astype(np.float64))
        length = np.log(len(found.tokens[row]) + 16)
        lexical = lexicon.score(query, text)
        table[k] = hard, soft, cosine, length, lexical, coverage(lexicon, query, text), long * (lexical - TYPICAL)
    return table


