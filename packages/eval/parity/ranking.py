"""Writes golden/ranking.json: generated runs and what pytrec_eval and ir_measures say about them, and golden/ranking-real.json: the
values (not the data) for the real runs of ../shared/data. `--check` compares instead of writing. The TypeScript tests read both files."""

import json
import math
import random
import sys
from pathlib import Path

import ir_measures
import pytrec_eval

sys.path.insert(0, str(Path(__file__).parent))
from golden import DATA, finish, read_jsonl  # noqa: E402

CUTS = (1, 5, 10, 100)


def generated(seed, queries, documents, *, ties=False, negative=False, close=False, missing=False, wide=False):
    rng = random.Random(seed)
    ids = [f"d{i}" for i in range(documents)]
    ids[0], ids[1] = "Ünïcode", "d-\U0001f600"
    qrels, run = {}, {}
    for q in range(queries):
        judged = rng.sample(ids, rng.randint(1, documents // 2))
        lowest = -1 if negative else 0
        qrels[f"q{q}"] = {d: rng.randint(lowest, 4 if wide else 3) for d in judged}
        if missing and q % 4 == 3:
            continue
        found = rng.sample(ids, rng.randint(1, documents))
        if ties:
            run[f"q{q}"] = {d: float(rng.randint(0, 4)) for d in found}
        elif close:  # equal as 32-bit floats, different as 64-bit ones
            run[f"q{q}"] = {d: 1 + rng.randint(0, 5) * 1e-9 + rng.randint(0, 3) for d in found}
        else:
            run[f"q{q}"] = {d: rng.gauss(0, 3) for d in found}
    if missing:
        run["unjudged query"] = {ids[3]: 1.0}
        qrels["q0"] = {d: 0 for d in qrels["q0"]}
    return qrels, run


def trec_order(scores):
    """trec_eval: by score as a 32-bit float, then by id, both descending."""
    import numpy as np

    return sorted(scores, key=lambda d: (np.float32(scores[d]), d.encode()), reverse=True)


def err(ranked, grades, k, top=4):
    """Chapelle et al. 2009 with gdeval's denominator, unrounded."""
    value, goes_on = 0.0, 1.0
    for rank, doc in enumerate(ranked[:k], 1):
        stops = (2 ** max(0, grades.get(doc, 0)) - 1) / 2**top
        value += goes_on * stops / rank
        goes_on *= 1 - stops
    return value


def reference(qrels, run):
    """Per metric and query; a judged query without an answer counts 0 (trec_eval -c)."""
    out = {}

    def put(name, query, value):
        out.setdefault(name, {})[query] = value

    names = {"map": "AP", "Rprec": "Rprec", "recip_rank": "RR", "bpref": "Bpref", "ndcg": "nDCG"}
    for k in CUTS:
        names |= {f"ndcg_cut_{k}": f"nDCG@{k}", f"map_cut_{k}": f"AP@{k}", f"recall_{k}": f"R@{k}", f"P_{k}": f"P@{k}", f"success_{k}": f"Success@{k}"}
    measures = {n.rsplit("_", 1)[0] + "." + ",".join(map(str, CUTS)) if n[-1].isdigit() else n for n in names}
    exponential = {q: {d: 2**g - 1 if g > 0 else 0 for d, g in j.items()} for q, j in qrels.items()}
    results = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)
    strict = pytrec_eval.RelevanceEvaluator(qrels, measures, relevance_level=2).evaluate(run)
    powers = pytrec_eval.RelevanceEvaluator(exponential, {"ndcg_cut.10"}).evaluate(run)
    for query in qrels:
        for theirs, ours in names.items():
            put(ours, query, results.get(query, {}).get(theirs, 0.0))
            if not ours.startswith("nDCG"):
                strict_name = ours.replace("@", "(rel=2)@") if "@" in ours else f"{ours}(rel=2)"
                put(strict_name, query, strict.get(query, {}).get(theirs, 0.0))
        put("nDCG(dcg='exp-log2')@10", query, powers.get(query, {}).get("ndcg_cut_10", 0.0))

    # ir_measures breaks ties its own way: give it trec_eval's order as scores without ties.
    ordered = {q: trec_order(s) for q, s in run.items()}
    plain = {q: {d: float(len(o) - i) for i, d in enumerate(o)} for q, o in ordered.items()}
    theirs = [ir_measures.parse_measure(m) for m in ("Judged@5", "Judged@10", "RBP(p=0.8,rel=1)", "RBP(p=0.5,rel=1)", "RR@10", "Success@5")]
    ours = ["Judged@5", "Judged@10", "RBP(p=0.8)", "RBP(p=0.5)", "RR@10", "Success@5"]
    for name in ours:
        for query in qrels:
            put(name, query, 0.0)
    for result in ir_measures.iter_calc(theirs, qrels, {q: s for q, s in plain.items() if q in qrels}):
        put(ours[theirs.index(result.measure)], result.query_id, float(result.value))

    for k in (5, 20):
        for query in qrels:
            put(f"ERR@{k}", query, err(ordered.get(query, []), qrels[query], k))
    return out


def check_gdeval(qrels, run):
    """The committed ERR and exponential nDCG against TREC's own gdeval.pl (five decimals), which wants numeric topics and plain ids."""
    ids = {d for s in run.values() for d in s} | {d for j in qrels.values() for d in j}
    plain = {d: f"x{i:05d}" for i, d in enumerate(sorted(ids, key=lambda d: d.encode()))}
    topics = {q: str(i + 1) for i, q in enumerate(qrels)}
    their_qrels = {topics[q]: {plain[d]: g for d, g in j.items()} for q, j in qrels.items()}
    their_run = {topics[q]: {plain[d]: float(len(s) - i) for i, d in enumerate(trec_order(s))} for q, s in run.items() if q in topics}
    values = reference(qrels, run)
    worst = 0.0
    for name, ours in (("ERR@20", "ERR@20"), ("nDCG(dcg='exp-log2')@10", "nDCG(dcg='exp-log2')@10")):
        for result in ir_measures.providers.registry["gdeval"].iter_calc([ir_measures.parse_measure(name)], ir_measures.util.QrelsConverter(their_qrels).as_namedtuple_iter(), ir_measures.util.RunConverter(their_run).as_namedtuple_iter()):
            query = next(q for q, t in topics.items() if t == result.query_id)
            worst = max(worst, abs(result.value - values[ours][query]))
    print(f"gdeval.pl: largest difference {worst:.1e} (it rounds to five decimals)")
    assert worst <= 5.1e-6, worst


def real_runs():
    out = {}
    for name in ("dl21_bm25", "dl21_splade"):
        path = DATA / "rerank" / f"{name}.jsonl.gz"
        if not path.exists():
            return None
        rows = read_jsonl(path)
        qrels = {r["qid"]: {c["id"]: c["grade"] for c in r["candidates"] if c["judged"]} for r in rows}
        run = {r["qid"]: {c["id"]: c["score"] for c in r["candidates"]} for r in rows}
        out[name] = reference(qrels, run)
    return out


def main():
    shapes = {
        "plain": generated(1, 12, 40),
        "ties": generated(2, 12, 30, ties=True),
        "negative grades": generated(3, 10, 30, negative=True),
        "close scores": generated(4, 8, 24, close=True),
        "unanswered, unjudged and irrelevant": generated(5, 9, 20, missing=True),
        "grade 4": generated(6, 6, 30, wide=True, ties=True),
    }
    cases = []
    for name, (qrels, run) in shapes.items():
        cases.append({"name": name, "qrels": qrels, "run": run, "expected": reference(qrels, run)})
    check_gdeval(*shapes["plain"])
    assert all(math.isfinite(v) for c in cases for m in c["expected"].values() for v in m.values())
    finish("ranking", cases)
    real = real_runs()
    if real is None:
        print("real runs: skipped, ../shared/data is absent")
    else:
        finish("ranking-real", real)


if __name__ == "__main__":
    main()
