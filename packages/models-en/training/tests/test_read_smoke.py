"""The recipe of `read` and `ground` on a few rows, end to end into a temporary folder; prepared files obey the data's rule."""

import gzip
import hashlib
import json
import os
import subprocess
import sys

import pytest

from resift_training.read_rows import has_evaluation_hash
from resift_training.settings import DATASETS, MODELS, RUNS, TRAINING

needs_data = pytest.mark.skipif(not (DATASETS / "qa").exists(), reason=f"no data at {DATASETS}")
needs_lexicon = pytest.mark.skipif(not (MODELS / "lexicon.json.gz").exists(), reason="models/lexicon.json.gz is not built")


def run(folder, module: str, *arguments: str) -> str:
    environment = {**os.environ, "RESIFT_RUNS": str(folder), "PYTHONPATH": str(TRAINING)}
    command = [sys.executable, "-m", f"resift_training.{module}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=TRAINING, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def evaluation_of(path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert rows
    return [row["context"] for row in rows if hashlib.sha256(row["context"].encode()).digest()[0] % 5 == 0]


@needs_data
@needs_lexicon
def test_smoke(tmp_path):
    run(tmp_path, "read_prepare", "--limit", "60")
    run(tmp_path, "ground_prepare", "--limit", "30")
    run(tmp_path, "read_train", "--scale", "0.05", "--run", "first")
    assert (tmp_path / "read" / "first" / "model.pt").exists()
    run(tmp_path, "read_calibrate", "--run", "first", "--limit", "12")
    init = str(tmp_path / "read" / "first" / "model.pt")
    run(tmp_path, "ground_train", "--init", init, "--scale", "0.05", "--read-scale", "0.02")
    run(tmp_path, "ground_calibrate", "--limit", "16")
    for name in ("read", "ground"):
        for fold in ("train", "dev", "calib"):
            assert not evaluation_of(tmp_path / name / "prepared" / f"{fold}.jsonl.gz")


@pytest.mark.parametrize("name", ["read", "ground"])
@pytest.mark.parametrize("fold", ["train", "dev", "calib"])
def test_no_prepared_file_holds_an_evaluation_passage(name, fold):
    path = RUNS / name / "prepared" / f"{fold}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is not prepared")
    assert not evaluation_of(path) and has_evaluation_hash
