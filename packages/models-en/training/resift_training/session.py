"""Encoding with an exported model as the engine does: one text per call, unpadded, one thread per session, several sessions."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from .encoder import base_tokenizer
from .vectors import Encoded, tokenized

ort.set_default_logger_severity(3)


def open_session(model: Path | onnx.ModelProto, threads: int = 1) -> ort.InferenceSession:
    """An inference session on the CPU, without spinning threads."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


class OnnxEncoder:
    """Texts to token and sentence vectors through an ONNX file."""

    def __init__(self, model: Path | onnx.ModelProto, sessions: int = 2) -> None:
        self.sessions = [open_session(model) for _ in range(sessions)]
        self.outputs = [output.name for output in self.sessions[0].get_outputs()]
        self.tokenizer = base_tokenizer()

    def ids(self, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
        return tokenized(self.tokenizer, texts, max_tokens)

    def encode(self, texts: Sequence[str], max_tokens: int, kept_as: type[np.floating] = np.float32) -> Encoded:
        """Vectors in the order of `texts`; token vectors without [CLS] and [SEP], held as `kept_as`."""
        ids = self.ids(texts, max_tokens)
        tokens: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(ids)
        sentences: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(ids)
        waiting = iter(range(len(ids)))
        lock = threading.Lock()

        def work(session: ort.InferenceSession) -> None:
            while True:
                with lock:
                    i = next(waiting, None)
                if i is None:
                    return
                row = np.asarray([ids[i]], np.int64)
                feed = {"input_ids": row, "attention_mask": np.ones_like(row)}
                found = session.run(["token_vectors", "sentence_vector"], feed)
                tokens[i], sentences[i] = found[0][0, 1:-1].astype(kept_as), found[1][0]

        workers = [threading.Thread(target=work, args=(session,)) for session in self.sessions]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return Encoded(tokens, np.stack(sentences), ids)
