"""The labelled lists that `train` and `distil` read: natural questions first, each with BM25 negatives, and hold-out lists."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from .datasets import read_rows
from .negatives import bm25_neighbours
from .pairs import Pair

CAPS = {
    "clapnq_train_answer": 600,
    "nq_oracle": 700,
    "squad2_dev": 350,
    "squadshifts_wiki": 350,
    "squadshifts_reddit": 300,
    "squadshifts_amazon": 300,
    "nqg_test": 300,
    "acl": 150,
    "medquad": 200,
}


@dataclass(frozen=True)
class TrainingList:
    """A query, its passage and negatives (positions in passages.jsonl.gz); a hold-out list is for choosing and calibrating only."""

    query: str
    positive: int
    negatives: list[int]
    source: str
    holdout: bool


def training_lists(pairs: list[Pair], passages: list[str], seed: int, caps: dict[str, int], holdout_depth: int) -> list[TrainingList]:
    """Samples `caps` pairs of every source (a quarter as many hold-out ones) and mines BM25 negatives on the same side of the split."""
    random = Random(seed)
    place = {text: i for i, text in enumerate(passages)}
    pools: dict[str, list[Pair]] = {}
    for pair in pairs:
        pools.setdefault("medquad" if pair.source.startswith("medquad") else pair.source, []).append(pair)
    chosen: list[Pair] = []
    for source, pool in sorted(pools.items()):
        random.shuffle(pool)
        most = caps.get(source, 200)
        chosen += [p for p in pool if p.holdout][: most // 4] + [p for p in pool if not p.holdout][:most]
    held = {place[pair.positive] for pair in pairs if pair.holdout}
    depth = min(40, len(passages))
    near = bm25_neighbours([pair.query for pair in chosen], passages, depth)
    lists = []
    for pair, row in zip(chosen, near, strict=True):
        positive = place[pair.positive]
        others = [int(p) for p in row if p != positive]
        side = [p for p in others if (p in held) == pair.holdout]
        side = side if len(side) >= 3 or not pair.holdout else others
        negatives = side[:holdout_depth] if pair.holdout else [side[k] for k in sorted({0, len(side) // 3, len(side) - 1})] if side else []
        lists.append(TrainingList(pair.query, positive, negatives, pair.source, pair.holdout))
    return lists


def texts_of(lists: list[TrainingList]) -> list[int]:
    """Passages that occur in the lists, in order of their position."""
    return sorted({p for row in lists for p in [row.positive, *row.negatives]})


def rows_of(lists: list[TrainingList]) -> list[dict[str, object]]:
    return [asdict(row) for row in lists]


def read_lists(folder: Path) -> list[TrainingList]:
    """What `prepare` wrote."""
    return [TrainingList(**row) for row in read_rows(folder / "lists.jsonl.gz")]
