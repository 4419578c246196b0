"""calibrate: weights of the rankers' features, Platt scaling, thresholds and the weight of a first stage, into the manifest."""
from __future__ import annotations

from typing import Any

import numpy as np

from .calibration_lists import evaluation_lists, holdout_lists
from .configuration import Run, main
from .lists import lists
from .manifest import merge_manifest, read_manifest
from .ranker import Head, ndcgs, standard
from .reliability import calibration_error, platt, reliability, sigmoid
from .tables import Table, cached_tables

STEPS = (-0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3)
VERY_LIKELY, LIKELY = 0.6, 0.2
SIGNS = {"maxsim": 1, "softmaxsim": 1, "cosine": 1, "lexical": 1, "coverage": 1, "lexical_long": 1, "length": -1}
"""Evidence never counts against a text: on 53 development queries the search would otherwise fit noise."""


def chosen_weights(run: Run, features: tuple[str, ...], sets: dict[str, list[Table]], start: dict[str, float]) -> Head:
    """Coordinate search over a coarse grid: the mean of nDCG@10 over the development lists and the hold-out lists, minus a small pull to `start`."""
    mean, scale = standard(features, [table for tables in sets.values() for table in tables])
    weights = [start.get(name, 0.0) for name in features]

    def value(candidate: list[float]) -> float:
        head = Head(features, mean, scale, tuple(candidate))
        pull = sum((a - start.get(name, 0.0)) ** 2 for a, name in zip(candidate, features, strict=True))
        return float(np.mean([np.mean(ndcgs(head, tables)) for tables in sets.values()])) - 0.01 * pull

    best = value(weights)
    for _ in range(run.options.get("rounds", 3)):
        before = best
        for k in range(1, len(features)):  # the first weight stays 1: only ratios matter to an order
            for step in STEPS:
                candidate = [*weights[:k], round(weights[k] + step, 4), *weights[k + 1 :]]
                if candidate[k] * SIGNS[features[k]] < 0:
                    continue
                if (found := value(candidate)) > best + 1e-5:
                    best, weights = found, candidate
        if best - before < 1e-4:
            break
    return Head(features, mean, scale, tuple(weights))


def joined(head: Head, tables: list[Table]) -> tuple[np.ndarray, np.ndarray]:
    """Logits and 0/1 labels of all pairs."""
    return np.concatenate([head.logits(t.features) for t in tables]), np.concatenate([(np.asarray(t.grades) > 0).astype(float) for t in tables])


def calibrate(run: Run) -> None:
    options = run.options
    encoders = read_manifest()["encoders"]
    for name, plan in options["rankers"].items():
        texts = encoders[plan["encoder"]]["file"]
        queries = encoders[plan.get("queryEncoder", plan["encoder"])]["file"]

        def tables(key: str, rows: list[Any]) -> list[Table]:
            return cached_tables(key, rows, texts, queries)  # noqa: B023  (used at once)

        held = tables("holdout", holdout_lists(run, options["queries"], options["depth"]))
        half = len(held) // 2
        sets = {"holdout": held[:half], **{key: tables(key, lists(key, options.get("most_queries"))) for key in ("dl21_bm25", "dl21_splade")}}
        head = chosen_weights(run, tuple(plan["features"]), sets, plan["start"])
        logits, labels = joined(head, held[:half])
        a, b = platt(logits, labels)
        unseen = {"hold-out, other half": held[half:], "nq_oracle, evaluation rows": tables("nq", evaluation_lists("nq_oracle", options["nq"], options["depth"]))}
        errors = {}
        for key, rows in unseen.items():
            z, y = joined(head, rows)
            p = sigmoid(a * z + b)
            errors[key] = calibration_error(p, y)
            run.log(f"{name}, {key}: ECE {errors[key]:.4f} over {len(y)} pairs, {y.mean():.3f} relevant; (shown, observed, pairs) " + str([(round(u, 2), round(v, 2), n) for u, v, n in reliability(p, y)]))
        fusion = {w: {key: round(float(np.mean(ndcgs(head, sets[key], w))), 4) for key in ("dl21_bm25", "dl21_splade", "holdout")} for w in (0.0, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)}
        for w, found in fusion.items():
            run.log(f"{name}, first stage x {w}: {found}")
        run.log(f"{name}: {head.entry()}, a {a:.4f}, b {b:.4f}")
        entry = {
            "encoder": plan["encoder"],
            **({"queryEncoder": plan["queryEncoder"]} if "queryEncoder" in plan else {}),
            **head.entry(),
            "calibration": {"kind": "platt", "a": round(a, 6), "b": round(b, 6)},
            "calibrationError": {key: round(value, 4) for key, value in errors.items()},
            "thresholds": {"very_likely": VERY_LIKELY, "likely": LIKELY},
            "firstStageWeight": plan.get("firstStageWeight", 0.3),
        }
        merge_manifest({"rankers": {name: entry}})
    merge_manifest({"rankers": {"cascade": {"fast": "tiny", "accurate": "mini", "keep": options.get("keep", 30)}}})


if __name__ == "__main__":
    main("calibrate", calibrate)
