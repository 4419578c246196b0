"""train: `embed` from the base encoder. The token projection always learns; the top `layers` of the trunk too when asked (best on a GPU)."""
from __future__ import annotations

import json
import time
from random import Random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .checks import LENGTH_SHARE, Checks
from .configuration import Run, main
from .encoder import Trunk, base_trunk, load_trunk, save_trunk, sentence_vector
from .encoder_graph import encoder_model
from .interaction import length_free, listwise, soft_maxsim, stacked
from .prepare import read_passages
from .projection import principal_axes
from .session import OnnxEncoder
from .teacher import Taught, teach
from .training_lists import TrainingList, read_lists, texts_of
from .vectors import padded

SHARPNESS = 30.0
LONGEST = 120
FALSE_MARGIN = 0.01


class Vectors:
    """Vectors of lists' queries and passages: the base encoder's own (teacher), and the student's on the way."""

    def __init__(self, run: Run, lists: list[TrainingList]) -> None:
        base = OnnxEncoder(encoder_model(base_trunk(), {}, "int8"), run.options.get("teacher_sessions", 2))
        passages, order = read_passages(run.folder), texts_of(lists)
        self.texts: Taught = teach(run, base, [passages[i] for i in order], "passages", 160)
        self.queries: Taught = teach(run, base, [row.query for row in lists], "queries", 64, 4000)
        self.place = {passage: k for k, passage in enumerate(order)}


def states(trunk: Trunk, ids: list[np.ndarray], layers: int, device: str) -> tuple[Tensor, Tensor]:
    """Hidden states without [CLS], and normalised sentence vectors; only the top `layers` keep gradients."""
    table, mask = padded([[int(x) for x in row] for row in ids], device)
    with torch.no_grad():
        x = trunk.embed(table, None)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -30000.0
        for layer in trunk.layers[: len(trunk.layers) - layers]:
            x = layer(x, bias)
    for layer in trunk.layers[len(trunk.layers) - layers :]:
        x = layer(x, bias)
    return x[:, 1:], sentence_vector(x, mask)


def batch_loss(run: Run, vectors: Vectors, batch: list[tuple[int, TrainingList]], trunk: Trunk, axes: Tensor) -> Tensor:
    """Listwise loss of some queries over all passages of their lists."""
    options, device = run.options, run.device
    passages = list(dict.fromkeys(p for _, row in batch for p in [row.positive, *row.negatives[:2]]))
    column = {passage: c for c, passage in enumerate(passages)}
    asked, asked_mask = stacked([vectors.queries.tokens[number] for number, _ in batch], device)
    texts, inside = stacked([vectors.texts.tokens[vectors.place[p]][:LONGEST] for p in passages], device)
    positives = torch.tensor([column[row.positive] for _, row in batch], device=device)
    with torch.no_grad():
        teacher = length_free(soft_maxsim(asked, asked_mask, texts, inside), inside, LENGTH_SHARE)
        own = teacher.gather(1, positives[:, None])
        exclude = teacher > own - FALSE_MARGIN
        exclude.scatter_(1, positives[:, None], False)
    kept = dense = torch.zeros(())
    if options.get("layers", 0):
        numbers, rows = [number for number, _ in batch], [vectors.place[p] for p in passages]
        asked, asked_sentences = states(trunk, [vectors.queries.ids[n] for n in numbers], options["layers"], device)
        texts, sentences = states(trunk, [vectors.texts.ids[k][: LONGEST + 1] for k in rows], options["layers"], device)
        asked, texts = asked[:, : asked_mask.shape[1]], texts[:, : inside.shape[1]]
        old = [torch.from_numpy(s.astype(np.float32)).to(device) for s in (vectors.queries.sentences[numbers], vectors.texts.sentences[rows])]
        kept = (1 - (asked_sentences * old[0]).sum(1)).mean() + (1 - (sentences * old[1]).sum(1)).mean()
        dense = listwise(asked_sentences @ sentences.T, positives, old[0] @ old[1].T, options.get("mix", 0.5), SHARPNESS, exclude)
    small = [F.normalize(x @ axes.T, dim=-1) for x in (asked, texts)]
    scores = length_free(soft_maxsim(small[0], asked_mask, small[1], inside), inside, LENGTH_SHARE)
    late = listwise(scores, positives, teacher, options.get("mix", 0.5), SHARPNESS, exclude)
    return late + options.get("dense", 0.5) * dense + options.get("hold", 0.3) * kept


