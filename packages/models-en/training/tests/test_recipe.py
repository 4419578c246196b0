"""The whole recipe in its smoke configuration, in folders of its own."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resift_training import settings


@pytest.mark.skipif(not settings.DATASETS.exists(), reason=f"no data sets at {settings.DATASETS}")
def test_smoke(tmp_path: Path) -> None:
    places = {"RESIFT_RUNS": str(tmp_path / "runs"), "RESIFT_MODELS": str(tmp_path / "models"), "PYTHONPATH": str(settings.TRAINING)}
    for command in ("prepare", "train", "distil", "export", "calibrate"):
        done = subprocess.run(
            [sys.executable, "-m", f"resift_training.{command}", "--config", "smoke"], env={**os.environ, **places}, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr[-2000:]
    manifest = json.loads((tmp_path / "models" / "manifest.json").read_text())
    assert set(manifest["encoders"]) == {"embed", "tiny"} and set(manifest["rankers"]) == {"mini", "tiny", "cascade"}
    for name, entry in manifest["files"].items():
        assert (tmp_path / "models" / name).stat().st_size == entry["bytes"]
