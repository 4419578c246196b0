"""python -m resift_training.read_golden: golden/read.json, what the engine must reproduce with the shipped file."""

import json

import numpy as np

from .manifest import read_manifest
from .read_calibrate import probability
from .read_decode import best_span, run_windows
from .read_encoding import encode_texts, windows_of
from .read_model import load_tokenizer
from .read_onnx import OnnxPair
from .settings import GOLDEN, MODELS


def golden_pairs(kind: str) -> list[tuple[str, str]]:
    """(question or claim, passage): each passage with its own, then with two of the next passage's."""
    texts = json.loads((GOLDEN / "texts.json").read_text())
    pairs = []
    for index, text in enumerate(texts):
        strange = texts[(index + 1) % len(texts)][kind][:2]
        pairs += [(first, text["passage"]) for first in [*text[kind], *strange]]
    return pairs


def utf16(text: str, place: int) -> int:
    """A place in code points as UTF-16 code units."""
    return len(text[:place].encode("utf-16-le")) // 2


def rounded(values) -> list[float]:
    return [round(float(value), 5) for value in np.atleast_1d(values)]


def main() -> None:
    manifest = read_manifest()
    entry = manifest["readers"]["read"]
    model, tokenizer, cases = OnnxPair(MODELS / entry["file"]), load_tokenizer(), []
    for question, passage in golden_pairs("questions"):
        (a,), (b,) = encode_texts(tokenizer, [question]), encode_texts(tokenizer, [passage])
        windows = windows_of(a, b, entry["maxTokens"], entry["stride"])
        outputs = run_windows(model, windows)
        case = {"question": question, "passage": passage, "windows": []}
        for item, (start, end, answerable, _) in zip(windows, outputs):
            logits = {"start": rounded(start), "end": rounded(end)} if len(item.ids) <= 80 else {}
            case["windows"].append({"ids": item.ids, "types": item.types, **logits, "answerable": round(float(answerable), 5)})
        span = best_span([out[:3] for out in outputs], windows, b)
        if b.ids:
            p = float(probability(entry, np.array([span.features]))[0])
            case |= {
                "start": utf16(passage, span.start), "end": utf16(passage, span.end),
                "text": passage[span.start:span.end], "spanScore": round(span.span_score, 5), "probability": round(p, 6),
            }
        else:
            case |= {"start": 0, "end": 0, "text": "", "probability": 0}
        cases.append(case)
    head = {"file": entry["file"], "sha256": manifest["files"][entry["file"]]["sha256"], "tolerance": {"logit": 0.01, "probability": 0.002}}
    (GOLDEN / "read.json").write_text(json.dumps({**head, "cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
