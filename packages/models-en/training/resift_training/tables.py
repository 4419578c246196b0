"""Feature tables of whole evaluation sets, encoded by the shipped ONNX files and cached by their checksums."""
from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .datasets import Candidates
from .features import feature_table
from .lexical import Lexicon
from .session import OnnxEncoder
from .settings import MODELS, run_folder
from .vectors import DOCUMENT_TOKENS, QUERY_TOKENS


@dataclass
class Table:
    """One query's list: features [texts, FEATURES], first-stage scores, grades, all judged grades."""

    query: str
    features: NDArray[np.float64]
    scores: NDArray[np.float64]
    grades: list[int]
    ideal: list[int]


def feature_tables(lists: Sequence[Candidates], text_model: Path, query_model: Path, lexicon: Lexicon, sessions: int = 2) -> list[Table]:
    """Encodes every distinct text once and computes all features of all pairs."""
    texts = sorted({text for row in lists for text in row.texts}, key=len)
    place = {text: i for i, text in enumerate(texts)}
    encoder = OnnxEncoder(text_model, sessions)
    found = encoder.encode(texts, DOCUMENT_TOKENS)
    asker = encoder if query_model == text_model else OnnxEncoder(query_model, sessions)
    asked = asker.encode([row.query for row in lists], QUERY_TOKENS)
    tables = []
    for at, row in enumerate(lists):
        features = feature_table(row.query, row.texts, asked, at, found, [place[text] for text in row.texts], lexicon)
        tables.append(Table(row.query, features, np.asarray(row.scores), row.grades, row.ideal))
    return tables


def cached_tables(name: str, lists: Sequence[Candidates], text_model: str, query_model: str) -> list[Table]:
    """`feature_tables` of a set by name, kept under .runs/tables until a model or the features' code changes."""
    parts = [(MODELS / text_model).read_bytes(), (MODELS / query_model).read_bytes(), (MODELS / "lexicon.json.gz").read_bytes()]
    parts += [(Path(__file__).parent / module).read_bytes() for module in ("features.py", "lexical.py", "vectors.py")]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts) + str(len(lists)).encode()).hexdigest()[:16]
    path = run_folder("tables") / f"{name}-{digest}.pkl"
    if path.exists():
        return pickle.loads(path.read_bytes())
    tables = feature_tables(lists, MODELS / text_model, MODELS / query_model, Lexicon.read(MODELS / "lexicon.json.gz"))
    path.write_bytes(pickle.dumps(tables))
    return tables
