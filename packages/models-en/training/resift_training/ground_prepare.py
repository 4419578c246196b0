"""python -m resift_training.ground_prepare: claims with contexts, human and synthetic, in folds that share no passage."""

import argparse
import random
from collections import Counter

from .ground_synthetic import NAME, answer_claim, claim_sentences, corrupted, shortened
from .read_negatives import Neighbours
from .read_rows import (
    GROUNDED_SETS, evaluation_passages, fold_of, is_evaluation, load_rows, split_rows, squeeze, write_rows,
)
from .settings import RUNS

WICE = ("wice_claim_dev", "wice_oracle_chunks_dev")
PASSAGE_SOURCES = [("qa", "squadshifts_wiki"), ("qa", "squad2_dev"), ("qa", "nq_oracle"), ("qa", "squadshifts_reddit")]


def prepare(limit: int | None = None, seed: int = 7) -> dict[str, list[dict]]:
    """`limit` rows of each set (all by default)."""
    rng, forbidden = random.Random(seed), evaluation_passages()
    folds: dict[str, list[dict]] = {"train": [], "dev": [], "calib": [], "eval": []}
    for row in human_rows(forbidden, limit, folds["eval"]):
        folds[fold_of(row["claim"] if row["set"] in WICE else row["context"])].append(row)
    passages, questions = sources(forbidden, limit)
    for row in made_from_passages(passages, rng) + made_from_questions(questions, rng):
        if not is_evaluation(row):
            folds[fold_of(row["context"])].append(row)
    rng.shuffle(folds["train"])
    return folds


def human_rows(forbidden: set[str], limit: int | None, evaluation: list[dict]) -> list[dict]:
    """Training rows of grounded/; the evaluation rows are appended to `evaluation`.

    WiCE gives one claim several overlapping extracts of one article, so a claim with any evaluation row in either
    WiCE set does not train at all.
    """
    rows, kept = [], []
    for name in GROUNDED_SETS:
        training, held = split_rows(load_rows("grounded", name)[:limit], forbidden)
        rows += training
        evaluation += [plain(row) for row in held]
    seen = {squeeze(row["claim"]) for row in evaluation if row["set"] in WICE}
    for row in rows:
        if row["set"] not in WICE or squeeze(row["claim"]) not in seen:
            kept.append(plain(row))
    return kept


def plain(row: dict) -> dict:
    kept = {key: row[key] for key in ("set", "context", "claim", "label")}
    return {**kept, "meta": row["meta"], "kind": "human"}


def sources(forbidden: set[str], limit: int | None) -> tuple[list[tuple[str, str]], list[dict]]:
    """(set, passage) without repeats, and the question rows, of the qa sets that may train."""
    passages, questions = {}, []
    for folder, name in PASSAGE_SOURCES:
        training, _ = split_rows(load_rows(folder, name)[:limit], forbidden)
        questions += training
        passages |= {row["context"]: name for row in training}
    return [(name, passage) for passage, name in passages.items()], questions


def made_from_passages(passages: list[tuple[str, str]], rng: random.Random) -> list[dict]:
    """A supported sentence, a corrupted one and a neighbour's sentence for each passage."""
    names = sorted({name for _, passage in passages for name in NAME.findall(passage)}) or ["Paris"]
    near = Neighbours([passage for _, passage in passages])
    rows = []
    for source, passage in passages:
        sentences = claim_sentences(passage)
        if not sentences:
            continue
        base = {"set": f"made_{source}", "context": passage}
        rows.append({**base, "claim": shortened(rng.choice(sentences), rng), "label": 1, "kind": "sentence"})
        wrong = corrupted(shortened(rng.choice(sentences), rng), passage, names, rng)
        if wrong:
            rows.append({**base, "claim": wrong[0], "label": 0, "kind": wrong[1]})
        other = [found for found in near.near(rng.choice(sentences), 3) if found != passage]
        foreign = claim_sentences(rng.choice(other)) if other and rng.random() < 0.3 else []
        if foreign:
            rows.append({**base, "claim": shortened(rng.choice(foreign), rng), "label": 0, "kind": "neighbour"})
    return rows


def made_from_questions(questions: list[dict], rng: random.Random) -> list[dict]:
    """Question with answer as a claim: the right answer, another question's answer, an answer to an unanswerable one."""
    by_passage: dict[str, list[dict]] = {}
    for row in questions:
        by_passage.setdefault(row["context"], []).append(row)
    rows = []
    for passage, group in by_passage.items():
        answers = [row["answers"][0]["text"] for row in group if row["answers"]]
        for row in rng.sample(group, min(2, len(group))):
            own = [answer["text"].lower() for answer in row["answers"]]
            wrong = [answer for answer in answers if not any(answer.lower() in o or o in answer.lower() for o in own)]
            right = bool(own) and (not wrong or rng.random() < 0.5)
            if not right and not wrong:
                continue
            answer = row["answers"][0]["text"] if right else rng.choice(wrong)
            claim = answer_claim(row["question"], answer, rng)
            kind = "answer" if right else "wrong answer" if own else "unanswerable"
            rows.append({"set": f"made_{row['set']}", "context": passage, "claim": claim, "label": int(right), "kind": kind})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="rows per set (smoke)")
    parser.add_argument("--name", default="ground", help="folder under .runs")
    arguments = parser.parse_args()
    for fold, rows in prepare(arguments.limit).items():
        write_rows(RUNS / arguments.name / "prepared" / f"{fold}.jsonl.gz", rows)
        print(fold, len(rows), dict(sorted(Counter((row["set"], row["kind"], row["label"]) for row in rows).items())))


if __name__ == "__main__":
    main()
