"""Writes golden/answers.json: exact match and token F1 of answer pairs by the official SQuAD 2 script's functions, copied below word for
word (evaluate-v2.0.py, also in transformers.data.metrics.squad_metrics, which is asked too where it is installed)."""

import collections
import random
import re
import string
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from golden import finish  # noqa: E402


def normalize_answer(s):
    """Lower text and remove punctuation, articles and extra whitespace."""

    def remove_articles(text):
        regex = re.compile(r"\b(a|an|the)\b", re.UNICODE)
        return re.sub(regex, " ", text)

    def white_space_fix(text):
        return " ".join(text.split())

    def remove_punc(text):
        exclude = set(string.punctuation)
        return "".join(ch for ch in text if ch not in exclude)

    def lower(text):
        return text.lower()

    return white_space_fix(remove_articles(remove_punc(lower(s))))


def get_tokens(s):
    return normalize_answer(s).split() if s else []


def compute_exact(a_gold, a_pred):
    return int(normalize_answer(a_gold) == normalize_answer(a_pred))


def compute_f1(a_gold, a_pred):
    gold_toks, pred_toks = get_tokens(a_gold), get_tokens(a_pred)
    common = collections.Counter(gold_toks) & collections.Counter(pred_toks)
    num_same = sum(common.values())
    if len(gold_toks) == 0 or len(pred_toks) == 0:
        return int(gold_toks == pred_toks)
    if num_same == 0:
        return 0
    precision, recall = num_same / len(pred_toks), num_same / len(gold_toks)
    return (2 * precision * recall) / (precision + recall)


def main():
    rng = random.Random(3)
    words = ["the", "a", "an", "The", "Émile", "U.S.", "1,000", "naïve", "ﬁre", "İstanbul", "Ärzte", "don't", "—", "cat", "Cat.", "AN", "é-a", "x_a", "über", "\u00a0", "１２", "'A'", "theatre"]
    pairs = [("", ""), ("the", ""), ("a b", "A, b!"), ("Denver Broncos", "The Denver Broncos."), ("1903", "in 1903")]
    for _ in range(200):
        draw = lambda: " ".join(rng.choice(words) for _ in range(rng.randint(0, 6)))
        pairs.append((draw(), draw()))
    out = [{"gold": g, "answer": a, "normal": normalize_answer(a), "exact": compute_exact(g, a), "f1": compute_f1(g, a)} for g, a in pairs]
    try:
        from transformers.data.metrics import squad_metrics as official
    except ImportError:
        print("transformers: skipped, not installed")
    else:
        for row in out:
            assert official.compute_exact(row["gold"], row["answer"]) == row["exact"], row
            assert official.compute_f1(row["gold"], row["answer"]) == row["f1"], row
        print(f"transformers' squad_metrics agrees on all {len(out)} pairs")
    finish("answers", out)


if __name__ == "__main__":
    main()
