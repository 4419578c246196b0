"""Lexical evidence that a context supports a claim: FEATURES-GROUND.md, section 2, in code."""

import math
import re
from functools import lru_cache

from .lexical import Lexicon, terms
from .read_encoding import Text, Window
from .settings import MODELS

NAMES = ["neural", "overlap", "sentence", "pairs", "numbers", "names", "negation", "length", "windows"]
NEGATIONS = {"not", "no", "never", "none", "nor", "neither", "without", "cannot", "t"}
SENTENCE_END = re.compile(r"[.!?][\"')\]]*[ \t\r\n]+|[\r\n]+")
CAPITAL = re.compile(r"[A-Z][^\W_]*")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon.read(MODELS / "lexicon.json.gz")


def sentence_texts(text: str) -> list[str]:
    """The text cut after each sentence end; pieces without a term do no harm."""
    found, start = [], 0
    for match in SENTENCE_END.finditer(text):
        found.append(text[start:match.end()])
        start = match.end()
    return [*found, text[start:]]


def share(wanted: dict[str, float], found: set[str]) -> float:
    """idf of the wanted terms that are found, over the idf of all wanted; 0 for none wanted."""
    total = sum(wanted.values())
    return sum(weight for term, weight in wanted.items() if term in found) / total if total else 0.0


def weights_of(claim: str) -> dict[str, float]:
    """The claim's distinct terms in order of first occurrence, with their idf."""
    return {term: lexicon().idf(term) for term in terms(claim)}


def lexical_features(claim: str, context: str) -> dict[str, float]:
    """overlap, sentence, pairs, numbers, names, negation, length."""
    own, there = terms(claim), terms(context)
    wanted, present = weights_of(claim), set(there)
    best, best_terms = -1.0, set()
    for sentence in sentence_texts(context):
        inside = set(terms(sentence))
        value = share(wanted, inside)
        if value > best:
            best, best_terms = value, inside
    adjacent = set(zip(there, there[1:]))
    pairs = list(zip(own, own[1:]))
    numbers = [term for term in wanted if any(letter.isdigit() and letter.isascii() for letter in term)]
    capitals = [match.group() for match in CAPITAL.finditer(claim)][0 if not claim[:1].isupper() else 1:]
    named = {term for word in capitals for term in terms(word)}
    part = lambda found, among: sum(item in among for item in found) / len(found) if found else 1.0  # noqa: E731
    return {
        "overlap": share(wanted, present),
        "sentence": max(best, 0.0),
        "pairs": part(pairs, adjacent) if pairs else 0.0,
        "numbers": part(numbers, present),
        "names": part(sorted(named), present),
        "negation": float(bool(NEGATIONS & set(own)) != bool(NEGATIONS & best_terms)),
        "length": math.log(1 + len(own)),
    }


def best_windows(claim: str, context: str, text: Text, windows: list[Window], most: int) -> list[Window]:
    """The `most` windows with the greatest overlap, in order of place; equal overlap: the earlier window."""
    if len(windows) <= most:
        return windows
    wanted = weights_of(claim)
    values = []
    for item in windows:
        start, end = text.offsets[item.first][0], text.offsets[item.first + item.count - 1][1]
        values.append(share(wanted, set(terms(context[start:end]))))
    kept = sorted(sorted(range(len(windows)), key=lambda index: (-values[index], index))[:most])
    return [windows[index] for index in kept]
