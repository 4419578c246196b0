"""python -m resift_training.read_evaluate: the shipped reader on evaluation rows; writes README's section "Figures: read"."""

import argparse
import random
import time

import numpy as np

from .manifest import read_manifest
from .read_calibrate import features_of, probability, right
from .read_decode import read_all
from .read_figures import provenance, table, write_section
from .read_metrics import best_f1, calibration_error, interval, read_figures
from .read_model import load_tokenizer
from .read_onnx import OnnxPair
from .read_rows import QA_SETS, read_prepared
from .settings import MODELS, RUNS

TARGETS = {"squad2_dev": "F1 >= 60, answerable >= 62, no-answer recall >= 60", "squadshifts_wiki": "F1 >= 72"}


def rows_of(name: str, most: int, prepared: str, kind: str = "human") -> list[dict]:
    """Evaluation rows of a set as people wrote them (or questions with a neighbouring passage): at most `most`, drawn with a fixed seed."""
    rows = [row for row in read_prepared(RUNS / prepared / "prepared" / "eval.jsonl.gz") if row["set"] == name]
    rows = [row for row in rows if row["kind"] == kind]
    return rows if len(rows) <= most else random.Random(1).sample(rows, most)


def measure(model, entry: dict, rows: list[dict]) -> tuple[dict, np.ndarray, np.ndarray, float]:
    """(figures, probabilities, outcomes, milliseconds for a passage)."""
    tokenizer, began = load_tokenizer(), time.time()
    spans = read_all(model, tokenizer, [(row["question"], row["context"]) for row in rows], entry["maxTokens"])
    spent = 1000 * (time.time() - began) / len(rows)
    p = probability(entry, features_of(spans))
    texts = [row["context"][span.start:span.end] for row, span in zip(rows, spans)]
    figures = read_figures(rows, texts, list(p), entry["threshold"])
    # SQuADShifts and NQ hold answerable questions alone: their usual measure never abstains.
    usual = entry["threshold"] if any(not row["answers"] for row in rows) else -1.0
    answers = [[answer["text"] for answer in row["answers"]] for row in rows]
    scores = [best_f1(text if value >= usual else "", found) for text, value, found in zip(texts, p, answers)]
    low, high = interval(np.mean, np.array(scores))
    figures["usual"] = f"{100 * float(np.mean(scores)):.1f} ({100 * low:.1f} to {100 * high:.1f})"
    return figures, p, right(rows, spans), spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1300, help="rows of each set")
    parser.add_argument("--name", default="read", help="folder under .runs with `prepared`")
    parser.add_argument("--dry", action="store_true", help="print, leave README.md alone")
    arguments = parser.parse_args()
    manifest = read_manifest()
    entry = manifest["readers"]["read"]
    model, lines, probabilities, outcomes = OnnxPair(MODELS / entry["file"]), [], [], []
    for name in QA_SETS:
        found, p, y, spent = measure(model, entry, rows_of(name, arguments.most, arguments.name))
        foreign = rows_of(name, 200, arguments.name, "neighbour")
        _, wrong_p, wrong_y, _ = measure(model, entry, foreign)
        probabilities.append(np.concatenate([p[:200], wrong_p]))
        outcomes.append(np.concatenate([y[:200], wrong_y]))
        abstained = 100 * float((wrong_p < entry["threshold"]).mean())
        lines.append([
            name, found["rows"], found["usual"], found["f1"], found["f1_answerable"], found["no_answer_recall"],
            found["f1_answerable_forced"], f"{abstained:.1f}", f"{calibration_error(p, y):.3f}", f"{spent:.0f}", TARGETS.get(name, ""),
        ])
        print(lines[-1], flush=True)
    pooled = calibration_error(np.concatenate(probabilities), np.concatenate(outcomes))
    head = ["evaluation rows of", "rows", "F1, usual measure (95 %)", "F1 all, abstaining", "F1 answerable, abstaining",
            "no-answer recall", "F1 answerable, never abstaining", "abstains on a neighbouring passage", "ECE", "ms a passage", "target"]
    size = manifest["files"][entry["file"]]["bytes"] / 1e6
    body = (
        f"Measured {provenance()}, `python -m resift_training.read_evaluate`, file `{entry['file']}` ({size:.1f} MB), "
        f"threshold {entry['threshold']}. Expected calibration error of P(the span is right) over the mix that the pipeline meets, "
        f"200 rows of each set and as many questions with a likely but wrong passage: {pooled:.3f} (target <= 0.05); by set, where all or half of the questions "
        "have their answer in the passage, in the column ECE. Usual measure: SQuAD 2 with abstention; the other sets hold answerable questions alone and are "
        f"read without abstaining.\n\n{table(head, lines)}"
    )
    print(body) if arguments.dry else write_section("read", body)


if __name__ == "__main__":
    main()
