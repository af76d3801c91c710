"""A follow-up to a question that stands alone, in the words of a language model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index.errors import ModelBusy, ModelUnavailable
from rag.answer import Turn
from rag.chat.chat_model import ChatModel, Kept, Message, Sampling
from rag.chat.harmless import barred
from rag.chat.thoughts import without_thoughts
from rag.cite.markers import plain
from rag.rewrite.by_rule import Rewritten, by_rule
from rag.stop import Stop

logger = logging.getLogger(__name__)

_TURNS = 10  # the latest ones
_CHARACTERS = 500  # of each
_NEW_TOKENS = 128
_LONGER = 300  # characters that names and things may add


@dataclass(frozen=True, slots=True)
class _Said:
    role: str
    text: str


class ChatRewriter:
    """Asks `model` to rewrite a question that has a history; `tokens` is the most of a prompt.

    What was said is shown as the documents are to `Generator`: as barred lines that can't pass for
    ours. A rewrite that fails, is empty, is cut off, or is absurdly long gives way to the rule's.
    """

    def __init__(self, model: ChatModel, tokens: int) -> None:
        self._model = model
        self._tokens = min(tokens, model.prompt_tokens or tokens)
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        self._template = environment.get_template("rewrite.jinja")

    def __call__(self, question: str, history: Sequence[Turn], most: int, stop: Stop) -> Rewritten:
        """The question that stands alone; at most `most` characters."""
        rule = by_rule(question, history, most, stop)
        messages = self._messages(question, history)
        if not messages:
            return rule
        sampling = Sampling(max_tokens=_NEW_TOKENS)
        try:
            writing = Kept(without_thoughts(self._model.stream(messages, sampling, stop)))
            text = _question("".join(writing))
        except (ModelBusy, ModelUnavailable) as error:
            logger.warning("a follow-up is rewritten by rule: %s", error)
            return rule
        written = writing.written
        good = text and len(text) <= min(most, len(question) + _LONGER)
        if not good or (written and written.cut):
            return replace(rule, written=written)
        return Rewritten(text, written, rule.certain)

    def _messages(self, question: str, history: Sequence[Turn]) -> list[Message]:
        """The prompt with as many of the latest turns as fit; none where there is no history, or
        no room for any."""
        turns = [
            _Said(turn.role, barred(plain(turn.content[:_CHARACTERS])))
            for turn in history[-_TURNS:]
        ]
        turns = [turn for turn in turns if turn.text]
        while turns:
            text = self._template.render(question=question, turns=turns)
            messages = [Message("user", text)]
            if self._model.count_tokens(messages) <= self._tokens:
                return messages
            turns = turns[1:]
        return []


def _question(text: str) -> str:
    """The first line that says something, without quotes around it."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    first = next((line for line in lines if line), "")
    return first.strip("\"“”' ")
