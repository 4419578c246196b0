"""Pairs as token ids: [CLS] first [SEP] second [SEP] with types 0 and 1; the second text cut into windows, never the first."""

import random
from dataclasses import dataclass

import torch

CLS, SEP = 101, 102
MAX_FIRST = 64


@dataclass
class Text:
    """Token ids of a text without special tokens, and each token's character range (code points)."""

    ids: list[int]
    offsets: list[tuple[int, int]]


@dataclass
class Window:
    """One input: ids, types, and the second text's tokens `first` .. `first + count` at positions `offset` ..."""

    ids: list[int]
    types: list[int]
    offset: int
    first: int
    count: int


def encode_texts(tokenizer, texts: list[str]) -> list[Text]:
    if not texts:
        return []
    out = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, truncation=False)
    return [Text(ids, offsets) for ids, offsets in zip(out["input_ids"], out["offset_mapping"])]


def window(first: Text, second: Text, start: int, room: int) -> Window:
    head = first.ids[:MAX_FIRST]
    part = second.ids[start:start + room]
    ids = [CLS, *head, SEP, *part, SEP]
    return Window(ids, [0] * (len(head) + 2) + [1] * (len(part) + 1), len(head) + 2, start, len(part))


def windows_of(first: Text, second: Text, max_tokens: int, stride: int) -> list[Window]:
    """Windows of at most `max_tokens`; each next one starts (room - stride) tokens on, so that `stride` are shared.

    The first text is cut to 64 tokens. The last window is the first that reaches the end of the second text.
    """
    room = max_tokens - min(len(first.ids), MAX_FIRST) - 3
    found, start = [], 0
    while True:
        found.append(window(first, second, start, room))
        if start + room >= len(second.ids):
            return found
        start += room - stride


def token_span(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """First and last token that overlap the characters start .. end."""
    inside = [i for i, (a, b) in enumerate(text.offsets) if a < end and b > start]
    return (inside[0], inside[-1]) if inside else None


def training_window(first: Text, second: Text, span, max_tokens: int, rng: random.Random) -> Window:
    """One window that holds `span` (any window when None), at a random place."""
    room = max_tokens - min(len(first.ids), MAX_FIRST) - 3
    spare = len(second.ids) - room
    if spare <= 0:
        return window(first, second, 0, room)
    low, high = (0, spare) if span is None else (max(0, span[1] + 1 - room), min(spare, span[0]))
    return window(first, second, rng.randint(min(low, high), max(low, high)), room)


def stack(windows: list[Window]) -> dict[str, torch.Tensor]:
    """A padded batch of windows."""
    width = max(len(item.ids) for item in windows)
    rows = [(item.ids + [0] * (width - len(item.ids)), item.types + [0] * (width - len(item.ids))) for item in windows]
    ids = torch.tensor([ids for ids, _ in rows])
    return {
        "input_ids": ids,
        "attention_mask": (ids != 0).long(),
        "token_type_ids": torch.tensor([types for _, types in rows]),
    }


def by_length(lengths: list[int], max_batch_tokens: int, rng: random.Random | None = None) -> list[list[int]]:
    """Indices in batches of similar length, at most `max_batch_tokens` after padding; shuffled when `rng` is given."""
    noise = [rng.uniform(0.9, 1.1) if rng else 1.0 for _ in lengths]
    order = sorted(range(len(lengths)), key=lambda index: lengths[index] * noise[index])
    batches, batch, width = [], [], 0
    for index in order:
        width = max(width, lengths[index])
        if batch and width * (len(batch) + 1) > max_batch_tokens:
            batches.append(batch)
            batch, width = [], lengths[index]
        batch.append(index)
    batches += [batch] if batch else []
    if rng:
        rng.shuffle(batches)
    return batches
