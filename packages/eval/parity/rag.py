"""Writes golden/rag.json: scripted replies of a chat model and what PyPI ragas makes of them. `--check` compares instead.
The TypeScript tests give the same replies, in the same order, to our metrics."""

import asyncio
import json
import os
import random
import sys
import warnings
from pathlib import Path

os.environ["RAGAS_DO_NOT_TRACK"] = "true"
warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).parent))
from golden import finish  # noqa: E402
from langchain_core.outputs import Generation, LLMResult  # noqa: E402
from ragas.dataset_schema import SingleTurnSample  # noqa: E402
from ragas.llms.base import BaseRagasLLM  # noqa: E402
from ragas.metrics import Faithfulness, LLMContextPrecisionWithReference, LLMContextRecall, NoiseSensitivity, ResponseRelevancy  # noqa: E402


class Scripted(BaseRagasLLM):
    """Answers with the next replies of its script."""

    def __init__(self, replies):
        super().__init__()
        self.replies = [json.dumps(reply) for reply in replies]
        self.used = 0

    def generate_text(self, prompt, n=1, temperature=0.01, stop=None, callbacks=None):
        said = self.replies[self.used : self.used + n]
        assert len(said) == n, "the script is too short"
        self.used += n
        return LLMResult(generations=[[Generation(text=text) for text in said]])

    async def agenerate_text(self, prompt, n=1, temperature=None, stop=None, callbacks=None):
        return self.generate_text(prompt, n)

    def is_finished(self, response):
        return True


class Vectors:
    def __init__(self, vectors):
        self.vectors = vectors

    def embed_query(self, text):
        return self.vectors[text]

    def embed_documents(self, texts):
        return [self.vectors[text] for text in texts]


def script(rng, metric, sample):
    statements = lambda n, what: [f"{what} statement {i}" for i in range(n)]
    verdicts = lambda texts, p: {"statements": [{"statement": s, "reason": "because", "verdict": int(rng.random() < p)} for s in texts]}
    if metric == "faithfulness":
        texts = statements(rng.randint(1, 5), "answer")
        return [{"statements": texts}, verdicts(texts, 0.6)]
    if metric == "contextPrecision":
        return [{"reason": "because", "verdict": int(rng.random() < 0.5)} for _ in sample["contexts"]]
    if metric == "contextRecall":
        return [{"classifications": [{"statement": s, "reason": "because", "attributed": int(rng.random() < 0.6)} for s in statements(rng.randint(1, 5), "reference")]}]
    if metric == "answerRelevancy":
        evasive = rng.random() < 0.3
        return [{"question": f"guess {rng.randint(0, 4)}", "noncommittal": int(evasive or rng.random() < 0.3)} for _ in range(3)]
    expected, given = statements(rng.randint(1, 4), "reference"), statements(rng.randint(1, 5), "answer")
    replies = [{"statements": expected}, {"statements": given}]
    for _ in sample["contexts"]:
        replies += [verdicts(expected, 0.4), verdicts(given, 0.5)]
    return [*replies, verdicts(given, 0.4)]


async def value(metric, sample, replies, vectors):
    row = SingleTurnSample(user_input=sample["question"], response=sample["answer"], retrieved_contexts=sample["contexts"], reference=sample["reference"])
    llm = Scripted(replies)
    theirs = {
        "faithfulness": lambda: Faithfulness(llm=llm),
        "contextPrecision": lambda: LLMContextPrecisionWithReference(llm=llm),
        "contextRecall": lambda: LLMContextRecall(llm=llm),
        "answerRelevancy": lambda: ResponseRelevancy(llm=llm, embeddings=Vectors(vectors)),
        "noiseSensitivity relevant": lambda: NoiseSensitivity(llm=llm, mode="relevant"),
        "noiseSensitivity irrelevant": lambda: NoiseSensitivity(llm=llm, mode="irrelevant"),
    }[metric]()
    score = float(await theirs._single_turn_ascore(row, callbacks=[]))
    assert llm.used == len(replies), (metric, llm.used, len(replies))
    return score


async def main():
    rng = random.Random(11)
    texts = ["What is asked?"] + [f"guess {i}" for i in range(5)]
    vectors = {text: [round(rng.gauss(0, 1), 3) for _ in range(6)] for text in texts}
    cases = []
    for metric in ("faithfulness", "contextPrecision", "contextRecall", "answerRelevancy", "noiseSensitivity relevant", "noiseSensitivity irrelevant"):
        for _ in range(12):
            sample = {"question": texts[0], "answer": "The answer.", "reference": "The reference.", "contexts": [f"context {i}" for i in range(rng.randint(1, 4))]}
            replies = script(rng, metric, sample)
            cases.append({"metric": metric, "sample": sample, "replies": replies, "expected": await value(metric, sample, replies, vectors)})
    finish("rag", {"vectors": vectors, "cases": cases})


asyncio.run(main())
