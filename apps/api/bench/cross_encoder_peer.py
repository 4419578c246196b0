"""The peer of rerank-speed.ts: sentence-transformers' CrossEncoder, PyTorch fp32, 6 layers of 384.

Speed does not depend on what the weights are, so they are random and nothing is downloaded. Reads JSON lines
{"query", "texts"} on stdin, scores them all, answers {"seconds", "cpuSeconds"} a line: one process, warm, as a server would be.
The processor time is that of a second pass with one thread, which waits for no other.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast


def open_model(vocabulary: str) -> CrossEncoder:
    folder = tempfile.mkdtemp()
    tokenizer = BertTokenizerFast(vocab_file=vocabulary, do_lower_case=True)
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, num_labels=1
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return CrossEncoder(folder, max_length=512, device="cpu")


def main() -> None:
    torch.manual_seed(0)
    model = open_model(str(Path(sys.argv[1])))
    print(json.dumps({"ready": True, "threads": torch.get_num_threads(), "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        pairs = [(request["query"], text) for text in request["texts"]]
        started = time.perf_counter()
        scores = model.predict(pairs, batch_size=32, show_progress_bar=False)
        assert len(scores) == len(pairs)
        seconds = time.perf_counter() - started
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        started = time.process_time()
        model.predict(pairs, batch_size=32, show_progress_bar=False)
        cpu_seconds = time.process_time() - started
        torch.set_num_threads(threads)
        print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds}), flush=True)


main()
