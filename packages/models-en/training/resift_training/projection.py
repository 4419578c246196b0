"""The token projection: principal axes of the trunk's own token vectors (384 -> 128), the start of `tokens.weight`."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray


def principal_axes(vectors: Sequence[NDArray[np.float32]], dimensions: int) -> torch.Tensor:
    """Top axes [dimensions, width] of the uncentred second moment; rows are orthonormal, signs fixed."""
    width = vectors[0].shape[1]
    moment = np.zeros((width, width))
    for table in vectors:
        moment += table.T.astype(np.float64) @ table
    _, axes = np.linalg.eigh(moment)
    top = axes[:, ::-1][:, :dimensions].T
    signs = np.sign(top[np.arange(len(top)), np.abs(top).argmax(axis=1)])
    return torch.tensor(np.ascontiguousarray(top * signs[:, None]), dtype=torch.float32)