def sampled(vectors: Vectors, lists: list[TrainingList], most: int) -> list[tuple[list[int], list[list[int]]]]:
    """Token ids of query and texts (the positive first) of some hold-out lists."""
    held = [(number, row) for number, row in enumerate(lists) if row.holdout and row.negatives]
    chosen = held[:: max(1, len(held) // most)]
    return [
        (list(map(int, vectors.queries.ids[number])), [list(map(int, vectors.texts.ids[vectors.place[p]])) for p in [row.positive, *row.negatives]])
        for number, row in chosen
    ]


def train(run: Run) -> None:
    run.seeded()
    options, target = run.options, run.folder / run.options.get("target", "embed.safetensors")
    torch.set_num_threads(options.get("threads", 2))
    if target.exists() and not options.get("again"):
        run.log(f"already there: {target}")
        return
    lists = read_lists(run.folder)
    vectors = Vectors(run, lists)
    if options.get("start"):  # goes on from the projection of an earlier run
        start = load_trunk(run.folder / options["start"])[1]["tokens.weight"]
    else:
        sample = [vectors.texts.tokens[k] for k in range(0, len(vectors.texts), max(1, len(vectors.texts) // 700))]
        start = principal_axes([np.asarray(t, np.float32) for t in sample + 2 * vectors.queries.tokens[:700]], options["dimensions"])
    axes = torch.nn.Parameter(start.clone().to(run.device))
    trunk = base_trunk().to(run.device)
    layers = options.get("layers", 0)
    weights = [w for layer in trunk.layers[len(trunk.layers) - layers :] for w in layer.parameters()] if layers else []
    groups = [{"params": [axes], "rate": options["rate"]}, {"params": weights, "rate": options.get("trunk_rate", 1e-5)}]
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], lr=options["rate"], weight_decay=0.0)
    random, waiting, recent, began = Random(run.seed), [], [], time.time()
    training = [(number, row) for number, row in enumerate(lists) if not row.holdout and row.negatives]
    checks = Checks(sampled(vectors, lists, options.get("holdouts", 200)), options.get("depth", 40), options.get("dev_lists"))
    run.log(f"start: {checks.figures(trunk, axes.detach())}")
    for step in range(1, options["steps"] + 1):
        if len(waiting) < options["batch"]:
            waiting = random.sample(training, len(training))
        batch, waiting = waiting[: options["batch"]], waiting[options["batch"] :]
        share = max(step / options["steps"], (time.time() - began) / (60 * options.get("minutes", 1e6)))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1, step / 20) * max(0.0, 1 - share)
        loss = batch_loss(run, vectors, batch, trunk, axes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recent.append(loss.item())
        if step % options.get("report", 100) == 0:
            run.log(f"step {step}: loss {sum(recent) / len(recent):.4f}, {checks.figures(trunk, axes.detach())}, {time.time() - began:.0f} s")
            recent = []
        if share >= 1:
            break
    blend(trunk, options.get("blend", 0.5) if layers else 0.0)
    save_trunk(trunk, target, {"tokens.weight": axes.detach()}, {"command": "train", "options": options, "seed": run.seed})
    (run.folder / "train.json").write_text(json.dumps({"options": options, "seconds": time.time() - began}))


def blend(trunk: Trunk, share: float) -> None:
    """Weight-space average with the base (WiSE-FT): `share` of the trained weights."""
    start = base_trunk().state_dict()
    trained = {name: value.cpu() for name, value in trunk.state_dict().items()}
    trunk.load_state_dict({name: start[name] + share * (value - start[name]) for name, value in trained.items()})


if __name__ == "__main__":
    main("train", train)
