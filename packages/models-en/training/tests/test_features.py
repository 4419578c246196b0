"""Lexical terms, features and measures against values worked out by hand or by pytrec_eval."""
from __future__ import annotations

import math

import numpy as np
import pytest
import pytrec_eval

from resift_training.features import coverage, longness, similarity_features
from resift_training.lexical import Lexicon, stem, terms
from resift_training.manifest import merged
from resift_training.ndcg import ndcg
from resift_training.ranker import fit
from resift_training.reliability import calibration_error, platt, sigmoid
from resift_training.tables import Table
from resift_training.vectors import snapped


@pytest.mark.parametrize(("term", "stemmed"), [("ponies", "pony"), ("boxes", "boxe"), ("glass", "glass"), ("virus", "virus"), ("cats", "cat"), ("is", "is"), ("toes", "toe"), ("days", "day")])
def test_stem(term: str, stemmed: str) -> None:
    assert stem(term) == stemmed


def test_terms_are_runs_of_letters_and_numbers() -> None:
    assert terms("Don't_panic: 3½ Cafés, 東京!") == ["don", "t", "panic", "3½", "café", "東京"]


def test_lexical_score() -> None:
    lexicon = Lexicon(100, 4.0, {"cat": 10, "dog": 50})
    idf = {"cat": math.log(1 + 90.5 / 10.5), "dog": math.log(1 + 50.5 / 50.5)}
    wanted = idf["cat"] * 2 * 1.9 / (2 + 0.9 * (0.6 + 0.4 * 3 / 4)) / (idf["cat"] + idf["dog"])
    assert lexicon.score("dogs cats", "cat cat fish") == pytest.approx(wanted)
    assert coverage(lexicon, "dogs cats", "cat") == pytest.approx(idf["cat"] / (idf["cat"] + idf["dog"]))
    assert lexicon.score("?", "cat") == 0


@pytest.mark.parametrize(("length", "share"), [(0, 0), (10, 0), (11, 0.25), (14, 1), (40, 1)])
def test_longness(length: int, share: float) -> None:
    assert longness("cat " * length) == share


def test_soft_maxsim() -> None:
    query, text = np.eye(2, dtype=np.float32), np.array([[1, 0], [0.6, 0.8]], np.float32)
    hard, soft = similarity_features(query, text)
    assert hard == pytest.approx(0.9)
    assert soft == pytest.approx((math.log(math.exp(12) + math.exp(7.2)) + math.log(1 + math.exp(9.6))) / 24, abs=1e-6)
    assert similarity_features(query[:0], text) == (0.0, 0.0)


def test_text_vectors_are_snapped_to_their_int8_grid() -> None:
    table = np.array([[1.27, -0.004, 0.016], [0, 0, 0]], np.float32)
    assert snapped(table) == pytest.approx(np.array([[1.27, 0, 0.02], [0, 0, 0]]), abs=1e-7)
    vectors = np.random.default_rng(3).normal(size=(50, 192)).astype(np.float32)
    once = snapped(vectors)
    assert np.abs(once - vectors).max() <= np.abs(vectors).max() / 127 / 2 + 1e-6
    assert snapped(once) == pytest.approx(once, abs=1e-6)
    assert snapped(vectors[:0]).shape == (0, 192)


def test_ndcg_equals_trec_eval() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        grades = random.integers(0, 4, 30)
        run = {f"d{i}": float(30 - i) for i in range(25)}
        wanted = pytrec_eval.RelevanceEvaluator({"q": {f"d{i}": int(g) for i, g in enumerate(grades)}}, {"ndcg_cut.10"}).evaluate({"q": run})["q"]["ndcg_cut_10"]
        assert ndcg(list(grades[:25]), list(grades)) == pytest.approx(wanted)


def test_fit_and_calibration_recover_a_known_model() -> None:
    random = np.random.default_rng(2)
    tables = []
    for _ in range(200):
        features = random.normal(size=(20, 6))
        chance = sigmoid(3 * features[:, 1] - 2)
        tables.append(Table("q", features, np.zeros(20), list((random.random(20) < chance).astype(int)), [1]))
    head = fit(("softmaxsim", "cosine"), tables)
    assert head.weights[0] > 5 * abs(head.weights[1])
    logits = np.concatenate([head.logits(t.features) for t in tables])
    labels = np.concatenate([np.asarray(t.grades, float) for t in tables])
    a, b = platt(logits, labels)
    assert calibration_error(sigmoid(a * logits + b), labels) < 0.03


def test_manifest_entries_merge_by_name() -> None:
    old = {"encoders": {"embed": {"file": "a"}}, "vocab": {"file": "v", "bytes": 1}}
    assert merged(old, {"encoders": {"tiny": {"file": "b"}}, "vocab": {"file": "w"}}) == {"encoders": {"embed": {"file": "a"}, "tiny": {"file": "b"}}, "vocab": {"file": "w"}}
