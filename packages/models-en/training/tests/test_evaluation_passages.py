"""The binding rule of shared/data/README.md: no prepared training file holds an evaluation passage."""
from __future__ import annotations

from pathlib import Path

import pytest

from resift_training import settings
from resift_training.datasets import is_evaluation_passage, read_rows
from resift_training.pairs import raw_pairs

prepared = sorted(settings.RUNS.glob("*/p*s.jsonl.gz"))


@pytest.mark.skipif(not prepared, reason="nothing prepared on this machine: run python -m resift_training.prepare")
@pytest.mark.parametrize("path", prepared, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_prepared_files_hold_no_evaluation_passage(path: Path) -> None:
    rows = list(read_rows(path))
    assert rows
    assert not [row for row in rows if is_evaluation_passage(row.get("positive", row.get("text")))]


@pytest.mark.skipif(not settings.DATASETS.exists(), reason=f"no data sets at {settings.DATASETS}")
def test_the_forbidden_set_is_not_read() -> None:
    assert not [source for _, _, source in raw_pairs() if "scifact" in source.lower()]


def test_rule() -> None:
    passages = [f"passage {i}" for i in range(2000)]
    share = sum(map(is_evaluation_passage, passages)) / len(passages)
    assert 0.16 < share < 0.24  # 52 of 256 first bytes
