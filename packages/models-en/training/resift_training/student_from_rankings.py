"""student_from_rankings: a small student taught by any teacher's rankings (`resift distil` writes them), exported to ONNX.

    python -m resift_training.student_from_rankings --lists OUT/lists.jsonl --out OUT

A line of the lists is {"query", "texts": best first, "scores": the teacher's or null, "holdout"}. The student is the first layers of all-MiniLM-L6-v2 with a new head: `late-interaction`
(token vectors, soft MaxSim) or `cross-encoder` (query and text read together). The layers below the last one stay as they are, and each text passes through them once.
"""
from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import onnx

# Before torch is loaded: threads that spin while they wait take four times the processor time where other work runs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from .encoder import base_tokenizer, base_trunk  # first: it sets HF_HUB_OFFLINE

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from .encoder_graph import encoder_model, hidden_states
from .features import SHARPNESS
from .graph import Graph
from .vectors import tokenized

QUERY_TOKENS, TEXT_TOKENS, PAIR_TOKENS = 32, 128, 160
LENGTH_SHARE = 0.4
INPUTS = ["input_ids", "attention_mask", "token_type_ids"]


@dataclass(frozen=True)
class Taught:
    """One query with texts in the teacher's order, best first; without scores only the order counts."""

    query: str
    texts: list[str]
    scores: list[float] | None
    holdout: bool


def read_taught(path: Path) -> list[Taught]:
    """Reads the lists; one with fewer than two texts teaches nothing and is left out."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    found = [Taught(row["query"], row["texts"], row.get("scores"), bool(row.get("holdout"))) for row in rows]
    return [row for row in found if len(row.texts) > 1]


def rank_net(scores: Tensor) -> Tensor:
    """RankNet (Burges et al. 2005) over one list in the teacher's order: the logistic loss of every pair, weighted by what the order says about the top (1 / rank of the better one)."""
    n = len(scores)
    above, below = torch.triu_indices(n, n, 1)
    return (F.softplus(scores[below] - scores[above]) / (above + 1)).sum() / (1 / (above + 1)).sum()


def list_net(scores: Tensor, teacher: Tensor) -> Tensor:
    """ListNet (Cao et al. 2007): cross-entropy between the two softmax distributions; the teacher's scores are brought to a spread of 2."""
    goal = F.softmax((teacher - teacher.mean()) / teacher.std().clamp_min(1e-6) * 2, dim=0)
    return -(goal * F.log_softmax(scores, dim=0)).sum()


class Student(nn.Module):
    """Frozen lower layers, one layer that learns, and a head: token vectors or a logit."""

    def __init__(self, kind: str, layers: int, dimensions: int) -> None:
        super().__init__()
        self.kind = kind
        self.trunk = base_trunk(tuple(range(layers)))
        for part in (self.trunk.words, self.trunk.positions, self.trunk.kinds, self.trunk.norm, *self.trunk.layers[:-1]):
            part.requires_grad_(False)
        width = self.trunk.shape.width
        self.head = nn.Linear(width, dimensions if kind == "late-interaction" else 1, bias=kind != "late-interaction")
        nn.init.normal_(self.head.weight, std=width**-0.5 if kind == "late-interaction" else 0.02)
        self.cache: dict[tuple[int, ...], NDArray[np.float16]] = {}

    @torch.no_grad()
    def lower(self, ids: list[int], kinds: list[int] | None) -> Tensor:
        """States below the layer that learns, [tokens, width]; kept, since they never change."""
        key = tuple(ids)
        if key not in self.cache:
            x = self.trunk.embed(torch.tensor([ids]), None if kinds is None else torch.tensor([kinds]))
            bias = torch.zeros(1, 1, 1, len(ids))
            for layer in self.trunk.layers[:-1]:
                x = layer(x, bias)
            self.cache[key] = x[0].half().numpy()
        return torch.from_numpy(self.cache[key]).float()

    def upper(self, ids: list[list[int]], kinds: list[list[int]] | None = None) -> tuple[Tensor, Tensor]:
        """Last hidden states of padded texts, with their mask."""
        states = [self.lower(row, None if kinds is None else kinds[i]) for i, row in enumerate(ids)]
        x = nn.utils.rnn.pad_sequence(states, batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(row)) for row in states], batch_first=True)
        return self.trunk.layers[-1](x, (1 - mask[:, None, None, :]) * -30000.0), mask

    def scores(self, query: list[int], texts: list[list[int]]) -> Tensor:
        """A logit for each text."""
        if self.kind == "cross-encoder":
            pairs = [(query + text[1:])[:PAIR_TOKENS] for text in texts]
            hidden, _ = self.upper(pairs, [[0] * len(query) + [1] * (len(pair) - len(query)) for pair in pairs])
            return self.head(hidden[:, 0])[:, 0]
        asked = F.normalize(self.head(self.upper([query])[0][0]), dim=-1)[1:-1]
        hidden, mask = self.upper(texts)
        vectors = F.normalize(self.head(hidden), dim=-1)
        inside = mask.clone()
        inside[:, 0] = 0  # [CLS] and [SEP] match nothing
        inside[torch.arange(len(texts)), mask.sum(1).long() - 1] = 0
        table = torch.einsum("id,tjd->tij", asked, vectors) * SHARPNESS
        soft = torch.logsumexp(table.masked_fill(inside[:, None, :] == 0, -1e4), dim=2) / SHARPNESS
        length = torch.log(inside.sum(1) + 16)
        return SCALE * soft.mean(1) - LENGTH_SHARE * length

    def graph(self) -> onnx.ModelProto:
        """The whole student as an ONNX graph, float32 arithmetic on float16 weights."""
        if self.kind == "late-interaction":
            return encoder_model(self.trunk, {"tokens.weight": self.head.weight}, "float32")
        graph = Graph("float32")
        hidden = hidden_states(graph, self.trunk, *INPUTS)
        first = graph.node("Gather", [hidden, graph.constant(np.int64(0))], axis=1)
        weight, bias = (value.detach().numpy().astype(np.float32) for value in (self.head.weight, self.head.bias))
        graph.node("Identity", [graph.linear(first, weight, bias)], ["logits"])
        return graph.model(INPUTS, {"logits": ["batch", 1]})


