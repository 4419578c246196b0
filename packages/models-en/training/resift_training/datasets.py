"""Readers of ../shared/data and its binding rule: a passage whose SHA-256 starts with a byte divisible by 5 is evaluation-only."""
from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .settings import DATASETS

FORBIDDEN_SETS = ("scifact_train",)


def is_evaluation_passage(passage: str) -> bool:
    """True where data/README.md keeps the passage for evaluation."""
    return hashlib.sha256(passage.encode("utf-8")).digest()[0] % 5 == 0


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a gzip-compressed JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@dataclass(frozen=True)
class Collection:
    """A BEIR-layout collection: texts are `title + " " + text`, relevance grades by query."""

    name: str
    texts: dict[str, str]
    queries: dict[str, str]
    relevance: dict[str, dict[str, int]]


def read_collection(name: str) -> Collection:
    """One of data/beir/*."""
    folder = DATASETS / "beir" / name
    texts = {row["_id"]: f"{row.get('title') or ''} {row['text']}".strip() for row in read_rows(folder / "corpus.jsonl.gz")}
    relevance: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevance.setdefault(query, {})[document] = int(grade)
    queries = {row["_id"]: row["text"] for row in read_rows(folder / "queries.jsonl.gz") if row["_id"] in relevance}
    return Collection(name, texts, queries, relevance)


@dataclass(frozen=True)
class Candidates:
    """One query with its first-stage list, best first."""

    query: str
    texts: list[str]
    scores: list[float]
    grades: list[int]
    ideal: list[int]


def read_candidates(name: str) -> list[Candidates]:
    """One of data/rerank/* (`dl21_bm25`, `dl21_splade`): development lists, never trained on."""
    found = []
    for row in read_rows(DATASETS / "rerank" / f"{name}.jsonl.gz"):
        rows = row["candidates"]
        found.append(
            Candidates(
                row["query"],
                [c["text"] for c in rows],
                [float(c["score"]) for c in rows],
                [int(c["grade"]) for c in rows],
                [int(grade) for grade in row["ideal"]],
            )
        )
    return found
