"""python -m resift_training.read_train: fine-tunes the pair model as an extractive reader on the prepared rows."""

import argparse
import random
from pathlib import Path

import torch

from .read_decode import read_all
from .read_encoding import Text, encode_texts, token_span, training_window
from .read_loop import Item, Recipe, train
from .read_metrics import read_figures
from .read_model import PairModel, load_model, load_tokenizer
from .read_rows import read_prepared
from .settings import RUNS

# how often a row of a set or kind is taken; SQuAD 2 is the only one with human-written unanswerable questions
SHARES = {"squad2_dev": 2.0, "nq_oracle": 1.5, "squadshifts_wiki": 1.3, "squadshifts_reddit": 0.5,
          "squadshifts_amazon_reviews": 0.5}
SHORT, LONG, SHARE_LONG = 112, 240, 0.1


def read_items(rows: list[dict], tokenizer, rng: random.Random, scale: float = 1.0) -> list[Item]:
    """Items of one pass: mostly short windows around the answer, some long."""
    taken = []
    for row in rows:
        share = scale * SHARES[row["set"]]
        taken += [row] * (int(share) + (rng.random() < share % 1))
    questions = encode_texts(tokenizer, [row["question"] for row in taken])
    passages = encode_texts(tokenizer, [row["context"] for row in taken])
    items = [item_of(*each, rng) for each in zip(taken, questions, passages)]
    return [item for item in items if item]


def item_of(row: dict, question: Text, passage: Text, rng: random.Random) -> Item | None:
    answer = rng.choice(row["answers"]) if row["answers"] else None
    span = token_span(passage, answer["start"], answer["start"] + len(answer["text"])) if answer else None
    if answer and (span is None or span[1] - span[0] >= 40):
        return None
    room = LONG if rng.random() < SHARE_LONG else SHORT
    window = training_window(question, passage, span, room, rng)
    if span is None:
        return Item("read", window, 0.0)
    start, end = (window.offset + place - window.first for place in span)
    return Item("read", window, 1.0, start, end)


def dev_check(rows: list[dict], tokenizer):
    """Figures on the dev fold with the threshold at span score 0, for the log."""

    def check(model: PairModel) -> dict:
        spans = read_all(model, tokenizer, [(row["question"], row["context"]) for row in rows])
        texts = [row["context"][span.start:span.end] for row, span in zip(rows, spans)]
        by = {}
        for name in ("squad2_dev", "squadshifts_wiki"):
            own = [i for i, row in enumerate(rows) if row["set"] == name]
            scores = [spans[i].span_score for i in own]
            by[name] = read_figures([rows[i] for i in own], [texts[i] for i in own], scores, 0.0)
        return by

    return check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="read", help="folder under .runs with `prepared`")
    parser.add_argument("--run", default="first", help="folder of this run inside it")
    parser.add_argument("--scale", type=float, default=1.0, help="passes over the training rows")
    parser.add_argument("--lr", type=float, default=1.2e-4)
    parser.add_argument("--init", help="checkpoint to start from (default: the base encoder)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, help="end by then, rates decaying with the clock")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    folder, rng, tokenizer = RUNS / arguments.name, random.Random(arguments.seed), load_tokenizer()
    items = read_items(read_prepared(folder / "prepared" / "train.jsonl.gz"), tokenizer, rng, arguments.scale)
    model = load_model(Path(arguments.init) if arguments.init else None)
    options = {"seed": arguments.seed, "lr": arguments.lr, "init": arguments.init, "minutes": arguments.minutes}
    recipe = Recipe(folder / arguments.run, **options)
    dev = [row for row in read_prepared(folder / "prepared" / "dev.jsonl.gz") if row["kind"] in ("human", "neighbour")]
    dev = [row for name in ("squad2_dev", "squadshifts_wiki") for row in [r for r in dev if r["set"] == name][:120]]
    train(model.train(), items, recipe, dev_check(dev, tokenizer))


if __name__ == "__main__":
    main()
