"""Where things lie: shared data, run files, shipped files. Nothing else in the package reads the environment."""
from __future__ import annotations

import ctypes
import os
from pathlib import Path


def keep_freed_memory() -> None:
    """Stops glibc from returning freed memory: page faults made PyTorch six times slower on our virtual machines."""
    try:
        libc = ctypes.CDLL(None)
        for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**28)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
            libc.mallopt(option, value)
    except (AttributeError, OSError):
        return  # not glibc


keep_freed_memory()

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TRAINING: Path = Path(__file__).resolve().parent.parent
PACKAGE: Path = TRAINING.parent
REPOSITORY: Path = PACKAGE.parent.parent
MODELS: Path = Path(os.environ.get("RESIFT_MODELS", PACKAGE / "models"))
CARDS: Path = PACKAGE / "cards"
GOLDEN: Path = PACKAGE / "golden"
RUNS: Path = Path(os.environ.get("RESIFT_RUNS", TRAINING / ".runs"))
DATASETS: Path = Path(os.environ.get("RESIFT_DATASETS", REPOSITORY.parent / "shared" / "data"))


def run_folder(name: str) -> Path:
    """Folder of one run (checkpoints, log, configuration), created when missing."""
    folder = RUNS / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
