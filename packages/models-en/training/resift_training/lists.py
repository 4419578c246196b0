"""First-stage lists: the given ones of rerank/, and BM25 top 100 of a BEIR-layout collection."""
from __future__ import annotations

import bm25s

from .datasets import Candidates, read_candidates, read_collection
from .lexical import B, K1, terms

DEVELOPMENT = ("dl21_bm25", "dl21_splade")
CHECKS = ("scifact", "med", "cacm", "cisi", "stackfaq", "wikiqa_test", "chroma_chunking", "anthropic_docs", "hotpotqa_100", "musique_100")


def bm25_lists(name: str, depth: int = 100, most_queries: int | None = None) -> list[Candidates]:
    """BM25 (k1 0.9, b 0.4, S stemmer) over one of data/beir/*; queries without a relevant document are left out."""
    collection = read_collection(name)
    ids = list(collection.texts)
    index = bm25s.BM25(k1=K1, b=B)
    index.index([terms(collection.texts[i]) for i in ids], show_progress=False)
    found: list[Candidates] = []
    for query, text in collection.queries.items():
        relevance = {i: grade for i, grade in collection.relevance[query].items() if grade > 0}
        if not relevance or not terms(text):
            continue
        documents, scores = index.retrieve([terms(text)], k=min(depth, len(ids)), show_progress=False)
        chosen = [ids[j] for j in documents[0]]
        grades = [relevance.get(i, 0) for i in chosen]
        found.append(Candidates(text, [collection.texts[i] for i in chosen], [float(s) for s in scores[0]], grades, list(relevance.values())))
    return found if most_queries is None else found[:most_queries]


def lists(name: str, most_queries: int | None = None) -> list[Candidates]:
    """The lists of one evaluation set by name."""
    return read_candidates(name)[:most_queries] if name in DEVELOPMENT else bm25_lists(name, most_queries=most_queries)
