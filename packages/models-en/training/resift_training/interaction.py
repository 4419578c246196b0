"""Late interaction in PyTorch: soft MaxSim between padded batches, and the losses that hold a student to its teacher."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .features import SHARPNESS


def stacked(tables: Sequence[NDArray[np.floating]], device: str = "cpu") -> tuple[Tensor, Tensor]:
    """Token tables of several texts, zero-padded, with their mask."""
    longest = max(len(table) for table in tables)
    out = torch.zeros(len(tables), longest, tables[0].shape[1])
    mask = torch.zeros(len(tables), longest)
    for i, table in enumerate(tables):
        out[i, : len(table)] = torch.from_numpy(np.asarray(table, np.float32))
        mask[i, : len(table)] = 1
    return out.to(device), mask.to(device)


def soft_maxsim(queries: Tensor, query_mask: Tensor, texts: Tensor, text_mask: Tensor) -> Tensor:
    """[queries, texts] of `softmaxsim` (FEATURES.md); vectors are L2-normalised, masks leave out specials and padding."""
    table = torch.einsum("qid,tjd->qtij", queries, texts) * SHARPNESS
    table = table.masked_fill(text_mask[None, :, None, :] == 0, -1e4)
    soft = torch.logsumexp(table, dim=3) / SHARPNESS
    weight = query_mask[:, None, :]
    return (soft * weight).sum(2) / weight.sum(2).clamp_min(1)


def length_free(scores: Tensor, text_mask: Tensor, share: float) -> Tensor:
    """Takes a share of the length out of soft MaxSim, as the rankers' weight of `length` does."""
    return scores - share * torch.log(text_mask.sum(1) + 16)[None, :] / SHARPNESS


def listwise(scores: Tensor, positives: Tensor, teacher: Tensor, mix: float, sharpness: float, exclude: Tensor) -> Tensor:
    """`mix` * cross-entropy on the positives + (1 - mix) * KL to the teacher's distribution; `exclude` marks known false negatives."""
    student = F.log_softmax((scores * sharpness).masked_fill(exclude, -1e4), dim=1)
    goal = F.softmax((teacher * sharpness).masked_fill(exclude, -1e4), dim=1)
    hard = F.nll_loss(student, positives)
    held = F.kl_div(student, goal, reduction="batchmean")
    return mix * hard + (1 - mix) * held
