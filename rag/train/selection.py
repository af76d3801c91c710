"""Questions over public documents of which whole sentences are known to answer: doc2dial's
dialogues over pages of government offices, and SelQA's questions over sections of Wikipedia."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.text.content_words import content_words
from index.text.sentences import sentence_spans

LONGEST = 900  # characters of a passage
OTHERS = 4  # passages beside a question's own
LEAST_WORDS = 3  # content words, so that a turn of a dialogue asks something by itself
_SPACED = re.compile(r" +([,.;:?!%)])|(\() +| (-) ")


@dataclass(frozen=True, slots=True)
class Section:
    """A passage under its document's `title` and its own `heading`."""

    title: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Selected:
    """A question, the passage that holds its evidence, `gold` as (start, end) in that passage's
    text, and other passages, of the same document where it has some."""

    question: str
    passage: Section
    gold: tuple[tuple[int, int], ...]
    others: tuple[Section, ...]


def dialogues(path: Path, rng: random.Random) -> list[Selected]:
    """The turns of doc2dial that ask something by themselves."""
    rows = _rows(path)
    sections: dict[str, dict[str, list[Section]]] = defaultdict(dict)
    for row in rows:
        title, context = row["title"], row["context"]
        if context not in sections[title]:
            sections[title][context] = list(_sections(title, tidy(context)))
    made = []
    for row in rows:
        question, sought = tidy(row["question"]), tidy(row["answers"][0]["text"])
        if "?" not in question or len(set(content_words(question))) < LEAST_WORDS:
            continue
        own = [s for s in sections[row["title"]][row["context"]] if sought in s.text]
        if own:
            at = own[0].text.index(sought)
            beside = [s for some in sections[row["title"]].values() for s in some if s != own[0]]
            others = _drawn([s for s in beside if sought not in s.text], rng)
            made.append(Selected(question, own[0], ((at, at + len(sought)),), others))
    return made


def selections(path: Path, rng: random.Random) -> list[Selected]:
    """The questions of SelQA, each with the sentences of its section."""
    by_question: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for row in _rows(path):
        by_question[row["title"], row["section"], row["question"]].append(row)
    sections: dict[str, dict[str, Section]] = defaultdict(dict)
    found = []
    for (title, heading, question), rows in by_question.items():
        text, gold = _window(rows, rng)
        section = Section(title, heading, text)
        sections[title][heading] = section
        if gold:
            found.append((question, section, gold))
    return [
        Selected(
            question,
            section,
            gold,
            _drawn([s for h, s in sections[section.title].items() if h != section.heading], rng),
        )
        for question, section, gold in found
    ]


def tidy(text: str) -> str:
    """`text` without the blanks that its makers set around punctuation."""
    return _SPACED.sub(lambda found: "".join(filter(None, found.groups())), text).strip()


def _rows(path: Path) -> list[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _sections(title: str, context: str) -> Iterator[Section]:
    """The blocks of a page, each under its first line; long ones in pieces of whole sentences."""
    for block in re.split(r"\n\s*\n", context):
        heading, _, text = block.strip().partition("\n")
        if not text.strip():
            heading, text = "", heading
        start = 0
        spans = sentence_spans(text)
        for a, (_, end) in enumerate(spans):
            following = spans[a + 1][1] if a + 1 < len(spans) else None
            if following is None or following - start > LONGEST:
                piece = text[start:end].strip()
                start = spans[a + 1][0] if following is not None else end
                if len(piece.split()) > 4:
                    yield Section(title, heading.strip(), piece)


def _window(rows: Sequence[Any], rng: random.Random) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Sentences around those that answer, up to `LONGEST`, as one text; where those stand in it."""
    right = [i for i, row in enumerate(rows) if row["label"]]
    first = last = rng.choice(right) if right else rng.randrange(len(rows))
    size = len(rows[first]["sentence"])
    while first > 0 or last + 1 < len(rows):
        before = first > 0 and (last + 1 == len(rows) or rng.random() < 0.5)
        new = first - 1 if before else last + 1
        size += 1 + len(rows[new]["sentence"])
        if size > LONGEST:
            break
        first, last = min(first, new), max(last, new)
    text, gold = "", []
    for row in rows[first : last + 1]:
        sentence = tidy(row["sentence"])
        if row["label"]:
            gold.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    return text.rstrip(), tuple(gold)


def _drawn(sections: Sequence[Section], rng: random.Random) -> tuple[Section, ...]:
    apart = list({section.text: section for section in sections}.values())
    return tuple(rng.sample(apart, min(OTHERS, len(apart))))
