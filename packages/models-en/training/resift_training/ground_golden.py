"""python -m resift_training.ground_golden: golden/ground.json, what the engine must reproduce with the shipped files."""

import json

from .ground_features import best_windows
from .ground_score import feature_rows
from .manifest import read_manifest
from .read_calibrate import probability
from .read_decode import run_windows
from .read_encoding import encode_texts, windows_of
from .read_golden import golden_pairs, rounded
from .read_model import load_tokenizer
from .read_onnx import OnnxPair
from .settings import GOLDEN, MODELS


def main() -> None:
    manifest = read_manifest()
    entry = manifest["ground"]["ground"]
    model, tokenizer, cases = OnnxPair(MODELS / entry["file"]), load_tokenizer(), []
    for claim, context in golden_pairs("claims"):
        (a,), (b,) = encode_texts(tokenizer, [claim]), encode_texts(tokenizer, [context])
        found = windows_of(a, b, entry["maxTokens"], entry["stride"])
        windows = best_windows(claim, context, b, found, entry["maxWindows"])
        logits = [float(out[3]) for out in run_windows(model, windows)]
        features = feature_rows([(claim, context)], [max(logits)], [len(windows)])
        case = {"claim": claim, "context": context, "windows": [{"first": item.first, "ids": item.ids} for item in windows]}
        case |= {"logits": rounded(logits), "features": rounded(features[0])}
        case["probability"] = round(float(probability(entry, features)[0]), 6)
        cases.append(case)
    head = {"file": entry["file"], "sha256": manifest["files"][entry["file"]]["sha256"], "features": entry["features"],
            "tolerance": {"logit": 0.01, "feature": 1e-4, "probability": 0.002}}
    (GOLDEN / "ground.json").write_text(json.dumps({**head, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
