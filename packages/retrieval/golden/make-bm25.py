"""Writes bm25.json: scores of PyPI bm25s (method "lucene", float64) over texts written here. Run: /opt/resift/venv/bin/python packages/retrieval/golden/make-bm25.py"""

import json
import random
import re
from pathlib import Path

import bm25s

random.seed(7)
NOUNS = "harbour lighthouse keeper storm lamp lens ship rock island gull rope chart tide fog bell anchor crew captain map coast".split()
VERBS = "guards watches lights warns follows leaves reaches finds mends paints rings hauls reads loses keeps".split()
ADJECTIVES = "old bright quiet heavy broken distant northern patient wet narrow".split()


def sentence():
    subject, thing = random.choice(NOUNS), random.choice(NOUNS)
    return f"The {random.choice(ADJECTIVES)} {subject} {random.choice(VERBS)} the {thing}."


documents = [" ".join(sentence() for _ in range(random.randint(1, 9))) for _ in range(60)]
documents += ["lighthouse", "lighthouse lighthouse lighthouse", "An entirely different subject: tea."]
queries = [
    "lighthouse keeper",
    "the old storm",
    "fog bell rings",
    "lighthouse lighthouse rock",
    "tea",
    "nothing of this occurs",
    "patient captain reads the northern chart",
]


def tokens(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def scores(k1, b):
    model = bm25s.BM25(method="lucene", k1=k1, b=b, dtype="float64")
    model.index([tokens(text) for text in documents], show_progress=False)
    known = model.vocab_dict
    rows = []
    for query in queries:
        terms = [term for term in tokens(query) if term in known]
        rows.append([float(s) for s in model.get_scores(terms)] if terms else [0.0] * len(documents))
    return rows


cases = [{"k1": k1, "b": b, "scores": scores(k1, b)} for k1, b in [(1.2, 0.75), (0.9, 0.4), (1.5, 0.0), (2.0, 1.0)]]
out = {"made_by": f"bm25s {bm25s.__version__}, method lucene", "documents": documents, "queries": queries, "cases": cases}
Path(__file__).with_name("bm25.json").write_text(json.dumps(out, indent=1) + "\n")
