"""The training loop of the pair model: one plan of batches from a seed, a task for each batch, resumable."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from .read_encoding import Window, by_length, stack
from .read_model import PairModel, save_model


@dataclass
class Item:
    """One training input: `read` has token positions start/end (0, 0 = no answer), both have a label 0-1."""

    task: str
    window: Window
    label: float
    start: int = 0
    end: int = 0


@dataclass
class Recipe:
    """Everything that decides a run; written beside its checkpoints."""

    folder: Path
    seed: int = 7
    lr: float = 1.2e-4
    head_lr: float = 1e-3
    warmup: float = 0.06
    frozen_layers: int = 2
    batch_tokens: int = 2400
    save_every: int = 100
    init: str | None = None
    minutes: float | None = None  # the rates decay with the clock too, and the run ends by then


def losses(model: PairModel, task: str, items: list[Item]) -> torch.Tensor:
    """read: span cross-entropy over the passage and [CLS], plus the answerable head; ground: binary cross-entropy."""
    batch = stack([item.window for item in items])
    start, end, answerable, ground = model(**batch)
    label = torch.tensor([item.label for item in items])
    if task == "ground":
        return nn.functional.binary_cross_entropy_with_logits(ground, label)
    allowed = batch["token_type_ids"].bool() & (batch["input_ids"] != 102)
    allowed[:, 0] = True
    spans = [(start, [item.start for item in items]), (end, [item.end for item in items])]
    cross = sum(
        nn.functional.cross_entropy(logits.masked_fill(~allowed, -1e4), torch.tensor(target)) for logits, target in spans
    )
    return cross / 2 + 0.5 * nn.functional.binary_cross_entropy_with_logits(answerable, label)


def plan(items: list[Item], recipe: Recipe) -> list[list[int]]:
    """Batches of one task and similar length each, in random order."""
    rng = random.Random(recipe.seed)
    batches = []
    for task in sorted({item.task for item in items}):
        own = [index for index, item in enumerate(items) if item.task == task]
        groups = by_length([len(items[index].window.ids) for index in own], recipe.batch_tokens, rng)
        batches += [[own[index] for index in group] for group in groups]
    rng.shuffle(batches)
    return batches


def train(model: PairModel, items: list[Item], recipe: Recipe, check: Callable[[PairModel], dict] | None = None) -> None:
    """Runs the plan once; resumes from `state.pt`; `check` runs half-way and at the end and its figures go to the log."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    torch.manual_seed(recipe.seed)
    model.freeze(recipe.frozen_layers)
    batches = plan(items, recipe)
    groups = [
        {"params": [p for p in model.trunk.parameters() if p.requires_grad], "lr": recipe.lr},
        {"params": [p for m in (model.span, model.answerable, model.ground) for p in m.parameters()], "lr": recipe.head_lr},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    total, warm = len(batches), max(1, int(recipe.warmup * len(batches)))
    state, done, spent = recipe.folder / "state.pt", 0, 0.0
    if state.exists():
        saved = torch.load(state, weights_only=False)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        done, spent = saved["step"], saved.get("seconds", 0.0)
    recipe.folder.mkdir(parents=True, exist_ok=True)
    (recipe.folder / "recipe.json").write_text(json.dumps({**recipe.__dict__, "steps": total}, default=str, indent=1))
    recent: dict[str, list[float]] = {}
    began, pairs = time.time(), 0
    for step in range(done, total):
        seconds = spent + time.time() - began
        progress = max(step / total, seconds / (60 * recipe.minutes) if recipe.minutes else 0.0)
        last = step + 1 == total or progress >= 1
        for group, rate in zip(optimizer.param_groups, (recipe.lr, recipe.head_lr)):
            group["lr"] = rate * min((step + 1) / warm, max(0.02, 1 - progress))
        chosen = [items[index] for index in batches[step]]
        loss = losses(model, chosen[0].task, chosen)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        pairs += len(chosen)
        recent.setdefault(chosen[0].task, []).append(loss.item())
        if step % 20 == 19 or last:
            means = {task: round(sum(found) / len(found), 4) for task, found in recent.items()}
            rate = pairs / (time.time() - began)
            log(recipe.folder, {"step": step + 1, "of": total, "loss": means, "pairs_per_s": round(rate, 1)})
            recent = {}
        if (step + 1) % recipe.save_every == 0 or last:
            keep = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "seconds": seconds}
            torch.save({**keep, "step": step + 1}, state.with_suffix(".part"))
            state.with_suffix(".part").replace(state)
        if check and (step + 1 == total // 2 or last):
            model.eval()
            log(recipe.folder, {"step": step + 1, **check(model)})
            model.train()
        if last:
            break
    save_model(model, recipe.folder / "model.pt")


def log(folder: Path, entry: dict) -> None:
    """A line of JSON to the terminal and to `log.jsonl`."""
    line = json.dumps({"time": time.strftime("%H:%M:%S"), **entry})
    print(line, flush=True)
    with (folder / "log.jsonl").open("a") as out:
        out.write(line + "\n")
