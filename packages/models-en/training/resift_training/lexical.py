"""Lexical evidence from texts alone: terms, the shipped document-frequency table, the feature `lexical` (FEATURES.md, section 3)."""
from __future__ import annotations

import gzip
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

K1 = 0.9
B = 0.4
_RUN = re.compile(r"[^\W_]+")  # Python's \w without "_" is a superset of [\p{L}\p{N}]; `terms` drops the difference


def _is_term_character(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def stem(term: str) -> str:
    """Harman's S stemmer, the first rule that applies; terms of three characters or fewer stay."""
    if len(term) > 3:
        if term.endswith("ies") and not term.endswith(("eies", "aies")):
            return term[:-3] + "y"
        if term.endswith("es") and not term.endswith(("aes", "ees", "oes")):
            return term[:-1]
        if term.endswith("s") and not term.endswith(("us", "ss")):
            return term[:-1]
    return term


def terms(text: str) -> list[str]:
    """Stemmed terms in order: runs of [\\p{L}\\p{N}] of the lower-cased text."""
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        if run.isascii():
            found.append(stem(run))
            continue
        kept = "".join(c if _is_term_character(c) else " " for c in run)
        found.extend(stem(part) for part in kept.split())
    return found


class Lexicon:
    """Document frequencies of terms over the training passages."""

    def __init__(self, documents: int, average_length: float, frequencies: dict[str, int]) -> None:
        self.documents = documents
        self.average_length = average_length
        self.frequencies = frequencies

    @staticmethod
    def count(texts: Iterable[str], minimum: int = 3) -> "Lexicon":
        """Counts `texts`; terms in fewer than `minimum` of them are left out (an absent term counts as df 0)."""
        found: Counter[str] = Counter()
        documents = total = 0
        for text in texts:
            list_ = terms(text)
            documents += 1
            total += len(list_)
            found.update(set(list_))
        kept = {term: n for term, n in sorted(found.items()) if n >= minimum}
        return Lexicon(documents, round(total / documents, 2), kept)

    @staticmethod
    def read(path: Path) -> "Lexicon":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            data = json.load(file)
        return Lexicon(data["documents"], data["averageLength"], data["df"])

    def write(self, path: Path) -> None:
        data = {"documents": self.documents, "averageLength": self.average_length, "df": self.frequencies}
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))

    def idf(self, term: str) -> float:
        df = self.frequencies.get(term, 0)
        return math.log(1 + (self.documents - df + 0.5) / (df + 0.5))

    def score(self, query: str, text: str) -> float:
        """BM25 of `text` over the sum of idf of the query's terms (repeats count): about 0 to 1.9; 0 for an empty query."""
        asked = Counter(terms(query))
        if not asked:
            return 0.0
        counts = Counter(terms(text))
        length = sum(counts.values())
        norm = K1 * (1 - B + B * length / self.average_length)
        total = reached = 0.0
        for term, times in asked.items():
            weight = times * self.idf(term)
            total += weight
            tf = counts.get(term, 0)
            reached += weight * tf * (K1 + 1) / (tf + norm)
        return reached / total
