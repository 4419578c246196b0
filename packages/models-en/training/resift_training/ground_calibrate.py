"""python -m resift_training.ground_calibrate: weights of the neural and lexical features on dev, Platt's a and b on calib."""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from .ground_features import NAMES
from .ground_score import feature_rows, neural_logits
from .read_calibrate import drawn, fit, probability
from .read_metrics import auroc, calibration_error
from .read_model import load_model, load_tokenizer
from .read_onnx import OnnxPair
from .read_rows import read_prepared
from .settings import RUNS

MADE_WEIGHT = 0.5


def set_weights(rows: list[dict]) -> np.ndarray:
    """Each human set weighs the same, at least as if it had 60 rows; made sets half of that."""
    counts = Counter(row["set"] for row in rows)
    each = [1 / max(60, counts[row["set"]]) * (MADE_WEIGHT if row["kind"] != "human" else 1.0) for row in rows]
    return np.array(each) * len(rows) / sum(each)


def calibrate(model, tokenizer, dev: list[dict], calib: list[dict]) -> tuple[dict, dict]:
    """(manifest entry, figures on dev). Platt on human rows alone: about 3 in 10 claims are supported there."""
    x = {}
    for name, rows in (("dev", dev), ("calib", calib)):
        pairs = [(row["claim"], row["context"]) for row in rows]
        x[name] = feature_rows(pairs, *neural_logits(model, tokenizer, pairs))
    y = {name: np.array([float(row["label"]) for row in rows]) for name, rows in (("dev", dev), ("calib", calib))}
    human = np.array([row["kind"] == "human" for row in calib])
    fitted = fit(x["dev"], y["dev"], x["calib"][human], y["calib"][human], set_weights(dev))
    p = probability(fitted, x["dev"])
    by_set = {}
    for name in sorted({row["set"] for row in dev}):
        own = np.array([row["set"] == name for row in dev])
        by_set[name] = [round(auroc(column[own], y["dev"][own]), 3) for column in (p, x["dev"][:, 0], x["dev"][:, 1])]
    on_human = np.array([row["kind"] == "human" for row in dev])
    error = calibration_error(p[on_human], y["dev"][on_human])
    return {"features": NAMES, **fitted, "threshold": 0.5}, {"auroc fitted/neural/overlap": by_set, "eceDev": round(error, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="ground")
    parser.add_argument("--run", default="joint")
    parser.add_argument("--onnx", help="use an exported file instead of the run's checkpoint")
    parser.add_argument("--limit", type=int, help="rows of each fold")
    arguments = parser.parse_args()
    folder = RUNS / arguments.name
    model = OnnxPair(Path(arguments.onnx)) if arguments.onnx else load_model(folder / arguments.run / "model.pt")
    dev, calib = (drawn(read_prepared(folder / "prepared" / f"{fold}.jsonl.gz"), arguments.limit) for fold in ("dev", "calib"))
    entry, figures = calibrate(model, load_tokenizer(), dev, calib)
    (folder / arguments.run / "calibration.json").write_text(json.dumps(entry, indent=1))
    print(json.dumps({**entry, **figures}, indent=1))


if __name__ == "__main__":
    main()
