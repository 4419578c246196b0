"""retrieve: recall@100 of BM25, of `embed`'s sentence vectors and of both merged (reciprocal rank fusion), on SciFact and NQ-oracle; README."""
from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np

from .configuration import Run, main
from .datasets import is_evaluation_passage, read_collection, read_rows
from .lexical import B, K1, terms
from .manifest import read_manifest
from .ndcg import interval
from .read_figures import provenance, table, write_section
from .session import OnnxEncoder
from .settings import DATASETS, MODELS
from .vectors import DOCUMENT_TOKENS, QUERY_TOKENS

CUT, DEPTH, CONSTANT = 100, 100, 60  # the defaults of the product: each leg hands on 100, RRF with k = 60, equal weights
QA = ("nq_oracle", "squad2_dev", "squadshifts_wiki", "squadshifts_reddit", "squadshifts_amazon_reviews")

Search = tuple[list[str], list[str], list[set[int]]]


def scifact() -> Search:
    """(texts, queries, positions of each query's relevant texts)."""
    collection = read_collection("scifact")
    place = {name: i for i, name in enumerate(collection.texts)}
    asked = list(collection.queries)
    relevant = [{place[d] for d, grade in collection.relevance[q].items() if grade > 0} for q in asked]
    return list(collection.texts.values()), [collection.queries[q] for q in asked], relevant


def nq_oracle() -> Search:
    """Evaluation questions of NQ over the passages of all qa sets together."""
    rows = {name: list(read_rows(DATASETS / "qa" / f"{name}.jsonl.gz")) for name in QA}
    texts = list(dict.fromkeys(row["context"] for name in QA for row in rows[name]))
    place = {text: i for i, text in enumerate(texts)}
    asked = [row for row in rows["nq_oracle"] if is_evaluation_passage(row["context"])]
    return texts, [row["question"] for row in asked], [{place[row["context"]]} for row in asked]


def fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Positions by the sum of 1 / (60 + rank) over the rankings."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (CONSTANT + rank)
    return sorted(scores, key=lambda item: -scores[item])


def recalls(encoder: OnnxEncoder, search: Search) -> dict[str, list[float]]:
    """Recall@100 of every query, by leg."""
    texts, queries, relevant = search
    index = bm25s.BM25(k1=K1, b=B)
    index.index([terms(text) for text in texts], show_progress=False)
    vectors = encoder.encode(texts, DOCUMENT_TOKENS, np.float16).sentences
    asked = encoder.encode(queries, QUERY_TOKENS).sentences
    found: dict[str, list[float]] = {"BM25": [], "dense": [], "both": []}
    for query, vector, wanted in zip(queries, asked, relevant, strict=True):
        lexical = index.retrieve([terms(query)], k=DEPTH, show_progress=False)[0][0].tolist()
        dense = np.argsort(-(vectors @ vector), kind="stable")[:DEPTH].tolist()
        for name, ranking in (("BM25", lexical), ("dense", dense), ("both", fused([lexical, dense]))):
            found[name].append(len(wanted & set(ranking[:CUT])) / len(wanted))
    return found


def retrieve(run: Run) -> None:
    encoder, rows = OnnxEncoder(MODELS / read_manifest()["encoders"]["embed"]["file"], run.options.get("sessions", 1)), []
    for name, search in (("scifact", scifact()), ("nq_oracle, evaluation questions over all qa passages", nq_oracle())):
        found = recalls(encoder, search)
        cells = {leg: "{:.3f} ({:.3f} to {:.3f})".format(float(np.mean(values)), *interval(values)) for leg, values in found.items()}
        rows.append([name, len(search[0]), len(search[1]), *cells.values()])
        run.log(f"{name}: {cells}")
    note = f"Recall@100; each leg hands on {DEPTH}, merged by RRF (k = {CONSTANT}). Measured {provenance()} by `python -m resift_training.retrieve`; in brackets the 95 % bootstrap interval over queries."
    write_section("retrieval", table(["set", "passages", "questions", "BM25", "`embed` sentence vectors", "both"], rows) + "\n\n" + note)


if __name__ == "__main__":
    main("retrieve", retrieve)
