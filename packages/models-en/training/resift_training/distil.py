"""distil: the small encoder `tiny` learns the vectors of `embed` from plain texts, without labels; resumable, ends on a budget of its own CPU time."""
from __future__ import annotations

import json
import math
import time
from pathlib import Path
from random import Random

import numpy as np
import torch

from .configuration import Run, main
from .encoder import base_trunk, load_trunk, save_trunk
from .encoder_graph import encoder_model
from .pairs import Pair
from .prepare import read_pairs, read_passages
from .session import OnnxEncoder
from .shrink import shrunk
from .student import Lesson, Student, loss_of
from .teacher import Taught, teach
from .training_lists import read_lists, texts_of


def projected(taught: Taught, axes: np.ndarray) -> list[np.ndarray]:
    """The teacher's token vectors in the stored space, normalised, in half precision."""
    found = []
    for table in taught.tokens:
        small = table.astype(np.float32) @ axes.T
        found.append((small / np.linalg.norm(small, axis=1, keepdims=True)).astype(np.float16))
    return found


def more_pairs(run: Run, known: set[str]) -> list[Pair]:
    """Training pairs with passages outside the lists, one pair a passage, at most `more[source]` of each source."""
    random, found, counts = Random(run.seed), [], dict(run.options["more"])
    seen, pairs = set(known), read_pairs(run.folder)
    random.shuffle(pairs)
    for pair in pairs:
        source = "medquad" if pair.source.startswith("medquad") else pair.source
        if not pair.holdout and pair.positive not in seen and counts.get(source, 0) > 0:
            counts[source] -= 1
            seen.add(pair.positive)
            found.append(pair)
    return found


