"""From logits to the best span: FEATURES-READ.md in code. All arithmetic on float64 of the model's float32 logits."""

from dataclasses import dataclass

import numpy as np
import torch

from .read_encoding import Text, Window, by_length, encode_texts, stack, windows_of

MAX_TOKENS, STRIDE, MAX_ANSWER_TOKENS = 384, 128, 30


@dataclass
class Span:
    """The best span of one passage: characters start .. end (code points), its score, the answerable logit."""

    start: int
    end: int
    span_score: float
    answerable_logit: float

    @property
    def features(self) -> list[float]:
        return [self.span_score, self.answerable_logit]


def best_in_window(start: np.ndarray, end: np.ndarray, item: Window) -> tuple[float, int, int]:
    """(score, first token, last token) with the greatest start[i] + end[j] - start[0] - end[0], i <= j < i + 30.

    Positions are the passage's tokens alone; equal scores: the smaller i, then the smaller j.
    """
    s = start[item.offset:item.offset + item.count].astype(np.float64)
    e = end[item.offset:item.offset + item.count].astype(np.float64)
    if not item.count:
        return float("-inf"), 0, 0
    sums = s[:, None] + e[None, :]
    i, j = np.indices(sums.shape)
    sums[(j < i) | (j >= i + MAX_ANSWER_TOKENS)] = -np.inf
    place = int(np.argmax(sums))
    first, last = divmod(place, item.count)
    score = sums[first, last] - (float(start[0]) + float(end[0]))
    return float(score), item.first + first, item.first + last


def best_span(outputs: list[tuple], windows: list[Window], passage: Text) -> Span:
    """The best window's span; `answerable_logit` is that window's own. Equal scores: the earlier window."""
    best = None
    for (start, end, answerable), item in zip(outputs, windows):
        score, first, last = best_in_window(start, end, item)
        if best is None or score > best[0]:
            best = (score, first, last, float(answerable))
    score, first, last, answerable = best
    if not passage.offsets:
        return Span(0, 0, score, answerable)
    return Span(passage.offsets[first][0], passage.offsets[last][1], score, answerable)


def run_windows(model, windows: list[Window]) -> list[tuple]:
    """(start, end, answerable, ground) of each window as numpy, unpadded, in the given order.

    `model` is a PairModel (padded batches) or an OnnxPair (one window at a time).
    """
    batch_tokens = getattr(model, "batch_tokens", 6000)
    results: list = [None] * len(windows)
    with torch.inference_mode():
        for group in by_length([len(item.ids) for item in windows], batch_tokens):
            start, end, answerable, ground = (out.numpy() for out in model(**stack([windows[i] for i in group])))
            for row, index in enumerate(group):
                size = len(windows[index].ids)
                results[index] = (start[row, :size], end[row, :size], answerable[row], ground[row])
    return results


def read_all(model, tokenizer, pairs: list[tuple[str, str]], max_tokens: int = MAX_TOKENS) -> list[Span]:
    """The best span of each (question, passage)."""
    questions = encode_texts(tokenizer, [question for question, _ in pairs])
    passages = encode_texts(tokenizer, [passage for _, passage in pairs])
    windows = [windows_of(q, p, max_tokens, STRIDE) for q, p in zip(questions, passages)]
    flat = [item for group in windows for item in group]
    outputs = iter(run_windows(model, flat))
    return [best_span([next(outputs)[:3] for _ in group], group, p) for group, p in zip(windows, passages)]
