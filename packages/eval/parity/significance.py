"""Writes golden/significance.json: fixed pairs of value lists and what SciPy and ranx say about them. `--check` compares instead."""

import random
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from golden import finish  # noqa: E402

warnings.filterwarnings("ignore")


def cases():
    rng = random.Random(7)
    pair = lambda n, shift, spread: [(a, min(1, max(0, a + rng.gauss(shift, spread)))) for a in (rng.random() for _ in range(n))]
    yield "continuous, 12 queries", pair(12, 0.1, 0.2)
    yield "continuous, 45 queries", pair(45, 0.03, 0.2)
    yield "continuous, 300 queries", pair(300, 0.02, 0.25)
    yield "two queries", [(0.2, 0.5), (0.3, 0.1)]
    yield "many zeros and ties", [(rng.randint(0, 4) / 4, rng.randint(0, 4) / 4) for _ in range(60)]
    yield "binary", [(rng.randint(0, 1), rng.randint(0, 1)) for _ in range(200)]
    yield "strong effect", [(x / 100, x / 100 + 0.3 + (x % 7) / 50) for x in range(40)]


def main():
    out = []
    for name, pairs in cases():
        a, b = (np.array(side, dtype=float) for side in zip(*pairs))
        d = b - a
        n = len(d)
        t = stats.ttest_rel(b, a)
        exact = len(set(np.abs(d))) == n and 0 not in d and n <= 50
        w = stats.wilcoxon(d, zero_method="wilcox", correction=False, method="exact" if exact else "asymptotic")
        case = {
            "name": name,
            "a": a.tolist(),
            "b": b.tolist(),
            "t": float(t.statistic),
            "tP": float(t.pvalue),
            "wilcoxon": float(w.statistic),
            "wilcoxonP": float(w.pvalue),
            "effect": float(d.mean() / d.std(ddof=1)),
        }
        statistic = lambda x, axis: np.mean(x, axis=axis)
        if np.count_nonzero(d) <= 16:
            test = stats.permutation_test((d,), statistic, permutation_type="samples", n_resamples=np.inf, vectorized=True)
            case["randomisationExactP"] = float(test.pvalue)
        else:
            test = stats.permutation_test((d,), statistic, permutation_type="samples", n_resamples=200_000, vectorized=True, rng=np.random.default_rng(1), batch=5_000)
            case["randomisationP"] = float(test.pvalue)
            interval = stats.bootstrap((d,), np.mean, method="percentile", n_resamples=100_000, rng=np.random.default_rng(2), batch=5_000).confidence_interval
            case["bootstrap"] = [float(interval.low), float(interval.high)]
        case["mdd"] = float((stats.t.ppf(0.975, n - 1) + stats.t.ppf(0.8, n - 1)) * d.std(ddof=1) / np.sqrt(n))
        # What the formula promises: the true power of the t test at that difference (non-central t).
        shift = case["mdd"] / (d.std(ddof=1) / np.sqrt(n))
        limit = stats.t.ppf(0.975, n - 1)
        if n > 2:  # SciPy's non-central t has no answer for one degree of freedom
            case["powerAtMdd"] = float(1 - stats.nct.cdf(limit, n - 1, shift) + stats.nct.cdf(-limit, n - 1, shift))
        out.append(case)

    ranx_agrees(out)
    ps = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.02], [0.0, 1.0, 0.2, 0.2, 0.01]]
    finish("significance", {"pairs": out, "holm": [{"p": p, "adjusted": holm(p)} for p in ps]})


def holm(ps):
    """R's p.adjust(method='holm')."""
    order = np.argsort(ps, kind="stable")
    steps = np.maximum.accumulate([min(1.0, (len(ps) - i) * ps[j]) for i, j in enumerate(order)])
    out = np.empty(len(ps))
    out[order] = steps
    return out.tolist()


def ranx_agrees(cases):
    """ranx's own tests on the same pairs; they only give p-values, and its randomisation is seeded differently."""
    try:
        from ranx.statistical_tests import fisher_randomization_test
    except ImportError:
        print("ranx: skipped, not installed")
        return
    for case in cases:
        if "randomisationP" not in case:
            continue
        result = fisher_randomization_test(np.array(case["a"]), np.array(case["b"]), 20_000, 0.05, 42)
        p = result["p-value"] if isinstance(result, dict) else result[0]
        assert abs(p - case["randomisationP"]) < 0.02, (case["name"], p, case["randomisationP"])
        print(f"ranx: {case['name']}: {p:.4f}, SciPy {case['randomisationP']:.4f}")


if __name__ == "__main__":
    main()
