"""Writes a golden file, or with `--check` compares what was computed now with the committed one (1e-9)."""

import gzip
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[3] / "shared" / "data"


def read_jsonl(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def finish(name, value):
    path = HERE.parent / "golden" / f"{name}.json"
    if "--check" not in sys.argv:
        path.write_text(json.dumps(value, ensure_ascii=True, allow_nan=False) + "\n")
        print(f"wrote {path.relative_to(HERE.parents[2])}: {path.stat().st_size:,} bytes")
        return
    count, worst = difference(json.loads(path.read_text()), json.loads(json.dumps(value)), name)
    print(f"{name}: {count} numbers equal, largest difference {worst:.1e}")
    if worst > 1e-9:
        sys.exit(f"{name} differs from the committed golden file")


def difference(a, b, place):
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        parts = [difference(a[k], b[k], f"{place}.{k}") for k in a]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        parts = [difference(x, y, f"{place}[{i}]") for i, (x, y) in enumerate(zip(a, b))]
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return 1, abs(a - b)
    elif a == b:
        return 0, 0.0
    else:
        sys.exit(f"{place}: {str(a)[:80]} became {str(b)[:80]}")
    return sum(count for count, _ in parts), max((worst for _, worst in parts), default=0.0)
