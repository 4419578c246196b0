"""Rows of ../shared/data for `read` and `ground`: loading, the evaluation rule, and the folds of what may train."""

import gzip
import hashlib
import json
import re
from pathlib import Path

from .settings import DATASETS

QA_SETS = ["squad2_dev", "squadshifts_wiki", "squadshifts_reddit", "squadshifts_amazon_reviews", "nq_oracle"]
GROUNDED_SETS = [
    "wice_claim_dev", "wice_oracle_chunks_dev", "healthver_dev", "summedits", "begin", "climate_fever",
    "scifact_nli", "sick",
]


def load_rows(folder: str, name: str) -> list[dict]:
    """All rows of one set, in file order, each with `set`."""
    with gzip.open(DATASETS / folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [{**json.loads(line), "set": name} for line in lines]


def passage_of(row: dict) -> str:
    return row["context"] if "context" in row else row["positive"]


def squeeze(text: str) -> str:
    """The form under which two copies of a passage are the same passage."""
    return re.sub(r"\s+", " ", text).strip().lower()


def has_evaluation_hash(text: str) -> bool:
    """The rule of the data's README: first byte of the SHA-256 divisible by 5."""
    return hashlib.sha256(text.encode("utf-8")).digest()[0] % 5 == 0


def is_evaluation(row: dict) -> bool:
    return has_evaluation_hash(passage_of(row))


def evaluation_passages() -> set[str]:
    """Squeezed text of every evaluation passage of qa/, grounded/ and train/.

    qa/squadshifts ends its contexts with a line feed, train/squadshifts does not: the two copies of one passage
    hash differently, so a passage is kept out of training when ANY stored copy of it is evaluation-only.
    """
    found = set()
    for folder in ("qa", "grounded", "train"):
        for path in sorted((DATASETS / folder).glob("*.jsonl.gz")):
            for row in load_rows(folder, path.name.removesuffix(".jsonl.gz")):
                if is_evaluation(row):
                    found.add(squeeze(passage_of(row)))
    return found


def split_rows(rows: list[dict], forbidden: set[str]) -> tuple[list[dict], list[dict]]:
    """(rows that may train, evaluation rows); rows that are neither (another copy is evaluation-only) are dropped."""
    evaluation = [row for row in rows if is_evaluation(row)]
    training = [row for row in rows if not is_evaluation(row) and squeeze(passage_of(row)) not in forbidden]
    return training, evaluation


def fold_of(text: str) -> str:
    """`dev` (choices), `calib` (calibration) or `train`, from the passage alone: 1/16, 1/16, 14/16."""
    bucket = hashlib.sha256(squeeze(text).encode("utf-8")).digest()[1] % 16
    return {0: "dev", 1: "calib"}.get(bucket, "train")


def write_rows(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_prepared(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Character ranges of the sentences: cut after . ! ? followed by white space, or at a line feed."""
    ranges, start = [], 0
    for match in re.finditer(r"(?<=[.!?])[\"')\]]*\s+|\n+", text):
        if text[start:match.start()].strip():
            ranges.append((start, match.end()))
        start = match.end()
    if text[start:].strip():
        ranges.append((start, len(text)))
    return ranges
