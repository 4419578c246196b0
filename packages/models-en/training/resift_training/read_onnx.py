"""An exported pair model in onnxruntime, called like the PyTorch one, one unpadded window at a time."""

from pathlib import Path

import numpy as np
import onnx
import torch

from .session import open_session


class OnnxPair:
    """`batch_tokens` 1 keeps every window alone, as the engine runs it; missing outputs are zeros."""

    batch_tokens = 1

    def __init__(self, model: Path | onnx.ModelProto, threads: int = 1) -> None:
        self.session = open_session(model, threads)
        self.names = [output.name for output in self.session.get_outputs()]

    def __call__(self, input_ids, attention_mask, token_type_ids):
        feed = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        found = self.session.run(self.names, {name: np.asarray(value, np.int64) for name, value in feed.items()})
        by = dict(zip(self.names, found))
        by.setdefault("logit", np.zeros(len(input_ids), np.float32))
        return tuple(torch.from_numpy(by[name]) for name in ("start_logits", "end_logits", "answerable_logit", "logit"))
