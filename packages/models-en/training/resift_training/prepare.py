"""prepare: permitted pairs, unique passages and the shipped document-frequency table, and labelled lists with BM25 negatives."""
from __future__ import annotations

import gzip
import hashlib
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .configuration import Run, main
from .datasets import is_evaluation_passage, read_rows
from .lexical import Lexicon
from .overlap import Evaluation, evaluation_texts
from .pairs import Pair, training_pairs
from .settings import MODELS
from .training_lists import CAPS, rows_of, training_lists


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Gzip-compressed JSON lines, the same bytes for the same rows."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode("utf-8"), 5, mtime=0))


def read_pairs(folder: Path) -> list[Pair]:
    """What `prepare` wrote."""
    return [Pair(**row) for row in read_rows(folder / "pairs.jsonl.gz")]


def read_passages(folder: Path) -> list[str]:
    """Unique passages of the pairs; negatives and teacher vectors count by this order."""
    return [row["text"] for row in read_rows(folder / "passages.jsonl.gz")]


def prepare(run: Run) -> None:
    target = run.folder / "pairs.jsonl.gz"
    if target.exists() and not run.options.get("again"):
        run.log(f"already there: {target}")
        return
    pairs, report = training_pairs(Evaluation(evaluation_texts()), run.options.get("caps", {}))
    limit = run.options.get("limit")
    random.Random(run.seed).shuffle(pairs)
    pairs = pairs[:limit] if limit else pairs
    for pair in pairs:
        if is_evaluation_passage(pair.positive):
            raise RuntimeError("an evaluation passage reached the training pairs")
    passages = list(dict.fromkeys(pair.positive for pair in pairs))
    write_rows(run.folder / "passages.jsonl.gz", [{"text": text} for text in passages])
    write_rows(target, [asdict(pair) for pair in pairs])
    found = training_lists(pairs, passages, run.options.get("lists_seed", 3), run.options.get("list_caps", CAPS), run.options.get("holdout_depth", 5))
    write_rows(run.folder / "lists.jsonl.gz", rows_of(found))
    lexicon = Lexicon.count(passages, run.options.get("minimum_df", 3))
    lexicon.write(run.folder / "lexicon.json.gz")
    if run.options.get("ship_lexicon"):
        MODELS.mkdir(parents=True, exist_ok=True)
        lexicon.write(MODELS / "lexicon.json.gz")
    for name, count in sorted(report.items()):
        run.log(f"{name}: {count}")
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    run.log(f"{len(pairs)} pairs, {len(passages)} passages, {len(lexicon.frequencies)} terms, sha256 {digest}")


if __name__ == "__main__":
    main("prepare", prepare)
