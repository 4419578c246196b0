"""Teacher vectors of the training texts, computed once with the exported int8 graph and kept in shards on disk."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .configuration import Run
from .session import OnnxEncoder


@dataclass
class Taught:
    """Vectors of texts, by text: token vectors (memory-mapped, without [CLS] and [SEP]) and sentence vectors."""

    ids: list[NDArray[np.uint16]]
    tokens: list[NDArray[np.float16]]
    sentences: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.ids)


def teach(run: Run, encoder: OnnxEncoder, texts: Sequence[str], name: str, max_tokens: int, shard: int = 2000) -> Taught:
    """Encodes what is missing, shard by shard (resumable), and reads everything back."""
    folder = run.folder / f"teacher-{name}"
    folder.mkdir(exist_ok=True)
    for start in range(0, len(texts), shard):
        path = folder / f"{start:06d}.npz"
        if path.exists():
            continue
        found = encoder.encode(texts[start : start + shard], max_tokens)
        np.save(path.with_suffix(".npy"), np.concatenate(found.tokens).astype(np.float16))
        ids = np.concatenate([np.asarray(row, np.uint16) for row in found.ids])
        lengths = np.asarray([len(row) for row in found.ids])
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, ids=ids, lengths=lengths, sentences=found.sentences.astype(np.float16))
        temporary.replace(path)
        run.log(f"teacher vectors of {name}: {min(start + shard, len(texts))} of {len(texts)}")
    return read_taught(folder)


def read_taught(folder: Path) -> Taught:
    """All finished shards of one set of texts."""
    ids: list[NDArray[np.uint16]] = []
    tokens: list[NDArray[np.float16]] = []
    sentences = []
    for path in sorted(folder.glob("*.npz")):
        shard = np.load(path)
        ids += np.split(shard["ids"], np.cumsum(shard["lengths"])[:-1])
        tokens += np.split(np.load(path.with_suffix(".npy"), mmap_mode="r"), np.cumsum(shard["lengths"] - 2)[:-1])
        sentences.append(shard["sentences"])
    return Taught(ids, tokens, np.concatenate(sentences))
