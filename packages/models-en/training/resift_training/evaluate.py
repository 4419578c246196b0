"""evaluate: nDCG@10 of the shipped rankers on the development lists and on collections that nothing was chosen on; figures-ranking.json and README."""
from __future__ import annotations

import json

import numpy as np

from .configuration import Run, main
from .lists import CHECKS, DEVELOPMENT, lists
from .manifest import read_manifest
from .ndcg import interval, ndcg, order
from .ranker import Head, standardized
from .read_figures import provenance, table, write_section
from .settings import PACKAGE
from .tables import Table, cached_tables

Scores = list[np.ndarray]


def head_of(entry: dict) -> Head:
    return Head(tuple(entry["features"]), tuple(entry["mean"]), tuple(entry["scale"]), tuple(entry["weights"]), entry["bias"])


def measured(tables: list[Table], scores: Scores) -> list[float]:
    return [ndcg([t.grades[i] for i in order(list(s))], t.ideal) for t, s in zip(tables, scores, strict=True)]


def cascade(fast: Scores, accurate: Scores, keep: int) -> Scores:
    """The fast ranker's best `keep` in the accurate one's order, the rest below in the fast one's."""
    found = []
    for quick, good in zip(fast, accurate, strict=True):
        score = standardized(quick) - 1000
        best = order(list(quick))[:keep]
        score[best] = good[best]
        found.append(score)
    return found


def figures(name: str, most_queries: int | None) -> dict[str, object]:
    """All rankers on one set."""
    manifest = read_manifest()
    rows = lists(name, most_queries)
    logits: dict[str, Scores] = {}
    result: dict[str, object] = {}
    for ranker, entry in manifest["rankers"].items():
        if "features" not in entry:
            continue
        encoders = manifest["encoders"]
        tables = cached_tables(name, rows, encoders[entry["encoder"]]["file"], encoders[entry.get("queryEncoder", entry["encoder"])]["file"])
        logits[ranker] = [head_of(entry).logits(t.features) for t in tables]
        ranks = {"first stage": [t.scores for t in tables], ranker: logits[ranker]}
        weight = entry["firstStageWeight"]
        ranks[f"{ranker} + first stage"] = [standardized(s) + weight * standardized(t.scores) for s, t in zip(logits[ranker], tables, strict=True)]
        if ranker == "mini":
            ranks["maxsim alone"] = [t.features[:, 0] for t in tables]
        for key, scores in ranks.items():
            values = measured(tables, scores)
            result[key] = [round(float(np.mean(values)), 4), *(round(x, 4) for x in interval(values))]
    if "cascade" in manifest["rankers"] and {"mini", "tiny"} <= logits.keys():
        values = measured(tables, cascade(logits["tiny"], logits["mini"], manifest["rankers"]["cascade"]["keep"]))
        result["cascade"] = [round(float(np.mean(values)), 4), *(round(x, 4) for x in interval(values))]
    return {"queries": len(rows), "ndcg@10": result}


def written(found: dict) -> None:
    """The section `ranking` of README.md."""
    columns = ["first stage", "maxsim alone", "mini", "mini + first stage", "tiny", "tiny + first stage", "cascade"]
    rows = []
    for name, row in found["sets"].items():
        values = row["ndcg@10"]
        cells = [f"{values[c][0]:.3f}" if c in values else None for c in columns]
        if "mini" in values:
            cells[2] = "**{:.3f}** ({:.3f} to {:.3f})".format(*values["mini"])
        rows.append([name, row["queries"], *cells])
    note = (
        f"nDCG@10. Measured {found['measured']} by `python -m resift_training.evaluate` with the shipped int8 files; in brackets the 95 % bootstrap interval over queries. "
        "The dl21 lists chose the weights, the other sets chose nothing; first stage = the given list, or BM25 top 100 (at most 100 queries of a set but SciFact)."
    )
    write_section("ranking", table(["set", "queries", *columns], rows) + "\n\n" + note)


def evaluate(run: Run) -> None:
    found: dict = {"measured": provenance(), "sets": {}}
    path = PACKAGE / "training" / "figures-ranking.json"
    for name in run.options.get("sets", [*DEVELOPMENT, *CHECKS]):
        full = name in DEVELOPMENT or name == "scifact"
        found["sets"][name] = figures(name, None if full else run.options.get("most_queries", 100))
        run.log(f"{name}: " + ", ".join(f"{k} {v[0]:.3f}" for k, v in found["sets"][name]["ndcg@10"].items()))
        path.write_text(json.dumps(found, indent=1) + "\n")
    written(found)


if __name__ == "__main__":
    main("evaluate", evaluate)
