"""python -m resift_training.read_prepare: the prepared rows of the reader, train/dev/calib/eval, no passage in two."""

import argparse
import random
from collections import Counter

from .read_negatives import Neighbours, exchange_name, names_of, remove_answer, reverse_word
from .read_rows import (
    QA_SETS, evaluation_passages, fold_of, is_evaluation, load_rows, split_rows, write_rows,
)
from .settings import RUNS

SHARES = {"removed": 0.22, "neighbour": 0.2, "exchanged": 0.3, "reversed": 0.12}


def prepare(limit: int | None = None, seed: int = 7) -> dict[str, list[dict]]:
    """`limit` rows of each set (all by default), answers located, unanswerable questions added to each fold."""
    rng, forbidden = random.Random(seed), evaluation_passages()
    folds: dict[str, list[dict]] = {"train": [], "dev": [], "calib": [], "eval": []}
    for name in QA_SETS:
        training, evaluation = split_rows(load_rows("qa", name)[:limit], forbidden)
        folds["eval"] += [located(row) for row in evaluation]
        for row in training:
            folds[fold_of(row["context"])].append(located(row))
    folds = {fold: [row for row in rows if row] for fold, rows in folds.items()}
    for fold in ("train", "dev", "calib"):
        folds[fold] += [row for row in unanswerable(folds[fold], rng) if not is_evaluation(row)]
    near = Neighbours(sorted({row["context"] for row in folds["eval"]}))
    wrong = [near.wrong_passage(row, rng) for row in folds["eval"] if row["answers"]]
    folds["eval"] += [row for row in wrong if row]
    rng.shuffle(folds["train"])
    return folds


def located(row: dict) -> dict | None:
    """The row with a `start` (code points) for each answer; None where an answerable row's answers are not found."""
    answers = []
    for answer in row["answers"]:
        start = answer.get("start", row["context"].find(answer["text"]))
        if start >= 0 and row["context"][start:start + len(answer["text"])] == answer["text"]:
            answers.append({"text": answer["text"], "start": start})
    if row["answerable"] and not answers:
        return None
    keep = {key: row[key] for key in ("id", "set", "question", "context")}
    return {**keep, "answers": answers, "kind": "human"}


def unanswerable(rows: list[dict], rng: random.Random) -> list[dict]:
    answerable = [row for row in rows if row["answers"]]
    near = Neighbours(sorted({row["context"] for row in rows}))
    names = sorted({name for row in answerable for name in names_of(row["question"])})
    makers = {
        "removed": remove_answer,
        "neighbour": lambda row: near.wrong_passage(row, rng),
        "exchanged": lambda row: exchange_name(row, names, rng),
        "reversed": lambda row: reverse_word(row, rng),
    }
    made = []
    for row in answerable:
        for kind, share in SHARES.items():
            found = makers[kind](row) if rng.random() < share else None
            if found:
                made.append(found)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="rows per set (smoke)")
    parser.add_argument("--name", default="read", help="folder under .runs")
    arguments = parser.parse_args()
    for fold, rows in prepare(arguments.limit).items():
        write_rows(RUNS / arguments.name / "prepared" / f"{fold}.jsonl.gz", rows)
        counts = Counter((row["set"], row["kind"], bool(row["answers"])) for row in rows)
        print(fold, len(rows), dict(sorted(counts.items())))


if __name__ == "__main__":
    main()
