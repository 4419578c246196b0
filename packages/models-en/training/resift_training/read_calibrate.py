"""python -m resift_training.read_calibrate: the probability that the best span is right, and the threshold to abstain."""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch

from .read_decode import Span, read_all
from .read_metrics import best_f1, calibration_error, read_figures
from .read_model import load_model, load_tokenizer
from .read_onnx import OnnxPair
from .read_rows import read_prepared
from .settings import RUNS

FEATURES = ["span_score", "answerable_logit"]
REFUSED = 2 / 3
RIGHT = 0.5  # a span is right when its token F1 with an answer is at least this


def logistic(features: np.ndarray, labels: np.ndarray, weight: np.ndarray | None = None, decay: float = 1e-3):
    """(weights, bias) of a logistic regression by L-BFGS, L2 on the weights."""
    x, y = torch.tensor(features, dtype=torch.float64), torch.tensor(labels, dtype=torch.float64)
    w = torch.tensor(np.ones(len(labels)) if weight is None else weight, dtype=torch.float64)
    beta = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([beta], max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        each = torch.nn.functional.binary_cross_entropy_with_logits(x @ beta[:-1] + beta[-1], y, reduction="none")
        loss = (each * w).sum() / w.sum() + decay * beta[:-1].square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return beta[:-1].detach().numpy(), float(beta[-1].detach())


def fit(train_x, train_y, calib_x, calib_y, train_w=None, calib_w=None) -> dict:
    """Weights on the first part, Platt's a and b on the second; the manifest's form."""
    mean, scale = train_x.mean(0), np.maximum(train_x.std(0), 1e-6)
    weights, bias = logistic((train_x - mean) / scale, train_y, train_w)
    logit = ((calib_x - mean) / scale) @ weights + bias
    a, b = logistic(logit[:, None], calib_y, calib_w, decay=0.0)
    rounded = lambda values: [round(float(value), 6) for value in values]  # noqa: E731
    return {"mean": rounded(mean), "scale": rounded(scale), "weights": rounded(weights), "bias": round(bias, 6),
            "calibration": {"kind": "platt", "a": round(float(a[0]), 6), "b": round(b, 6)}}


def probability(fitted: dict, features: np.ndarray) -> np.ndarray:
    """sigmoid(a * (bias + sum w (f - mean) / scale) + b)."""
    logit = ((features - fitted["mean"]) / fitted["scale"]) @ np.array(fitted["weights"]) + fitted["bias"]
    return 1 / (1 + np.exp(-(fitted["calibration"]["a"] * logit + fitted["calibration"]["b"])))


def drawn(rows: list[dict], most: int | None) -> list[dict]:
    """At most `most` rows, drawn with a fixed seed."""
    return rows if most is None or len(rows) <= most else random.Random(5).sample(rows, most)


def features_of(spans: list[Span]) -> np.ndarray:
    return np.array([span.features for span in spans], dtype=np.float64)


def right(rows: list[dict], spans: list[Span]) -> np.ndarray:
    found = [(row["context"][span.start:span.end], [a["text"] for a in row["answers"]]) for row, span in zip(rows, spans)]
    return np.array([bool(answers) and best_f1(text, answers) >= RIGHT for text, answers in found], dtype=float)


def abstention(rows: list[dict], spans: list[Span], p: np.ndarray) -> tuple[float, dict]:
    """(threshold, figures there): the lowest at which two thirds of the unanswerable questions that people wrote are refused.

    The greatest F1 over all rows would abstain far more, since half of the prepared rows are made without an answer.
    """
    texts = [row["context"][span.start:span.end] for row, span in zip(rows, spans)]
    traps = np.array([not row["answers"] and row["kind"] == "human" for row in rows])
    tried = [round(0.1 + 0.02 * step, 2) for step in range(31)]
    enough = [t for t in tried if traps.any() and (p[traps] < t).mean() >= REFUSED]
    threshold = enough[0] if enough else 0.5
    return threshold, read_figures(rows, texts, list(p), threshold)


def calibrate(model, tokenizer, dev: list[dict], calib: list[dict]) -> dict:
    """Fits on dev, calibrates on calib, chooses the threshold on both."""
    spans = {id(rows): read_all(model, tokenizer, [(r["question"], r["context"]) for r in rows]) for rows in (dev, calib)}
    fitted = fit(features_of(spans[id(dev)]), right(dev, spans[id(dev)]), features_of(spans[id(calib)]), right(calib, spans[id(calib)]))
    rows, all_spans = dev + calib, spans[id(dev)] + spans[id(calib)]
    p = probability(fitted, features_of(all_spans))
    threshold, there = abstention(rows, all_spans, p)
    error = calibration_error(p[:len(dev)], right(dev, spans[id(dev)]))
    return {"features": FEATURES, **fitted, "threshold": threshold, "fitted": {**there, "eceDev": round(error, 4)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="read")
    parser.add_argument("--run", default="first", help="run folder, from .runs/<name>")
    parser.add_argument("--onnx", help="use an exported file instead of the run's checkpoint")
    parser.add_argument("--limit", type=int, help="rows of each fold")
    arguments = parser.parse_args()
    folder = RUNS / arguments.name
    model = OnnxPair(Path(arguments.onnx)) if arguments.onnx else load_model(folder / arguments.run / "model.pt")
    dev, calib = (drawn(read_prepared(folder / "prepared" / f"{fold}.jsonl.gz"), arguments.limit) for fold in ("dev", "calib"))
    found = calibrate(model, load_tokenizer(), dev, calib)
    (folder / arguments.run / "calibration.json").write_text(json.dumps(found, indent=1))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
