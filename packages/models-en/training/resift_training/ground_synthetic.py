"""Claims made from passages and from questions with answers: supported ones, and ones with one thing wrong."""

import random
import re

from .read_negatives import ANTONYMS
from .read_rows import sentences_of

NAME = re.compile(r"\b[A-Z][\w'’-]*[a-z](?:\s(?:of\s|the\s|de\s)?[A-Z][\w'’-]*[a-z])*\b")
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
MONTHS = ("January February March April May June July August September October November December Monday Tuesday "
          "Wednesday Thursday Friday Saturday Sunday").split()
AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|should|may|did|does|do)\b(?! not)")
PRONOUNS = {"he": "she", "she": "he", "his": "her", "her": "his", "him": "her", "they": "he"}


def claim_sentences(context: str) -> list[str]:
    """Sentences of the passage that can stand as a claim: 6 to 45 words."""
    found = [context[a:b].strip() for a, b in sentences_of(context)]
    return [sentence for sentence in found if 6 <= len(sentence.split()) <= 45]


def shortened(sentence: str, rng: random.Random) -> str:
    """A supported variant: a bracket or a leading or trailing comma clause dropped, an adverb dropped, or as it is."""
    text = re.sub(r"\s*\([^)]*\)", "", sentence)
    parts = text.rstrip(".").split(", ")
    if len(parts) > 1 and rng.random() < 0.6:
        if len(parts[-1].split()) > 2 and len(", ".join(parts[:-1]).split()) >= 6 and rng.random() < 0.6:
            text = ", ".join(parts[:-1]) + "."
        elif len(parts[0].split()) <= 6 and len(", ".join(parts[1:]).split()) >= 6:
            rest = ", ".join(parts[1:])
            text = rest[0].upper() + rest[1:] + "."
    if rng.random() < 0.4:
        text = re.sub(r"\b(?:very|also|however|then|often|usually|largely|\w{4,}ly)\s", "", text, count=1)
    return text.lower() if rng.random() < 0.1 else text


def with_other_name(sentence: str, context: str, elsewhere: list[str], rng: random.Random) -> str | None:
    """A name exchanged for another of the passage (three in four) or of another passage."""
    mine = [match for match in NAME.finditer(sentence) if match.start() > 0 or " " in match.group()]
    if not mine:
        return None
    old = rng.choice(mine)
    other = [name for name in set(NAME.findall(context)) if name not in sentence and old.group() not in name]
    if old.group() in MONTHS:
        other = [month for month in MONTHS if month != old.group()]
    pool = sorted(other) if other and rng.random() < 0.75 else elsewhere
    new = rng.choice(pool)
    return None if new.lower() in sentence.lower() else sentence[:old.start()] + new + sentence[old.end():]


def with_other_number(sentence: str, context: str, rng: random.Random) -> str | None:
    mine = list(NUMBER.finditer(sentence))
    if not mine:
        return None
    old = rng.choice(mine)
    other = [number for number in set(NUMBER.findall(context)) if number not in sentence and len(number) == len(old.group())]
    if other and rng.random() < 0.6:
        new = rng.choice(sorted(other))
    else:
        digits = [i for i, letter in enumerate(old.group()) if letter.isdigit()]
        place = rng.choice(digits[-2:])
        new = old.group()[:place] + rng.choice([d for d in "123456789" if d != old.group()[place]]) + old.group()[place + 1:]
    return sentence[:old.start()] + new + sentence[old.end():]


def negated(sentence: str, rng: random.Random) -> str | None:
    """`not` taken away or put in, a word replaced by its opposite, or a pronoun by another."""
    if re.search(r"\b(not|never)\b|n't\b", sentence):
        return re.sub(r"\s(not|never)\b|n't\b", "", sentence, count=1)
    opposite = [word for word in re.findall(r"\b\w+\b", sentence) if word.lower() in ANTONYMS and len(word) > 3]
    if opposite and rng.random() < 0.6:
        word = rng.choice(opposite)
        return re.sub(rf"\b{word}\b", ANTONYMS[word.lower()], sentence, count=1)
    pronouns = [word for word in re.findall(r"\b\w+\b", sentence) if word in PRONOUNS]
    if pronouns and rng.random() < 0.3:
        return re.sub(rf"\b{pronouns[0]}\b", PRONOUNS[pronouns[0]], sentence, count=1)
    return AUXILIARY.sub(r"\1 not", sentence, count=1) if AUXILIARY.search(sentence) else None


def corrupted(sentence: str, context: str, names: list[str], rng: random.Random) -> tuple[str, str] | None:
    """(claim, kind) with one thing wrong, or None where nothing can be changed."""
    makers = {
        "name": lambda: with_other_name(sentence, context, names, rng),
        "number": lambda: with_other_number(sentence, context, rng),
        "negation": lambda: negated(sentence, rng),
    }
    for kind in rng.sample(sorted(makers), 3):
        claim = makers[kind]()
        if claim and claim != sentence and claim not in context:
            return claim, kind
    return None


def answer_claim(question: str, answer: str, rng: random.Random) -> str:
    """A question and its answer as one claim: a statement where the question starts with its subject, else both."""
    body, answer = question.strip().rstrip("?").strip(), answer.strip().rstrip(".")
    match = re.match(r"(?i)(?:who|what|which \w+|what \w+)\s+((?:is|was|are|were|has|had|can|will|\w+ed|\w+s)\s.+)", body)
    if match and not re.match(r"(?i)(did|does|do)\b", match.group(1)) and rng.random() < 0.7:
        return f"{answer[:1].upper()}{answer[1:]} {match.group(1)}."
    when = re.match(r"(?i)(?:when|where|how many \w+|what \w+)\s+(was|were|is|are)\s+(.+?)\s(\w+(?:ed|en|t|n|ld))$", body)
    if when and rng.random() < 0.7:
        return f"{when.group(2)[:1].upper()}{when.group(2)[1:]} {when.group(1)} {when.group(3)} {answer}."
    return f"{body}? {answer}."
