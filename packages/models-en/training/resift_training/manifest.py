"""models/manifest.json: every writer merges its own entries under a lock, so that recipes can run side by side."""
from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .settings import MODELS, RUNS

VERSION = "0.1.0"
BASE = "all-MiniLM-L6-v2 (Apache-2.0), fine-tuned and distilled by packages/models-en/training"


def describe(path: Path) -> dict[str, Any]:
    """sha256 (hex) and size in bytes of a file."""
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`new` over `old`, two levels deep: sections are joined, an entry inside a section is replaced whole."""
    result: dict[str, Any] = dict(old)
    for section, value in new.items():
        before = result.get(section)
        joined = isinstance(before, Mapping) and isinstance(value, Mapping) and section not in ("vocab", "lexicon")
        result[section] = {**before, **value} if joined else value  # type: ignore[dict-item]
    return result


def read_manifest(folder: Path = MODELS) -> dict[str, Any]:
    """The manifest as it is, or an empty one."""
    path = folder / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def merge_manifest(entries: Mapping[str, Any], onnx_files: Iterable[str] = (), folder: Path = MODELS) -> dict[str, Any]:
    """Adds `entries` (e.g. {"readers": {"read": {...}}}) and the checksums of `onnx_files` (names inside `folder`)."""
    folder.mkdir(parents=True, exist_ok=True)
    RUNS.mkdir(parents=True, exist_ok=True)
    with (RUNS / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files = {name: describe(folder / name) for name in onnx_files}
        manifest = merged(read_manifest(folder), {"version": VERSION, "base": BASE, **entries, "files": files})
        temporary = folder / "manifest.json.part"
        temporary.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        temporary.replace(folder / "manifest.json")
    return manifest
