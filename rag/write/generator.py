"""Answers in the words of a language model, whichever it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from index.errors import InvalidQuestion
from rag.answer import Passage, Turn
from rag.chat.chat_model import ChatModel, Kept, Message, Writing
from rag.chat.harmless import harmless
from rag.chat.thoughts import without_thoughts
from rag.cite.markers import plain
from rag.read.reader import Reading
from rag.write.answerer import REFUSAL, Wishes
from rag.write.loops import without_loops
from rag.write.prompt import Prompt


class Generator:
    """Asks `model` to answer from the passages with markers `[n]`.

    A prompt has at most `tokens` tokens, fewer if the model holds fewer. The passages that do not
    fit are left out whole, the worst first; the conversation gets the room that is left, the
    oldest turns going first; the question always stays.
    """

    name = "chat"

    def __init__(
        self, model: ChatModel, prompt: Prompt, tokens: int, wishes: Wishes | None = None
    ) -> None:
        self._model = model
        self._prompt = prompt
        self._tokens = min(tokens, model.prompt_tokens or tokens)
        self._wishes = wishes or Wishes()

    def with_wishes(self, wishes: Wishes) -> Generator:
        """The same model and prompt for one question asked with `wishes`."""
        return Generator(self._model, self._prompt, self._tokens, wishes)

    def stream(
        self,
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        reading: Reading,
    ) -> Writing:
        """The answer in pieces, without the thoughts that some models write first, and what it
        took. A refusal comes without a marker, whatever the model would write after it; and what
        would say the same over and over ends.

        Raises `InvalidQuestion`, before the first piece, when question and best passage do not
        fit, and what the model raises.
        """
        messages = self._messages(question, passages, history)
        writing = self._model.stream(messages, self._wishes.sampling, self._wishes.stop)
        text = without_loops(without_thoughts(writing))
        if self._wishes.stops:
            text = _before(self._wishes.stops, text)
        return (yield from _unmarked_refusal(text))

    def _messages(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn]
    ) -> list[Message]:
        def messages(shown: int, turns: int) -> list[Message]:
            text = self._prompt.render(question, passages[:shown], self._wishes.instructions)
            prompt = Message("user", text)
            return _alternating([*map(_said, history[len(history) - turns :]), prompt])

        def tokens(shown: int, turns: int) -> int:
            return self._model.count_tokens(messages(shown, turns))

        shown = bisect_right(
            range(1, len(passages) + 1), self._tokens, key=lambda number: tokens(number, 0)
        )
        if passages and not shown:
            raise InvalidQuestion(
                f"the question and one passage make a prompt of {tokens(1, 0)} tokens, the most is "
                f"{self._tokens}; shorten the question, or raise FOOTNOTE_CHAT_TOKENS if the "
                "model holds more"
            )
        turns = bisect_right(
            range(1, len(history) + 1), self._tokens, key=lambda number: tokens(shown, number)
        )
        return messages(shown, turns)


def _said(turn: Turn) -> Message:
    """A turn for the model to read. The markers of an earlier answer are gone: they numbered the
    passages of then."""
    spoken = harmless(plain(turn.content)) if turn.role == "assistant" else turn.content
    return Message(turn.role, spoken)


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """The same messages as most chat templates demand them: the user first, then by turns."""
    kept: list[Message] = []
    for message in messages:
        if kept and kept[-1].role == message.role:
            kept[-1] = Message(message.role, f"{kept[-1].content}\n\n{message.content}")
        elif kept or message.role == "user":
            kept.append(message)
    return kept


def _before(ends: Sequence[str], pieces: Writing) -> Writing:
    """The text up to the first of `ends`, after which the model writes no more. What may be the
    beginning of one is held back."""
    held, most = "", max(map(len, ends)) - 1
    for piece in (rest := Kept(pieces)):
        held += piece
        found = [place for end in ends if (place := held.find(end)) >= 0]
        if found:
            if before := held[: min(found)]:
                yield before
            return rest.written
        cut = max(len(held) - most, 0)
        if cut:
            yield held[:cut]
        held = held[cut:]
    if held:
        yield held
    return rest.written


def _unmarked_refusal(pieces: Writing) -> Writing:
    """The refusal alone where the text begins with it; else the text."""
    held = ""
    for piece in (rest := Kept(pieces)):
        held += piece
        if held.casefold().startswith(REFUSAL.casefold()):
            yield REFUSAL
            for _ in rest:
                pass  # what it took is known at the end only
            return rest.written
        if not REFUSAL.casefold().startswith(held.casefold()):
            break
    if held:
        yield held
    yield from rest
    return rest.written
