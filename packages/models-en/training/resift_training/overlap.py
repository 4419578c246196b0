"""De-duplication: the texts of every evaluation set, and whether a training text repeats one of them."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .datasets import is_evaluation_passage, read_candidates, read_collection, read_rows
from .settings import DATASETS

_WORD = re.compile(r"[a-z0-9]+")
SPAN = 13


def plain(text: str) -> str:
    """Lower-cased words with single spaces: what counts as the same text."""
    return " ".join(_WORD.findall(text.lower()))


def spans(text: str) -> Iterator[int]:
    """Hashes of all runs of 13 words; of the whole text where it is shorter (but at least 5 words)."""
    words = _WORD.findall(text.lower())
    if len(words) >= SPAN:
        for i in range(len(words) - SPAN + 1):
            yield hash(tuple(words[i : i + SPAN]))
    elif len(words) >= 5:
        yield hash(tuple(words))


def evaluation_texts() -> Iterator[tuple[str, str]]:
    """(kind, text) of everything that evaluations read: kind is `query` or `passage`."""
    for folder in sorted((DATASETS / "beir").iterdir()):
        collection = read_collection(folder.name)
        yield from (("passage", text) for text in collection.texts.values())
        yield from (("query", text) for text in collection.queries.values())
    for name in ("dl21_bm25", "dl21_splade"):
        for row in read_candidates(name):
            yield "query", row.query
            yield from (("passage", text) for text in row.texts)
    for path in sorted((DATASETS / "qa").glob("*.gz")):
        for row in read_rows(path):
            if is_evaluation_passage(row["context"]):
                yield "passage", row["context"]
                yield "query", row["question"]
    for path in sorted((DATASETS / "grounded").glob("*.gz")):
        for row in read_rows(path):
            if is_evaluation_passage(row["context"]):
                yield "passage", row["context"]


class Evaluation:
    """Queries and passages that must not be trained on."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.queries: set[str] = set()
        self.spans: set[int] = set()
        for kind, text in texts:
            if kind == "query":
                self.queries.add(plain(text))
            else:
                self.spans.update(spans(text))

    def has_query(self, query: str) -> bool:
        return plain(query) in self.queries

    def has_passage(self, passage: str) -> bool:
        """True where the passage shares a run of 13 words (or, when short, everything) with an evaluation passage."""
        return is_evaluation_passage(passage) or any(span in self.spans for span in spans(passage))
