"""Writes src/internal/bert-unicode-data.ts: how Hugging Face's BertTokenizerFast (Rust, tokenizers 0.22.1) sees each code point.

Its tables are of an older Unicode than Node's, and Node's change with its version: the data is frozen here instead.
Run: /opt/resift/venv/bin/python packages/models/scripts/bert_unicode.py && npx biome check --write packages/models/src
"""

from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def normalizer(clean=False, lowercase=False, strip=False):
    return normalizers.BertNormalizer(clean_text=clean, handle_chinese_chars=False, strip_accents=strip, lowercase=lowercase)


def base36(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
        if number == 0:
            return text


def packed(points: list[int]) -> str:
    """Ranges as `gap,length-1` pairs in base 36, a gap counted from the end of the range before."""
    ranges: list[list[int]] = []
    for point in points:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    parts, end = [], 0
    for low, high in ranges:
        parts.append(base36(low - end) + ("" if high == low else "," + base36(high - low)))
        end = high
    return " ".join(parts)


clean, strip, lower, nfd = normalizer(clean=True), normalizer(strip=True), normalizer(lowercase=True), normalizers.NFD()
split = pre_tokenizers.BertPreTokenizer()
removed, marks, punctuation, frozen = [], [], [], []
for point in range(0x110000):
    if 0xD800 <= point <= 0xDFFF:
        removed.append(point)  # half of a pair: a Rust string cannot hold it
        continue
    char = chr(point)
    if clean.normalize_str(char) == "":
        removed.append(point)
        continue
    if strip.normalize_str(char) == "":
        marks.append(point)
    if len(split.pre_tokenize_str(f"a{char}b")) == 3:
        punctuation.append(point)
# Cased or decomposed by a Unicode newer than the reference's: the differences on Node 20.20 (Unicode 17).
newer = Path(__file__).parent / "bert-unicode-newer.txt"
frozen = [int(word, 16) for word in newer.read_text().split()]
for point in frozen:
    assert lower.normalize_str(chr(point)) == chr(point) and nfd.normalize_str(chr(point)) == chr(point), hex(point)

lines = [
    "// Written by scripts/bert_unicode.py: do not edit.",
    "// Ranges as `gap,length-1` in base 36, a gap counted from the end of the range before.",
]
for name, doc, points in [
    ("REMOVED", "Control, format, private-use characters, U+0000, U+FFFD and halves of surrogate pairs: dropped.", removed),
    ("MARKS", "Non-spacing marks: dropped after canonical decomposition.", marks),
    ("PUNCTUATION", "Each is a word of its own.", punctuation),
    ("FROZEN", "Left as they are, although a newer Unicode lower-cases or decomposes them.", frozen),
]:
    lines += [f"/** {doc} */", f"export const {name}: string =", f"  '{packed(points)}';"]
(Path(__file__).parent.parent / "src/internal/bert-unicode-data.ts").write_text("\n".join(lines) + "\n")
print({name: len(points) for name, points in [("removed", removed), ("marks", marks), ("punctuation", punctuation), ("frozen", frozen)]})
