"""The claim model's parts: lexical features, made claims, windows."""

import math
import random

import numpy as np
import pytest

from resift_training import ground_features
from resift_training.ground_features import best_windows, lexical_features, sentence_texts
from resift_training.ground_fit import combine, folds
from resift_training.ground_synthetic import answer_claim, corrupted, negated, shortened, with_other_number
from resift_training.lexical import Lexicon
from resift_training.read_encoding import Text, windows_of


@pytest.fixture(autouse=True)
def small_lexicon(monkeypatch):
    monkeypatch.setattr(ground_features, "lexicon", lambda: Lexicon(1000, 50, {"the": 900, "was": 700}))


CONTEXT = "The Orlova lighthouse was built in 1884. It is not open to visitors.\nPiotr Wenk built it."


def test_features():
    found = lexical_features("Orlova lighthouse built in 1885 by Anna Wenk", CONTEXT)
    assert found["numbers"] == 0 and found["names"] == 0.5 and found["negation"] == 0
    assert 0 < found["sentence"] <= found["overlap"] < 1 and found["length"] == pytest.approx(math.log(9))
    assert found["pairs"] == pytest.approx(2 / 7)
    whole = lexical_features("The Orlova lighthouse was built in 1884.", CONTEXT)
    assert whole["overlap"] == whole["sentence"] == whole["pairs"] == whole["numbers"] == whole["names"] == 1
    assert lexical_features("", CONTEXT)["overlap"] == 0 and lexical_features("x", "")["sentence"] == 0


def test_negation_and_sentences():
    assert lexical_features("It is open to visitors", CONTEXT)["negation"] == 1
    assert lexical_features("It isn't open to visitors", CONTEXT)["negation"] == 0
    assert "".join(sentence_texts(CONTEXT)) == CONTEXT and len(sentence_texts(CONTEXT)) == 3


def test_the_windows_with_the_claim_are_kept_in_order():
    words = ["filler"] * 60 + ["amber", "falcon"] + ["filler"] * 60
    context = " ".join(words)
    places, at = [], 0
    for word in words:
        places.append((at, at + len(word)))
        at += len(word) + 1
    text, claim = Text(list(range(len(words))), places), Text([1, 2], [(0, 1), (1, 2)])
    windows = windows_of(claim, text, 25, 5)
    kept = best_windows("amber falcon", context, text, windows, 3)
    assert len(kept) == 3 and [item.first for item in kept] == sorted(item.first for item in kept)
    assert any(item.first <= 60 and item.first + item.count > 61 for item in kept)


def test_made_claims_differ_from_their_sentence():
    rng, sentence = random.Random(4), "The Orlova lighthouse was built in 1884 by Piotr Wenk."
    for _ in range(20):
        claim, kind = corrupted(sentence, CONTEXT + " Anna Berg lived there.", ["Halden"], rng)
        assert claim != sentence and kind in {"name", "number", "negation"}
        assert shortened(sentence, rng)
    assert "1884" not in with_other_number(sentence, CONTEXT, rng)
    assert negated("It is open.", rng) == "It is not open." and negated("It is not open.", rng) == "It is open."


def test_answers_become_claims():
    claims = {answer_claim("Who built the lighthouse?", "Piotr Wenk", random.Random(i)) for i in range(20)}
    assert claims == {"Piotr Wenk built the lighthouse.", "Who built the lighthouse? Piotr Wenk."} or len(claims) == 1


def made_rows(random: np.random.Generator, count: int, backwards: bool) -> tuple[list[dict], np.ndarray]:
    """Claims whose label follows the neural logit; overlap says the opposite in one set when `backwards`."""
    x = random.normal(size=(count, 2))
    label = (random.random(count) < 1 / (1 + np.exp(-2 * x[:, 0] + (3 if backwards else -1) * x[:, 1]))).astype(int)
    rows = [{"set": "a", "kind": "human", "label": int(y), "context": f"context {i // 3}"} for i, y in enumerate(label)]
    return rows, x


def test_evidence_never_counts_against_a_claim():
    rows, x = made_rows(np.random.default_rng(1), 900, backwards=True)
    entry, _ = combine(rows, x, ["neural", "overlap"])
    assert entry["weights"][0] > 0.5 and entry["weights"][1] == 0
    rows, x = made_rows(np.random.default_rng(1), 900, backwards=False)
    entry, p = combine(rows, x, ["neural", "overlap"])
    assert entry["weights"][0] > entry["weights"][1] > 0.3
    assert abs(p.mean() - np.mean([row["label"] for row in rows])) < 0.02


def test_no_context_is_in_two_folds():
    rows, _ = made_rows(np.random.default_rng(2), 60, backwards=False)
    place = folds(rows)
    assert len(set(place)) > 1 and all(len(set(place[i:i + 3])) == 1 for i in range(0, 60, 3))
