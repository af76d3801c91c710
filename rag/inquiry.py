"""What a message asks of the documents: each question in it, in the ways it may be understood."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.errors import InvalidQuestion
from index.index import Index
from rag.answer import Turn, Written
from rag.chat.chat_model import total
from rag.finding import Finder, Found, Lap
from rag.rewrite.by_rule import Rewriter, Rewritten, pointed
from rag.rewrite.message import MOST_CHARACTERS, Message, read_message
from rag.settings import Settings
from rag.stop import Stop

_LAST_CHARACTERS = 500  # of the message before
_DESKS = max(2, (os.cpu_count() or 1) // 4)  # questions read at once, each by several cores


def max_message(settings: Settings) -> int:
    """The most characters of a message, whose question may be shorter."""
    return max(MOST_CHARACTERS, settings.max_question_chars)


def one_line(question: str, settings: Settings) -> str:
    """A question on one line. Raises `InvalidQuestion` for an empty or too long one."""
    question = " ".join(question.encode("utf-8", "replace").decode().split())
    if not question:
        raise InvalidQuestion("the question is empty; ask something")
    limit = settings.max_question_chars
    if len(question) > limit:
        raise InvalidQuestion(
            f"the question has {len(question)} characters, the most is {limit}; shorten it, or "
            "raise FOOTNOTE_MAX_QUESTION_CHARS"
        )
    return question


def question_in(text: str, settings: Settings, *, rewrite: bool) -> Message:
    """The question in a message; where not `rewrite`, the whole of it, exactly as written. Raises
    `InvalidQuestion`."""
    if not rewrite:
        return Message((one_line(text, settings),))
    most = max_message(settings)
    if len(text) > most:
        raise InvalidQuestion(
            f"the message has {len(text)} characters, the most is {most}; shorten it"
        )
    message = read_message(text.encode("utf-8", "replace").decode())
    return replace(message, questions=tuple(one_line(one, settings) for one in message.questions))


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question of `k` passages of the documents that meet `filter`; `stop` and `lap` are looked
    at and called as the work goes on."""

    k: int
    filter: Mapping[str, object] | None
    stop: Stop
    lap: Lap


class Inquirer:
    """Asks `finder` the questions of messages; of the ways in which one may be understood the
    surest is kept, which needs no other from a confidence of `sure` on. More questions than can be
    read at once wait in line."""

    def __init__(self, index: Index, finder: Finder, settings: Settings) -> None:
        self._index = index
        self._finder = finder
        self._settings = settings
        self._desks = threading.Semaphore(_DESKS)

    def over(self, index: Index, finder: Finder) -> Inquirer:
        """The same over another index; the two together read no more questions at once."""
        other = Inquirer(index, finder, self._settings)
        other._desks = self._desks
        return other

    def as_written(self, message: Message, inquiry: Inquiry) -> list[Found]:
        """What the questions find exactly as they are."""
        return [self._found(question, "", inquiry) for question in message.questions]

    def as_understood(
        self,
        message: Message,
        history: Sequence[Turn],
        rewrite: Rewriter,
        inquiry: Inquiry,
        sure: float,
    ) -> tuple[list[Found], Written | None]:
        """What each of the questions finds, its words spelt as the store spells them, on its own
        and as `rewrite` has it after `history`; and what a language model took to rewrite them."""
        most = self._settings.max_question_chars
        each: list[Found] = []
        written = None
        for asked in message.questions:
            spelt = self._index.corrected(asked)
            turns = [*history, *(Turn("user", found.question) for found in each)]
            rewritten = rewrite(spelt, turns, most, inquiry.stop)
            written = total(written, rewritten.written)
            if message.context and not rewritten.certain:
                rewritten = pointed(spelt, message.context, rewritten, most)
            if turns:
                inquiry.lap("rewrite")
            beside = message.context
            if history and not each and rewritten.question != spelt:
                beside = f"{_last_question(history)} {beside}".strip()
            best = self._surest(spelt, rewritten, beside, inquiry, sure)
            if spelt != asked and not history and best.confidence < sure:
                best = max(best, self._found(asked, "", inquiry), key=_confidence)
            each.append(best)
        return each, written

    def _surest(
        self, asked: str, rewritten: Rewritten, context: str, inquiry: Inquiry, sure: float
    ) -> Found:
        """What the rewritten question finds, or the one as it was asked where it may stand alone;
        where neither is sure, what words beside the question help to find, as the question before
        does for a follow-up."""
        ways = [rewritten.question] if rewritten.certain else [rewritten.question, asked]
        found = (self._found(way, "", inquiry) for way in dict.fromkeys(ways))
        best = max(found, key=_confidence)
        if context and best.confidence < sure:
            return max(best, self._found(best.question, context, inquiry), key=_confidence)
        return best

    def _found(self, query: str, context: str, inquiry: Inquiry) -> Found:
        query = one_line(query, self._settings)
        with self._desks:
            return self._finder.found(
                query, context, inquiry.k, inquiry.filter, inquiry.stop, inquiry.lap
            )


def _last_question(history: Sequence[Turn]) -> str:
    """What was asked before; "" where it was a greeting."""
    said = next((turn.content for turn in reversed(history) if turn.role == "user"), "")
    message = read_message(said[-_LAST_CHARACTERS:])
    return "" if message.courtesy else message.question


def _confidence(found: Found) -> float:
    return found.confidence
