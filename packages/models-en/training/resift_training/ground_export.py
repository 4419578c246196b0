"""python -m resift_training.ground_export: the manifest's `ground.ground` for a file with the claim head's `logit`."""

import argparse
import json

from .ground_score import MAX_TOKENS, MAX_WINDOWS, STRIDE
from .manifest import merge_manifest
from .read_encoding import MAX_FIRST
from .read_export import export
from .read_model import load_model
from .settings import MODELS, RUNS


def ground_entry(file: str, calibration: dict) -> dict:
    return {"file": file, "maxTokens": MAX_TOKENS, "maxClaimTokens": MAX_FIRST, "stride": STRIDE,
            "maxWindows": MAX_WINDOWS, **calibration}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="ground/joint", help="folder under .runs with model.pt")
    parser.add_argument("--calibration", default="ground/joint/calibration.json", help="under .runs, by ground_calibrate")
    parser.add_argument("--file", default="read.onnx", help="one file serves read and ground")
    parser.add_argument("--precision", default="stored8", choices=["float32", "stored8", "rows8", "int8"])
    arguments = parser.parse_args()
    if not (MODELS / arguments.file).exists():
        export(load_model(RUNS / arguments.run / "model.pt"), arguments.file, arguments.precision, claims=True)
    calibration = json.loads((RUNS / arguments.calibration).read_text())
    merge_manifest({"ground": {"ground": ground_entry(arguments.file, calibration)}}, [arguments.file])


if __name__ == "__main__":
    main()
