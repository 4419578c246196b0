"""speed: CPU seconds per 100 passages of tiny, mini and a PyTorch CrossEncoder of 6 x 384, in turns, so that other load on the machine matters less."""
from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification

from .configuration import Run, main
from .datasets import read_candidates
from .encoder import base_tokenizer
from .lexical import Lexicon
from .features import feature_table
from .manifest import read_manifest
from .read_figures import provenance, table, write_section
from .session import OnnxEncoder
from .settings import MODELS
from .vectors import QUERY_TOKENS


def passages(count: int) -> tuple[str, list[str]]:
    """A query and passages of about 80 tokens from the development list."""
    tokenizer = base_tokenizer()
    row = read_candidates("dl21_bm25")[0]
    texts = [text for candidates in read_candidates("dl21_bm25") for text in candidates.texts]
    sized = sorted(dict.fromkeys(texts), key=lambda text: abs(len(tokenizer.encode(text).ids) - 80) if len(text) < 900 else 999)
    return row.query, sized[:count]


def cross_encoder(query: str, texts: list[str]) -> Callable[[], None]:
    """sentence-transformers' way: pairs in batches of 32, padded to the longest, PyTorch float32 (weights do not matter to speed)."""
    model = BertForSequenceClassification(BertConfig(30522, 384, 6, 12, 1536, num_labels=1)).eval()
    tokenizer = base_tokenizer(512)
    tokenizer.enable_padding()

    def work() -> None:
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        with torch.inference_mode():
            for start in range(0, len(order), 32):
                encoded = tokenizer.encode_batch([(query, texts[i]) for i in order[start : start + 32]])
                model(
                    input_ids=torch.tensor([e.ids for e in encoded]),
                    attention_mask=torch.tensor([e.attention_mask for e in encoded]),
                    token_type_ids=torch.tensor([e.type_ids for e in encoded]),
                )

    return work


def ranker(name: str, query: str, texts: list[str]) -> Callable[[], None]:
    manifest = read_manifest()
    entry, encoders = manifest["rankers"][name], manifest["encoders"]
    lexicon = Lexicon.read(MODELS / "lexicon.json.gz")
    encoder = OnnxEncoder(MODELS / encoders[entry["encoder"]]["file"], 1)
    asker = OnnxEncoder(MODELS / encoders[entry.get("queryEncoder", entry["encoder"])]["file"], 1)

    def work() -> None:
        asked, found = asker.encode([query], QUERY_TOKENS), encoder.encode(texts, 256)
        feature_table(query, texts, asked, 0, found, range(len(texts)), lexicon)

    return work


def speed(run: Run) -> None:
    torch.set_num_threads(1)
    query, texts = passages(100)
    works = {"CrossEncoder 6 x 384, PyTorch float32": cross_encoder(query, texts), "mini": ranker("mini", query, texts), "tiny": ranker("tiny", query, texts)}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(run.options.get("rounds", 7)):
        for name, work in works.items():
            began = time.process_time()
            work()
            times[name].append(time.process_time() - began)
    reference = float(np.median(times["CrossEncoder 6 x 384, PyTorch float32"][1:]))
    rows = []
    for name, values in times.items():
        median = float(np.median(values[1:]))
        rows.append([name, f"{median * 1000:.0f}", f"{len(texts) / median:.0f}", f"{reference / median:.1f}"])
        run.log(f"{name}: {median * 1000:.0f} ms of CPU for {len(texts)} passages, {len(texts) / median:.0f} per CPU second, {reference / median:.1f} x the CrossEncoder")
    note = f"{len(texts)} passages of about 80 tokens, one thread each, in turns, CPU time (other load matters less to it than to the clock); features in Python. Measured {provenance()} by `python -m resift_training.speed`."
    write_section("speed", table(["model", "CPU ms for 100", "passages per CPU second", "times the CrossEncoder"], rows) + "\n\n" + note)


if __name__ == "__main__":
    main("speed", speed)
