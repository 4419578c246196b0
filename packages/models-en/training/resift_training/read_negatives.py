"""Questions without an answer, made from questions with one: the answer's sentence removed, a neighbouring passage,
a name or number of the question exchanged, a word of the question reversed."""

import random
import re
from collections import Counter, defaultdict
from math import log

from .read_rows import sentences_of

WORD = re.compile(r"[^\W_]+")
STOP = set(
    "a an and are as at be been by can could did do does for from had has have he her his how i in into is it its me "
    "my of on or our she should so than that the their them they this to was we were what when where which who whom "
    "whose why will with would you your".split()
)
ANTONYMS = dict(
    pair
    for a, b in [
        ("first", "last"), ("largest", "smallest"), ("biggest", "smallest"), ("highest", "lowest"), ("most", "least"),
        ("before", "after"), ("more", "less"), ("oldest", "youngest"), ("best", "worst"), ("north", "south"),
        ("east", "west"), ("increase", "decrease"), ("won", "lost"), ("started", "ended"), ("began", "ended"),
        ("high", "low"), ("male", "female"), ("like", "dislike"), ("good", "bad"), ("allowed", "forbidden"),
        ("always", "never"), ("early", "late"), ("major", "minor"), ("same", "different"), ("born", "buried"),
        ("built", "destroyed"), ("married", "divorced"), ("win", "lose"), ("love", "hate"), ("easy", "hard"),
        ("can", "can't"), ("did", "didn't"), ("does", "doesn't"), ("is", "isn't"), ("was", "wasn't"),
    ]
    for pair in ((a, b), (b, a))
)


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def names_of(question: str) -> list[str]:
    """Capitalised runs after the first word, and numbers."""
    return re.findall(r"(?<=\s)(?:[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*|\d[\d,.]*\d|\d)(?=[\s?,.'])", question)


def remove_answer(row: dict) -> dict | None:
    """The same passage without the sentences that hold an answer."""
    context, answers = row["context"], [answer["text"].lower() for answer in row["answers"]]
    ranges = sentences_of(context)
    kept = [context[a:b] for a, b in ranges if not any(answer in context[a:b].lower() for answer in answers)]
    text = "".join(kept).strip()
    if len(kept) < 2 or len(kept) == len(ranges) or any(answer in text.lower() for answer in answers):
        return None
    return {**row, "context": text, "answers": [], "kind": "removed"}


def exchange_name(row: dict, names: list[str], rng: random.Random) -> dict | None:
    """The question with one of its names or numbers (present in the passage) exchanged for one that is not."""
    present = [name for name in names_of(row["question"]) if name.lower() in row["context"].lower()]
    if not present:
        return None
    old = rng.choice(present)
    for _ in range(20):
        new = rng.choice(names)
        if new[0].isdigit() == old[0].isdigit() and new.lower() not in (row["context"] + row["question"]).lower():
            return {**row, "question": row["question"].replace(old, new), "answers": [], "kind": "exchanged"}
    return None


def reverse_word(row: dict, rng: random.Random) -> dict | None:
    """The question with a word replaced by its opposite."""
    found = [word for word in row["question"].split() if word.lower() in ANTONYMS]
    if not found:
        return None
    word = rng.choice(found)
    question = re.sub(rf"\b{re.escape(word)}\b", ANTONYMS[word.lower()], row["question"], count=1)
    return {**row, "question": question, "answers": [], "kind": "reversed"}


class Neighbours:
    """Passages that share the rarest words with a question (BM25 without length), for likely but wrong passages."""

    def __init__(self, passages: list[str]):
        self.passages = passages
        self.sets = [set(words(passage)) for passage in passages]
        counts = Counter(word for found in self.sets for word in found)
        self.idf = {word: log(1 + len(passages) / count) for word, count in counts.items()}
        self.postings = defaultdict(list)
        for index, found in enumerate(self.sets):
            for word in found:
                if counts[word] < len(passages) / 10 and word not in STOP:
                    self.postings[word].append(index)

    def near(self, question: str, count: int) -> list[str]:
        scores: Counter = Counter()
        for word in set(words(question)):
            for index in self.postings.get(word, ()):
                scores[index] += self.idf[word]
        return [self.passages[index] for index, _ in scores.most_common(count)]

    def wrong_passage(self, row: dict, rng: random.Random) -> dict | None:
        answers = [answer["text"].lower() for answer in row["answers"]]
        near = [
            passage
            for passage in self.near(row["question"], 6)
            if passage != row["context"] and not any(answer in passage.lower() for answer in answers)
        ]
        return {**row, "context": rng.choice(near), "answers": [], "kind": "neighbour"} if near else None
