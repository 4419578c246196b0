"""python -m resift_training.ground_evaluate: the shipped groundedness model on evaluation rows; README's "Figures: ground"."""

import argparse
import random
import time

import numpy as np

from .ground_score import feature_rows, neural_logits
from .manifest import read_manifest
from .read_calibrate import probability
from .read_figures import provenance, table, write_section
from .read_metrics import auroc, calibration_error, interval
from .read_model import load_tokenizer
from .read_onnx import OnnxPair
from .read_rows import GROUNDED_SETS, read_prepared, squeeze
from .settings import MODELS, RUNS

TARGETS = {"healthver_dev": 0.78, "scifact_nli": 0.78, "climate_fever": 0.78, "wice_claim_dev": 0.72,
           "wice_oracle_chunks_dev": 0.72, "summedits": 0.58}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1000, help="rows of each set")
    parser.add_argument("--name", default="ground", help="folder under .runs with `prepared`")
    parser.add_argument("--dry", action="store_true", help="print, leave README.md alone")
    arguments = parser.parse_args()
    manifest = read_manifest()
    entry = manifest["ground"]["ground"]
    model, tokenizer, lines, pooled = OnnxPair(MODELS / entry["file"]), load_tokenizer(), [], []
    prepared = RUNS / arguments.name / "prepared"
    rows = [row for row in read_prepared(prepared / "eval.jsonl.gz") if row["kind"] == "human"]
    trained = {squeeze(row["claim"]) for row in read_prepared(prepared / "train.jsonl.gz")}
    for name in [*GROUNDED_SETS, "summedits news"]:
        own = [row for row in rows if row["set"] == name.split()[0] and (" " not in name or row.get("meta") == "news")]
        own = own if len(own) <= arguments.most else random.Random(1).sample(own, arguments.most)
        if not own:
            continue
        pairs, began = [(row["claim"], row["context"]) for row in own], time.time()
        features = feature_rows(pairs, *neural_logits(model, tokenizer, pairs, entry["maxTokens"], entry["stride"]))
        spent = 1000 * (time.time() - began) / len(own)
        p, y = probability(entry, features), np.array([row["label"] for row in own])
        new = np.array([squeeze(row["claim"]) not in trained for row in own])
        low, high = interval(auroc, p, y)
        fresh = f"{auroc(p[new], y[new]):.3f} ({int(new.sum())})" if new.sum() >= 40 else f"({int(new.sum())} rows)"
        lines.append([
            name, len(own), f"{y.mean():.2f}", f"**{auroc(p, y):.3f}** ({low:.3f} to {high:.3f})", f"{auroc(features[:, 1], y):.3f}",
            f"{auroc(features[:, 0], y):.3f}", fresh, f"{calibration_error(p, y):.3f}", f"{spent:.0f}", TARGETS.get(name, ""),
        ])
        print(lines[-1], flush=True)
        if " " not in name:
            pooled.append((p, y))
    error = calibration_error(*(np.concatenate(part) for part in zip(*pooled)))
    head = ["evaluation rows of", "rows", "supported", "AUROC (95 %)", "idf-weighted overlap alone", "neural logit alone",
            "claims never trained on (rows)", "ECE", "ms a claim", "target"]
    body = (
        f"Measured {provenance()}, `python -m resift_training.ground_evaluate`, file `{entry['file']}` "
        f"({manifest['files'][entry['file']]['bytes'] / 1e6:.1f} MB, shared with `read`), threshold {entry['threshold']}. Expected "
        f"calibration error over all rows: {error:.3f} (target <= 0.05).\n\n{table(head, lines)}"
    )
    print(body) if arguments.dry else write_section("ground", body)


if __name__ == "__main__":
    main()
