"""The reader's parts: windows, decoding, made questions, measures."""

import random
from types import SimpleNamespace

import numpy as np

from resift_training.read_decode import best_in_window, best_span
from resift_training.read_encoding import Text, by_length, stack, token_span, training_window, window, windows_of
from resift_training.read_golden import utf16
from resift_training.read_metrics import auroc, best_f1, calibration_error, f1
from resift_training.read_negatives import exchange_name, remove_answer, reverse_word
from resift_training.read_rows import fold_of, has_evaluation_hash, sentences_of, split_rows, squeeze


def text(count: int, start: int = 1000) -> Text:
    return Text(list(range(start, start + count)), [(2 * i, 2 * i + 1) for i in range(count)])


def test_windows_cover_every_token_and_share_the_stride():
    question, passage = text(5), text(100, 2000)
    found = windows_of(question, passage, 40, 10)
    assert all(len(item.ids) <= 40 for item in found)
    assert {item.first + i for item in found for i in range(item.count)} == set(range(100))
    assert all(b.first - a.first == 40 - 5 - 3 - 10 for a, b in zip(found, found[1:]))
    assert found[-1].first + found[-1].count == 100 and len(windows_of(question, text(0), 40, 10)) == 1


def test_types_and_stacking():
    item = window(text(2), text(3, 2000), 0, 10)
    assert item.ids == [101, 1000, 1001, 102, 2000, 2001, 2002, 102] and item.types == [0, 0, 0, 0, 1, 1, 1, 1]
    batch = stack([item, window(text(1), text(1), 0, 10)])
    assert batch["attention_mask"].sum().item() == 8 + 5 and batch["input_ids"].shape == (2, 8)


def test_training_windows_hold_the_answer():
    for seed in range(30):
        item = training_window(text(4), text(200, 2000), (120, 125), 50, random.Random(seed))
        assert item.first <= 120 and item.first + item.count > 125 and len(item.ids) <= 50
    assert token_span(text(10), 4, 7) == (2, 3)


def test_batches_hold_each_item_once_within_the_budget():
    lengths = [random.Random(3).randint(5, 60) for _ in range(100)]
    groups = by_length(lengths, 200)
    assert sorted(i for group in groups for i in group) == list(range(100))
    assert all(len(group) * max(lengths[i] for i in group) <= 200 for group in groups)


def test_best_span_subtracts_the_score_of_no_answer_and_keeps_order():
    item = window(text(1), text(4, 2000), 0, 10)  # passage tokens at 3..6
    start, end = np.array([1, 9, 9, 0, 5, 0, 0, 9.0]), np.array([2, 9, 9, 6, 0, 4, 0, 9.0])
    assert best_in_window(start, end, item) == (5 + 4 - 3, 1, 2)
    span = best_span([(start, end, 0.5)], [item], text(4))
    assert (span.start, span.end, span.span_score, span.answerable_logit) == (2, 5, 6.0, 0.5)


ROW = {"question": "Who built the Orlova lighthouse?", "answers": [{"text": "Piotr Wenk", "start": 27}],
       "context": "The Orlova lighthouse was built by Piotr Wenk. It is tall. It was the first of its kind.", "kind": "human"}


def test_made_questions_have_no_answer():
    removed = remove_answer(ROW)
    assert removed["context"].startswith("It is tall") and not removed["answers"]
    changed = exchange_name(ROW, ["Halden"], random.Random(1))
    assert changed["question"] == "Who built the Halden lighthouse?"
    assert reverse_word({**ROW, "question": "Who was the first?"}, random.Random(2))["question"] != "Who was the first?"


def test_rule_and_folds():
    texts = [f"passage {i}" for i in range(400)]
    kept, held = split_rows([{"context": t} for t in texts], {squeeze(texts[0])})
    assert all(not has_evaluation_hash(row["context"]) for row in kept) and 40 < len(held) < 120
    assert {row["context"] for row in kept}.isdisjoint({texts[0]})
    assert fold_of("A  passage\n") == fold_of("a passage") and {fold_of(t) for t in texts} == {"train", "dev", "calib"}


def test_sentences_keep_all_text():
    passage = 'One is here. "Two!" is there?\nThree'
    assert "".join(passage[a:b] for a, b in sentences_of(passage)) == passage and len(sentences_of(passage)) == 4


def test_measures():
    assert f1("the red house", "Red house") == 1 and best_f1("", []) == 1 and best_f1("x", []) == 0
    assert auroc([0.1, 0.4, 0.4, 0.9], [0, 0, 1, 1]) == 0.875
    assert abs(calibration_error([0.25] * 4, [1, 0, 0, 0])) < 1e-9
    assert utf16("a🎹b", 2) == 3


def test_equal_scores_take_the_earlier_window():
    one = SimpleNamespace(offset=3, count=1, first=0)
    two = SimpleNamespace(offset=3, count=1, first=1)
    logits = (np.array([0, 0, 0, 2.0, 0]), np.array([0, 0, 0, 2.0, 0]), 0.0)
    assert best_span([logits, logits], [one, two], text(2)).start == 0