SCALE = 30.0


def save(student: Student, out: Path, name: str) -> None:
    model = student.graph()
    onnx.checker.check_model(model)
    temporary = out / f"{name}.part"
    onnx.save(model, str(temporary))
    temporary.replace(out / f"{name}.onnx")


def agreement(student: Student, rows: list[tuple[Taught, list[int], list[list[int]]]]) -> float:
    """Share of the teacher's pairs that the student orders alike."""
    found = []
    with torch.no_grad():
        for _, query, texts in rows:
            scores = student.scores(query, texts)
            above, below = torch.triu_indices(len(scores), len(scores), 1)
            found.append((scores[above] > scores[below]).float().mean().item())
    return float(np.mean(found)) if found else float("nan")


def student_from_rankings(arguments: argparse.Namespace) -> dict[str, object]:
    """Trains, writes initial.onnx, student.onnx and student.json into `--out`, and gives what it wrote there."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    lists = read_taught(Path(arguments.lists))
    if not any(not row.holdout for row in lists):
        raise SystemExit(f"{arguments.lists} holds no list to learn from: expected lines with a query and two texts or more.")
    if arguments.loss == "listnet" and any(row.scores is None for row in lists):
        raise SystemExit("--loss listnet needs the teacher's scores, and these rankings are an order only: take --loss ranknet.")

    tokenizer = base_tokenizer()
    queries = tokenized(tokenizer, [row.query for row in lists], QUERY_TOKENS)
    rows = [(row, query, tokenized(tokenizer, row.texts, TEXT_TOKENS)) for row, query in zip(lists, queries, strict=True)]
    training, holdout = [row for row in rows if not row[0].holdout], [row for row in rows if row[0].holdout]
    student = Student(arguments.student, arguments.layers, arguments.dimensions)
    save(student, out, "initial")
    before = agreement(student, holdout)
    print(f"{len(training)} lists to learn from, {len(holdout)} held out; agreement with the teacher before: {before:.3f}", flush=True)

    fresh = [{"params": student.head.parameters(), "rate": arguments.rate}, {"params": student.trunk.layers[-1].parameters(), "rate": arguments.rate / 10}]
    optimizer = torch.optim.AdamW(fresh, lr=arguments.rate, weight_decay=0.0)
    random, waiting, began = Random(arguments.seed), [], time.time()
    for step in range(1, arguments.steps + 1):
        if len(waiting) < arguments.batch:
            waiting += random.sample(training, len(training))
        batch, waiting = waiting[: arguments.batch], waiting[arguments.batch :]
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1, step / 20) * (1 - (step - 1) / arguments.steps)
        losses = []
        for row, query, texts in batch:
            scores = student.scores(query, texts)
            losses.append(rank_net(scores) if arguments.loss == "ranknet" else list_net(scores, torch.tensor(row.scores)))
        loss = torch.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0 or step == arguments.steps:
            print(f"step {step}: loss {loss.item():.4f}, {time.time() - began:.0f} s", flush=True)
    save(student, out, "student")
    made: dict[str, object] = {
        "student": arguments.student,
        "dimensions": student.trunk.shape.width,
        "tokenDimensions": arguments.dimensions,
        "maxTokens": TEXT_TOKENS if arguments.student == "late-interaction" else PAIR_TOKENS,
        "queryTokens": QUERY_TOKENS,
        # Late interaction: how soft MaxSim and length become the logit that was trained (a head of `@resift/reranker`).
        "head": {"features": ["softmaxsim", "length"], "mean": [0, 0], "scale": [1, 1], "weights": [SCALE, -LENGTH_SHARE], "bias": 0},
        "training": {
            "loss": arguments.loss, "layers": arguments.layers, "steps": arguments.steps, "batch": arguments.batch, "rate": arguments.rate, "seed": arguments.seed,
            "lists": len(training), "seconds": round(time.time() - began, 1), "agreementBefore": before, "agreementAfter": agreement(student, holdout),
        },
    }
    (out / "student.json").write_text(json.dumps(made, indent=2).replace("NaN", "null"))
    return made


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m resift_training.student_from_rankings")
    found.add_argument("--lists", required=True, help="lists.jsonl of `resift distil`")
    found.add_argument("--out", required=True, help="folder for initial.onnx, student.onnx, student.json")
    found.add_argument("--student", choices=["late-interaction", "cross-encoder"], default="late-interaction")
    found.add_argument("--loss", choices=["ranknet", "listnet"], default="ranknet")
    found.add_argument("--layers", type=int, choices=range(1, 7), default=3)
    found.add_argument("--dimensions", type=int, default=96, help="of a token vector")
    found.add_argument("--steps", type=int, default=300)
    found.add_argument("--batch", type=int, default=8, help="lists a step")
    found.add_argument("--rate", type=float, default=2e-3, help="of the head; the layer that learns takes a tenth")
    found.add_argument("--seed", type=int, default=1)
    found.add_argument("--threads", type=int, default=2)
    return found


if __name__ == "__main__":
    student_from_rankings(parser().parse_args())
