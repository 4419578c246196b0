"""golden: 500 query and text pairs of our own making, with ids, features, logits and probabilities of every ranker, for the TypeScript tests."""
from __future__ import annotations

import json
from random import Random
from typing import Any

from .configuration import Run, main
from .features import FEATURES, feature_table
from .lexical import Lexicon
from .manifest import read_manifest
from .ranker import Head
from .reliability import sigmoid
from .session import OnnxEncoder
from .settings import GOLDEN, MODELS
from .vectors import DOCUMENT_TOKENS, QUERY_TOKENS

_THINGS = ("a kettle", "the tide", "yeast", "a bicycle chain", "the moon", "a lighthouse", "copper wire", "an onion", "a glacier", "a violin", "the kidneys", "a printer", "cement", "a beehive")
_FACTS = (
    "{} needs regular care: clean it once a month, dry it well, and store it away from direct sunlight.",
    "Most people notice {} only when something goes wrong, which is usually after {n} years.",
    "In {n} a small town measured {} every day and published a table of {m} values.",
    "The price of {} rose by {m} percent, although demand fell in the same year.",
    "There is no evidence that {} affects sleep; two studies with {m} volunteers found nothing.",
    "To repair {}, loosen the two screws, replace the worn part, and tighten everything again.",
    "Children often ask why {} changes colour. The answer is a thin layer that scatters light.",
)
_QUESTIONS = ("how do I repair {}", "what does {} cost", "why does {} change colour", "{} sleep study results", "when was {} measured", "How often should {} be cleaned?")
_ODD = (
    "",
    "...",
    "naïve café déjà vu — Ångström, Straße, ﬁne ½ №5",
    "東京は日本の首都です。 Tokyo is the capital of Japan.",
    "😀👍🏽 thanks!!! see you at 10:30 😀",
    "const ratio = hits.length / Math.max(1, total); // 0.25",
    "[SEP] is not a separator here, and [MASK] hides nothing.",
    "a\u0000b\u200bc\u00a0d\ttab\nline\r\nend",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
    "3.14159 2,718 -40 °C 1e-9 12/31/1999 +49 30 1234567",
    "МОСКВА слезам не верит; Ελλάδα Σίσυφος; עברית; العربية",
    "IIIII l1I|O0 ＡＢＣ ｆｕｌｌ ｗｉｄｔｈ",
)


def pairs(seed: int = 20) -> list[tuple[str, str]]:
    """500 pairs: template texts of 1 to 60 sentences, and every odd string as query and as text."""
    random = Random(seed)
    found = [(odd, _FACTS[i % len(_FACTS)].format(_THINGS[i], n=1900 + i, m=i)) for i, odd in enumerate(_ODD)]
    found += [(_QUESTIONS[i % len(_QUESTIONS)].format(_THINGS[i]), odd) for i, odd in enumerate(_ODD)]
    while len(found) < 500:
        thing = random.choice(_THINGS)
        size = random.choice((1, 1, 2, 3, 5, 8, 20, 60)) if len(found) % 25 == 0 else random.choice((1, 2, 3, 4))
        lines = [random.choice(_FACTS).format(random.choice((thing, thing, random.choice(_THINGS))), n=random.randint(2, 2020), m=random.randint(1, 999)) for _ in range(size)]
        text = " ".join(line[0].upper() + line[1:] for line in lines)
        query = random.choice(_QUESTIONS).format(random.choice((thing, thing, random.choice(_THINGS))))
        found.append((query, text + " " + random.choice(_ODD) if random.random() < 0.08 else text))
    return found


def scored(ranker: dict[str, Any], encoders: dict[str, Any], rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Features, logits and probabilities of one ranker for all pairs."""
    lexicon = Lexicon.read(MODELS / "lexicon.json.gz")
    texts = OnnxEncoder(MODELS / encoders[ranker["encoder"]]["file"])
    queries = OnnxEncoder(MODELS / encoders[ranker.get("queryEncoder", ranker["encoder"])]["file"])
    asked = queries.encode([query for query, _ in rows], QUERY_TOKENS)
    found = texts.encode([text for _, text in rows], DOCUMENT_TOKENS)
    names = ranker["features"]
    head = Head(tuple(names), tuple(ranker["mean"]), tuple(ranker["scale"]), tuple(ranker["weights"]), ranker["bias"])
    columns = [FEATURES.index(name) for name in names]
    result = []
    for i, (query, text) in enumerate(rows):
        table = feature_table(query, [text], asked, i, found, [i], lexicon)
        logit = float(head.logits(table)[0])
        probability = float(sigmoid(ranker["calibration"]["a"] * logit + ranker["calibration"]["b"]))
        result.append({"features": [round(float(x), 7) for x in table[0, columns]], "logit": round(logit, 7), "probability": round(probability, 8)})
    return {"features": names, "rows": result}


def golden(run: Run) -> None:
    manifest, rows = read_manifest(), pairs()
    tokens = OnnxEncoder(MODELS / manifest["encoders"]["embed"]["file"])
    ids = tokens.ids([text for _, text in rows[:60]], DOCUMENT_TOKENS)
    rankers = {name: scored(entry, manifest["encoders"], rows) for name, entry in manifest["rankers"].items() if "features" in entry}
    GOLDEN.mkdir(exist_ok=True)
    content = {
        "note": "Made by resift_training.golden. int8 kernels round differently between processors: compare features within 'tolerance' on the same kind of processor (AVX-512 VNNI), 'tolerance_other' elsewhere.",
        "tolerance": 1e-4,
        "tolerance_other": 0.03,
        "files": {name: manifest["files"][entry["file"]]["sha256"] for name, entry in manifest["encoders"].items()},
        "pairs": [{"query": query, "text": text, **({"ids": ids[i]} if i < len(ids) else {})} for i, (query, text) in enumerate(rows)],
        "rankers": rankers,
    }
    (GOLDEN / "rank.json").write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")
    run.log(f"{len(rows)} pairs, rankers {', '.join(rankers)}")


if __name__ == "__main__":
    main("golden", golden)
