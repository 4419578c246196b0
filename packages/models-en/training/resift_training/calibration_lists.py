"""Realistic lists for calibrating: BM25 top candidates of hold-out questions, and of questions that no command trains or fits on."""
from __future__ import annotations

from random import Random

import bm25s

from .configuration import Run
from .datasets import Candidates, is_evaluation_passage, read_rows
from .lexical import B, K1, terms
from .prepare import read_pairs, read_passages
from .settings import DATASETS


def _lists(asked: list[tuple[str, str]], passages: list[str], depth: int) -> list[Candidates]:
    index = bm25s.BM25(k1=K1, b=B)
    index.index([terms(text) for text in passages], show_progress=False)
    found: list[Candidates] = []
    for query, positive in asked:
        if not terms(query):
            continue
        rows, scores = index.retrieve([terms(query)], k=min(depth, len(passages)), show_progress=False)
        texts = [passages[i] for i in rows[0]]
        grades = [int(text == positive) for text in texts]
        found.append(Candidates(query, texts, [float(s) for s in scores[0]], grades, [1]))
    return found


def holdout_lists(run: Run, queries: int, depth: int) -> list[Candidates]:
    """Natural hold-out questions with their BM25 lists over all training passages; the answer stays where BM25 puts it, or is absent."""
    natural = ("clapnq_train_answer", "nq_oracle", "squad2_dev", "squadshifts_wiki", "squadshifts_reddit", "squadshifts_amazon", "nqg_test")
    pools = {source: [p for p in read_pairs(run.folder) if p.holdout and p.source == source] for source in natural}
    random = Random(run.seed)
    chosen = []
    for pool in pools.values():
        random.shuffle(pool)
        chosen += pool[: -(-queries // len(natural))]
    random.shuffle(chosen)
    return _lists([(pair.query, pair.positive) for pair in chosen], read_passages(run.folder), depth)


def evaluation_lists(name: str, queries: int, depth: int) -> list[Candidates]:
    """Evaluation rows of a qa set with BM25 lists over that set's evaluation passages: for measuring only."""
    rows = [row for row in read_rows(DATASETS / "qa" / f"{name}.jsonl.gz") if is_evaluation_passage(row["context"])]
    passages = list(dict.fromkeys(row["context"] for row in rows))
    asked = [(row["question"], row["context"]) for row in rows if row.get("answerable", True)]
    Random(11).shuffle(asked)
    return _lists(asked[:queries], passages, depth)
