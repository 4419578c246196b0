"""The student of `distil`: a trunk with two projections into the teacher's spaces, its closed-form start and its loss."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from .encoder import Trunk
from .interaction import length_free, soft_maxsim, stacked
from .vectors import padded


@dataclass
class Lesson:
    """Texts with the teacher's token vectors (projected, normalised) and sentence vectors, and queries to rank them by."""

    ids: list[list[int]]
    tokens: list[NDArray[np.float16]]
    sentences: NDArray[np.float16]
    queries: list[NDArray[np.float16]]


class Student(nn.Module):
    """Hidden states to token vectors and a sentence vector, both L2-normalised."""

    def __init__(self, trunk: Trunk, token_size: int, sentence_size: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.tokens = nn.Linear(trunk.shape.width, token_size, bias=False)
        self.sentence = nn.Linear(trunk.shape.width, sentence_size, bias=False)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.trunk(ids, mask)
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(self.tokens(hidden), dim=-1), F.normalize(self.sentence(mean), dim=-1)

    def heads(self) -> dict[str, Tensor]:
        return {"tokens.weight": self.tokens.weight, "sentence.weight": self.sentence.weight}

    @torch.no_grad()
    def fit_heads(self, lessons: list[Lesson], device: str, ridge: float = 1.0) -> None:
        """Least squares from the untrained trunk's hidden states to the teacher's vectors: the start of both projections."""
        width = self.trunk.shape.width
        grams = [torch.zeros(width, width), torch.zeros(width, width)]
        goals = [torch.zeros(width, self.tokens.out_features), torch.zeros(width, self.sentence.out_features)]
        for lesson in lessons:
            ids, mask = padded(lesson.ids, device)
            hidden = self.trunk(ids, mask).cpu()
            mean = (hidden * mask.cpu()[:, :, None]).sum(1) / mask.cpu().sum(1, keepdim=True)
            for i, table in enumerate(lesson.tokens):
                x, y = hidden[i, 1 : len(table) + 1], torch.from_numpy(table.astype(np.float32))
                grams[0] += x.T @ x
                goals[0] += x.T @ y
            grams[1] += mean.T @ mean
            goals[1] += mean.T @ torch.from_numpy(lesson.sentences.astype(np.float32))
        for layer, gram, goal in zip((self.tokens, self.sentence), grams, goals, strict=True):
            scaled = gram + ridge * gram.diagonal().mean() * 1e-3 * torch.eye(width)
            layer.weight.copy_(torch.linalg.solve(scaled, goal).T)


def loss_of(student: Student, lesson: Lesson, device: str, ranking_weight: float) -> tuple[Tensor, dict[str, float]]:
    """1 - cosine to the teacher's token and sentence vectors, plus the squared error of soft MaxSim under the teacher's queries."""
    ids, mask = padded(lesson.ids, device)
    vectors, sentences = student(ids, mask)
    goal, inside = stacked(lesson.tokens, device)
    vectors = vectors[:, 1 : goal.shape[1] + 1]
    tokens = (((1 - (vectors * goal).sum(2)) * inside).sum(1) / inside.sum(1)).mean()
    sentence = (1 - (sentences * torch.from_numpy(lesson.sentences.astype(np.float32)).to(device)).sum(1)).mean()
    queries, asked = stacked(lesson.queries, device)
    with torch.no_grad():
        wanted = length_free(soft_maxsim(queries, asked, goal, inside), inside, 0.4)
    found = length_free(soft_maxsim(queries, asked, vectors, inside), inside, 0.4)
    ranking = F.mse_loss(found, wanted) * 100  # soft MaxSim moves in hundredths
    parts = {"tokens": tokens.item(), "sentence": sentence.item(), "ranking": ranking.item()}
    return tokens + 0.3 * sentence + ranking_weight * ranking, parts
