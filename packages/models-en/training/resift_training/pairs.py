"""The training pairs: natural questions first, template and weak ones capped, nothing from an evaluation set."""
from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .datasets import read_rows
from .overlap import Evaluation
from .settings import DATASETS

HOLDOUT_SHARE = 10  # one passage in ten (by its own hash) is kept back for choosing and calibrating


@dataclass(frozen=True)
class Pair:
    """A query and a passage that answers it; `holdout` pairs are never trained on."""

    query: str
    positive: str
    source: str
    holdout: bool


def in_holdout(passage: str) -> bool:
    """Decided by the passage, so that all questions about it fall on one side."""
    return hashlib.sha256(passage.encode("utf-8")).digest()[1] % HOLDOUT_SHARE == 0


def raw_pairs() -> Iterator[tuple[str, str, str]]:
    """(query, positive, source) of every permitted set; `scifact_train` is not among them."""
    for name in ("clapnq_train_answers", "squadshifts", "nqg_squad_sentences", "acl_title_abstract", "medquad"):
        for row in read_rows(DATASETS / "train" / f"{name}.jsonl.gz"):
            yield row["query"], row["positive"], row["source"]
    for name in ("nq_oracle", "squad2_dev"):
        for row in read_rows(DATASETS / "qa" / f"{name}.jsonl.gz"):
            if row.get("answerable", True):
                yield row["question"], row["context"], name


def training_pairs(evaluation: Evaluation, caps: dict[str, int]) -> tuple[list[Pair], Counter[str]]:
    """Pairs allowed for training and hold-out, and a count of what was dropped and why."""
    kept: list[Pair] = []
    report: Counter[str] = Counter()
    allowed: dict[str, bool] = {}
    seen: set[tuple[str, str]] = set()
    for query, positive, source in raw_pairs():
        if (query, positive) in seen:
            report[f"{source}: repeated"] += 1
            continue
        seen.add((query, positive))
        if positive not in allowed:
            allowed[positive] = not evaluation.has_passage(positive)
        if not allowed[positive]:
            report[f"{source}: evaluation passage"] += 1
        elif evaluation.has_query(query):
            report[f"{source}: evaluation query"] += 1
        elif report[f"{source}: kept"] >= caps.get(source, 1_000_000):
            report[f"{source}: over the cap"] += 1
        else:
            report[f"{source}: kept"] += 1
            kept.append(Pair(query.strip(), positive, source, in_holdout(positive)))
    return kept, report
