"""python -m resift_training.ground_calibrate: weights of the neural and lexical features, Platt's a and b, all out of fold."""

import argparse
import json
from pathlib import Path

import numpy as np

from .ground_features import NAMES
from .ground_fit import combine
from .ground_score import feature_rows, neural_logits
from .ground_train import SHARES
from .read_calibrate import drawn
from .read_metrics import auroc, calibration_error
from .read_model import load_model, load_tokenizer
from .read_onnx import OnnxPair
from .read_rows import read_prepared
from .settings import RUNS

HELD = {name for name, share in SHARES.items() if share == 0}
"""Sets whose training rows the claim head has not seen: too few dev rows otherwise to weigh words on citations."""


def held_rows(folder: Path, limit: int | None = None) -> list[dict]:
    """dev and calib, and the training rows of HELD."""
    rows = [row for fold in ("dev", "calib") for row in drawn(read_prepared(folder / f"{fold}.jsonl.gz"), limit)]
    return rows + drawn([row for row in read_prepared(folder / "train.jsonl.gz") if row["set"] in HELD], limit)


def calibrate(model, tokenizer, rows: list[dict]) -> tuple[dict, dict]:
    """(manifest entry, figures by set out of fold)."""
    pairs = [(row["claim"], row["context"]) for row in rows]
    x = feature_rows(pairs, *neural_logits(model, tokenizer, pairs))
    fitted, p = combine(rows, x, NAMES)
    return {"features": NAMES, **fitted, "threshold": 0.5}, figures(rows, x, p)


def figures(rows: list[dict], x: np.ndarray, p: np.ndarray) -> dict:
    y, by_set = np.array([float(row["label"]) for row in rows]), {}
    for name in sorted({row["set"] for row in rows}):
        own = np.array([row["set"] == name for row in rows])
        by_set[name] = [round(auroc(column[own], y[own]), 3) for column in (p, x[:, 0], x[:, 1])]
    human = np.array([row["kind"] == "human" for row in rows])
    return {"auroc fitted/neural/overlap": by_set, "eceOutOfFold": round(calibration_error(p[human], y[human]), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="ground")
    parser.add_argument("--run", default="joint")
    parser.add_argument("--onnx", help="use an exported file instead of the run's checkpoint")
    parser.add_argument("--limit", type=int, help="rows of each fold")
    arguments = parser.parse_args()
    folder = RUNS / arguments.name
    model = OnnxPair(Path(arguments.onnx)) if arguments.onnx else load_model(folder / arguments.run / "model.pt")
    entry, found = calibrate(model, load_tokenizer(), held_rows(folder / "prepared", arguments.limit))
    (folder / arguments.run / "calibration.json").write_text(json.dumps(entry, indent=1))
    print(json.dumps({**entry, **found}, indent=1))


if __name__ == "__main__":
    main()
