"""Which rightly answered questions are still answered rightly when they are put as people write.

    python tests/benchmarks/survival.py FIELD

Of the questions of FIELD without a history, those that are answered rightly as they stand are put
in other ways: with a greeting, in capitals, with a typo, after other sentences, two at once. A way
keeps an answer where its quotes still hold the right one and the verdict is still "answered".
With --found all are put so, and it is told of how many the message is read as the question itself,
which takes no store and a few seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from common import show

from rag.answer import Answer
from rag.build import build
from rag.evaluate.datasets import Question, read
from rag.evaluate.evaluate import fill, holds_answer
from rag.rewrite.message import read_message
from rag.settings import Settings

_WORD = re.compile(r"[a-z]{5,}")


def embedded(question: str) -> str:
    """The question as it goes on in a sentence: with a small letter, but for names."""
    second = question[1:2]
    return question[0].lower() + question[1:] if second.islower() or second == " " else question


def typo(question: str) -> str:
    """The question with one slip in one of its longer words: two letters swapped, one left out, or
    one doubled."""
    chance = random.Random(question)
    words = list(_WORD.finditer(question))
    if not words:
        return question
    word = chance.choice(words)
    place = chance.randrange(word.start() + 1, word.end() - 2)
    before, letters, after = question[:place], question[place : place + 2], question[place + 2 :]
    slips = [letters[::-1], letters[0], letters[0] + letters]
    slip = chance.choice([each for each in slips if each != letters])
    return before + slip + after


WAYS: dict[str, Callable[[str], str]] = {
    "a greeting": lambda q: f"Hi there!\n\n{q}",
    "thanks": lambda q: f"{q} Thanks in advance!",
    "greeting and thanks": lambda q: f"Hello, I hope you are well. {q} Many thanks and best wishes",
    "'According to the documents, …'": lambda q: f"According to the documents, {embedded(q)}",
    "'I have a question: …'": lambda q: f"I have a question: {q}",
    "'Could you tell me: …'": lambda q: f"Could you please tell me: {embedded(q)}",
    "'… Please answer briefly.'": lambda q: f"{q} Please answer briefly.",
    "capitals": str.upper,
    "lower case": str.lower,
    "one typo": typo,
    "'I was wondering, …'": lambda q: f"I was wondering, {embedded(q)}",
    "'… Best, Anna'": lambda q: f"{q} If possible, in two sentences. Best, Anna",
    "one sentence before": lambda q: f"I am preparing a meeting for tomorrow. {q}",
    "two sentences before": lambda q: (
        "Hello, I am new here and took over from a colleague. I could not find this in the file. "
        f"{q}"
    ),
}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("field", type=Path)
parser.add_argument("--out", type=Path, default=Path("results"))
parser.add_argument("--questions", type=int, default=24)
parser.add_argument("--found", action="store_true", help="look at the question found, answer none")
arguments = parser.parse_args()

dataset = read(arguments.field)
candidates = [each for each in dataset.questions if each.answerable and not each.history]
random.Random(7).shuffle(candidates)
arguments.out.mkdir(parents=True, exist_ok=True)


def found(text: str) -> list[str]:
    """The words of each question in a message."""
    return [" ".join(re.findall(r"\w+", each.lower())) for each in read_message(text).questions]


if arguments.found:
    alone = [each.question for each in candidates]
    same = {
        way: sum(found(put(each)) == found(each) for each in alone)
        for way, put in WAYS.items()
        if way != "one typo"
    }
    pairs = [(a, b) for a, b in pairwise(alone) if len(found(a) + found(b)) == 2]
    both = sum(found(f"{a} {b}") == found(a) + found(b) for a, b in pairs)
    told = {way: f"{count} of {len(alone)}" for way, count in same.items()}
    told["two questions at once"] = f"{both} of {len(pairs)}"
    show("survival_found", told, arguments.out)
    sys.exit()
with (
    tempfile.TemporaryDirectory() as folder,
    (arguments.out / "survival.jsonl").open("w", encoding="utf-8") as lines,
):
    assistant = build(Settings(store=Path(folder)))

    def holds(answer: Answer, question: Question) -> bool:
        """Whether the quotes of `answer` hold what is right."""
        quotes = [each.quote for each in answer.citations]
        return holds_answer(quotes, question.kind, question.answers)

    def asked(way: str, text: str, *questions: Question) -> tuple[bool, bool]:
        """Whether the answers of all of `questions` are given, and whether they are shown."""
        answer = assistant.ask(text)
        right = all(holds(answer, each) for each in questions)
        kept = right and answer.verdict == "answered"
        if not kept:
            fields = {
                "way": way,
                "message": text,
                "verdict": answer.verdict,
                "confidence": answer.confidence,
                "right": right,
                "understood": answer.question,
                "answer": answer.text,
                "answers": [each.answers for each in questions],
            }
            lines.write(json.dumps(fields, ensure_ascii=False) + "\n")
            lines.flush()
        return kept, right and answer.verdict != "unanswered"

    try:
        fill(assistant.index, dataset)
        right: list[Question] = []
        for each in candidates:
            answer = assistant.ask(each.question)
            if answer.answered and holds(answer, each):
                right.append(each)
            if len(right) == arguments.questions:
                break
        figures: dict[str, float | int | str] = {"questions": len(right)}
        for way, put in WAYS.items():
            came = [asked(way, put(each.question), each) for each in right]
            kept, seen = (sum(one) for one in zip(*came, strict=True))
            figures[way] = f"{kept}, {seen} with unsure"
        pairs = list(zip(right, right[1:] + right[:1], strict=True))
        came = [asked("two", f"{a.question} {b.question}", a, b) for a, b in pairs]
        kept, seen = (sum(one) for one in zip(*came, strict=True))
        figures["two questions at once, both answers"] = f"{kept}, {seen} with unsure"
    finally:
        assistant.index.close()
show("survival", figures, arguments.out)
