"""python -m resift_training.ground_train: trains both heads together from a reader's checkpoint (claims, and questions again)."""

import argparse
import random
from pathlib import Path

import torch

from .ground_features import best_windows
from .ground_score import MAX_TOKENS, STRIDE, neural_logits
from .read_encoding import encode_texts, windows_of
from .read_loop import Item, Recipe, train
from .read_metrics import auroc
from .read_model import PairModel, load_model, load_tokenizer
from .read_rows import read_prepared
from .read_train import dev_check, read_items
from .settings import RUNS

SHARES = {"sick": 0.35, "healthver_dev": 2.5, "scifact_nli": 1.5, "wice_claim_dev": 0.0, "wice_oracle_chunks_dev": 0.0,
          "begin": 1.0, "climate_fever": 1.0, "summedits": 0.6}
MADE_SHARE, TRAIN_TOKENS = 0.6, 192


def ground_items(rows: list[dict], tokenizer, rng: random.Random, scale: float = 1.0) -> list[Item]:
    """One item for each row taken: the window of the context that shares most with the claim."""
    taken = []
    for row in rows:
        share = scale * SHARES.get(row["set"], MADE_SHARE)
        taken += [row] * (int(share) + (rng.random() < share % 1))
    claims = encode_texts(tokenizer, [row["claim"] for row in taken])
    contexts = encode_texts(tokenizer, [row["context"] for row in taken])
    items = []
    for row, claim, context in zip(taken, claims, contexts):
        found = windows_of(claim, context, TRAIN_TOKENS, 64)
        items.append(Item("ground", best_windows(row["claim"], row["context"], context, found, 1)[0], float(row["label"])))
    return items


def ground_check(rows: list[dict], tokenizer):
    """AUROC of the neural logit alone by set, on dev rows."""

    def check(model: PairModel) -> dict:
        logits, _ = neural_logits(model, tokenizer, [(row["claim"], row["context"]) for row in rows], MAX_TOKENS, STRIDE)
        found = {}
        for name in sorted({row["set"] for row in rows}):
            own = [i for i, row in enumerate(rows) if row["set"] == name]
            found[name] = round(auroc([logits[i] for i in own], [rows[i]["label"] for i in own]), 3)
        return found

    return check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="ground", help="folder under .runs with `prepared`")
    parser.add_argument("--read-name", default="read", help="folder under .runs with the reader's `prepared`")
    parser.add_argument("--run", default="joint", help="folder of this run inside it")
    parser.add_argument("--scale", type=float, default=1.0, help="passes over the claims")
    parser.add_argument("--read-scale", type=float, default=0.4, help="passes over the questions")
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--init", help="the reader's checkpoint")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--minutes", type=float, help="end by then, rates decaying with the clock")
    parser.add_argument("--frozen", type=int, default=2, help="lower layers that keep their values")
    parser.add_argument("--attention", default="sdpa", help="eager is a third faster on one CPU thread at 112 tokens")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    rng, tokenizer = random.Random(arguments.seed), load_tokenizer()
    folder, read_folder = RUNS / arguments.name, RUNS / arguments.read_name
    items = ground_items(read_prepared(folder / "prepared" / "train.jsonl.gz"), tokenizer, rng, arguments.scale)
    questions = read_prepared(read_folder / "prepared" / "train.jsonl.gz")
    items += read_items(questions, tokenizer, rng, arguments.read_scale)
    dev = [row for row in read_prepared(folder / "prepared" / "dev.jsonl.gz") if row["kind"] == "human"]
    dev = [row for name in sorted(SHARES) for row in [r for r in dev if r["set"] == name][:130]]
    read_dev = [row for row in read_prepared(read_folder / "prepared" / "dev.jsonl.gz") if row["kind"] == "human"]
    read_dev = [row for row in read_dev if row["set"] == "squad2_dev"][:150]
    checks = [ground_check(dev, tokenizer), dev_check(read_dev, tokenizer)]
    model = load_model(Path(arguments.init) if arguments.init else None, arguments.attention)
    options = {"seed": arguments.seed, "lr": arguments.lr, "init": arguments.init, "minutes": arguments.minutes}
    recipe = Recipe(folder / arguments.run, frozen_layers=arguments.frozen, **options)
    train(model.train(), items, recipe, lambda trained: {k: v for check in checks for k, v in check(trained).items()})


if __name__ == "__main__":
    main()