class Lessons:
    """Batches of training texts of similar length, each with the queries of its own lists, in a seeded random order."""

    def __init__(self, run: Run) -> None:
        rows = read_lists(run.folder)
        trunk, heads, notes = load_trunk(run.folder / "embed.safetensors")
        tuned = "tuned-" if notes.get("options", {}).get("layers") else ""  # other vectors than the base's that `train` kept
        axes = heads["tokens.weight"].numpy()
        # The frozen trunk's own vectors are kept at full width; the projection is applied here.
        encoder = OnnxEncoder(encoder_model(trunk, {}, "int8"), run.options.get("teacher_sessions", 2))
        passages, order = read_passages(run.folder), texts_of(rows)
        texts = teach(run, encoder, [passages[i] for i in order], f"{tuned}passages", 160)
        asked = teach(run, encoder, [row.query for row in rows], f"{tuned}queries", 64, 4000)
        self.tokens, self.queries = projected(texts, axes), projected(asked, axes)
        self.ids, self.sentences, self.random, self.longest = texts.ids, texts.sentences, Random(run.seed), run.options["tokens"]
        place = {passage: k for k, passage in enumerate(order)}
        self.of_text: dict[int, list[int]] = {}
        for number, row in enumerate(rows):
            for passage in [] if row.holdout else [row.positive, *row.negatives]:
                self.of_text.setdefault(place[passage], []).append(number)
        if run.options.get("more"):
            self._add(run, encoder, axes, more_pairs(run, {passages[i] for i in order}), tuned)
        self.training = list(self.of_text)
        self.size = run.options["batch"]

    def _add(self, run: Run, encoder: OnnxEncoder, axes: np.ndarray, pairs: list[Pair], tuned: str) -> None:
        """Texts outside the lists, each with the one query of its pair."""
        texts = teach(run, encoder, [pair.positive for pair in pairs], f"{tuned}more-passages", self.longest)
        asked = teach(run, encoder, [pair.query for pair in pairs], f"{tuned}more-queries", 64, 4000)
        for k in range(len(pairs)):
            self.of_text[len(self.ids) + k] = [len(self.queries) + k]
        self.ids, self.sentences = self.ids + texts.ids, np.concatenate([self.sentences, texts.sentences])
        self.tokens, self.queries = self.tokens + projected(texts, axes), self.queries + projected(asked, axes)

    def lesson(self, group: list[int]) -> Lesson:
        length = self.longest
        ids = [[*map(int, self.ids[i][: length - 1]), 102] if len(self.ids[i]) > length else [*map(int, self.ids[i])] for i in group]
        queries = [self.queries[self.random.choice(self.of_text[i])] for i in group[:: max(1, len(group) // 16)]]
        return Lesson(ids, [self.tokens[i][: length - 2] for i in group], self.sentences[group], queries)

    def round(self) -> list[Lesson]:
        """Every training text once."""
        order = sorted(self.training, key=lambda i: len(self.ids[i]) + 20 * self.random.random())
        groups = [order[i : i + self.size] for i in range(0, len(order) - self.size + 1, self.size)]
        self.random.shuffle(groups)
        return [self.lesson(group) for group in groups]


def distil(run: Run) -> None:
    run.seeded()
    options, device = run.options, run.device
    torch.set_num_threads(options.get("threads", 2))
    lessons = Lessons(run)
    target, progress = run.folder / "tiny.safetensors", run.folder / "distil.json"
    waiting = lessons.round()
    if progress.exists() and not options.get("again"):
        state = json.loads(progress.read_text())
        trunk, heads, _ = load_trunk(target)
        student = Student(trunk, lessons.tokens[0].shape[1], 384)
        if heads["tokens.weight"].shape == student.tokens.weight.shape and not options.get("refit"):
            student.tokens.weight.data.copy_(heads["tokens.weight"])
            student.sentence.weight.data.copy_(heads["sentence.weight"])
        else:  # the teacher's space has changed: both projections start anew, the trunk goes on
            student.fit_heads(waiting[: options.get("fit_batches", 10)], "cpu")
    else:
        state = {"step": 0, "seconds": 0.0}
        trunk = shrunk(base_trunk(), options["layers"], options["heads"], options["inner"], waiting[0].ids)
        student = Student(trunk, lessons.tokens[0].shape[1], 384)
        student.fit_heads(waiting[: options.get("fit_batches", 10)], "cpu")
    student.to(device).train()
    student.trunk.words.weight.requires_grad = False
    student.trunk.positions.weight.requires_grad = False
    trained = [value for value in student.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options["rate"], weight_decay=0.01)
    budget, means = options["cpu_minutes"] * 60.0, {}
    saved, began = time.time(), time.thread_time() - state["seconds"]
    first = state["step"]
    while state["seconds"] < budget:
        waiting = waiting or lessons.round()
        share = min(1.0, state["seconds"] / budget)
        for group in optimizer.param_groups:
            group["lr"] = options["rate"] * min(1.0, (state["step"] - first + 1) / 40) * (0.03 + 0.97 * (1 + math.cos(math.pi * share)) / 2)
        loss, parts = loss_of(student, waiting.pop(), device, options["ranking"])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        state["step"] += 1
        state["seconds"] = time.thread_time() - began
        for name, value in parts.items():
            means[name] = 0.97 * means.get(name, value) + 0.03 * value
        if state["step"] % 50 == 0 or state["step"] - first in (1, 10):
            run.log(f"step {state['step']} ({state['seconds']:.0f} of {budget:.0f} CPU s): " + ", ".join(f"{n} {v:.4f}" for n, v in means.items()))
        if time.time() - saved > options.get("save_seconds", 120) or state["seconds"] >= budget:
            keep(student, target, progress, state, means, options)
            saved = time.time()


def keep(student: Student, target: Path, progress: Path, state: dict, means: dict, options: dict) -> None:
    """Writes the checkpoint and how far it is."""
    save_trunk(student.trunk, target, student.heads(), {"command": "distil", **state, **means, "options": options})
    progress.write_text(json.dumps(state))


if __name__ == "__main__":
    main("distil", distil)
