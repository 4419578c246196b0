"""python -m resift_training.read_export: a run as models/<file>.onnx with the manifest's `readers.read`."""

import argparse
import json
from pathlib import Path

import numpy as np

from .manifest import merge_manifest
from .read_decode import MAX_ANSWER_TOKENS, MAX_TOKENS, STRIDE, run_windows
from .read_encoding import MAX_FIRST, encode_texts, windows_of
from .read_graph import pair_graph
from .read_model import PairModel, load_model, load_tokenizer
from .read_onnx import OnnxPair
from .settings import MODELS, RUNS

SAMPLE = [
    ("When did the bridge open?", "The bridge, designed by Ana Ruiz, opened in 1931 after four years of work."),
    ("Who painted the ceiling?", "Visitors come for the garden. The hall was built later. " * 12),
]


def export(model: PairModel, file: str, precision: str, claims: bool) -> Path:
    """Writes models/<file> and reports how far its logits are from PyTorch's."""
    path = MODELS / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pair_graph(model, precision, claims).SerializeToString())
    print(file, precision, path.stat().st_size, "bytes; greatest difference from PyTorch", difference(model, path, claims))
    return path


def difference(model: PairModel, path: Path, claims: bool) -> float:
    tokenizer = load_tokenizer()
    first, second = (encode_texts(tokenizer, list(texts)) for texts in zip(*SAMPLE))
    windows = [item for a, b in zip(first, second) for item in windows_of(a, b, MAX_TOKENS, STRIDE)]
    pairs = zip(run_windows(model, windows), run_windows(OnnxPair(path), windows))
    outputs = 4 if claims else 3
    return float(max(np.abs(a[i] - b[i]).max() for a, b in pairs for i in range(outputs)))


def reader_entry(file: str, calibration: dict) -> dict:
    kept = {key: value for key, value in calibration.items() if key != "fitted"}
    return {"file": file, "maxTokens": MAX_TOKENS, "maxQuestionTokens": MAX_FIRST, "stride": STRIDE,
            "maxAnswerTokens": MAX_ANSWER_TOKENS, **kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="read/first", help="folder under .runs with model.pt")
    parser.add_argument("--calibration", default="read/first/calibration.json", help="under .runs, by read_calibrate")
    parser.add_argument("--file", default="read.onnx")
    parser.add_argument("--precision", default="stored8", choices=["float32", "stored8", "rows8", "int8"])
    parser.add_argument("--only-file", action="store_true", help="write the file, leave the manifest")
    parser.add_argument("--claims", action="store_true", help="with the output `logit` of the claim head")
    arguments = parser.parse_args()
    if arguments.only_file or not (MODELS / arguments.file).exists():
        export(load_model(RUNS / arguments.run / "model.pt"), arguments.file, arguments.precision, arguments.claims)
    if not arguments.only_file:
        calibration = json.loads((RUNS / arguments.calibration).read_text())
        merge_manifest({"readers": {"read": reader_entry(arguments.file, calibration)}}, [arguments.file])


if __name__ == "__main__":
    main()
