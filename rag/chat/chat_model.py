"""What every language model is to the rest: messages in, text out in pieces."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer import Written
from rag.stop import Stop


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt; `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose the next token; None leaves it to us: the likeliest one, no penalty, as many
    tokens as the setting allows, of which `max_tokens` can only be fewer."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


GREEDY = Sampling()


def total(first: Written | None, second: Written | None) -> Written | None:
    """What two calls took together; cut if the second was. None where neither is known."""
    if first is None:
        return second
    if second is None:
        return Written(first.prompt_tokens, first.completion_tokens, False)
    return Written(
        _sum(first.prompt_tokens, second.prompt_tokens),
        _sum(first.completion_tokens, second.completion_tokens),
        second.cut,
    )


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


Writing = Generator[str, None, Written | None]


class Kept:
    """The pieces of a writing, whose return value is in `written` once they have ended; None till
    then, and of an iterable that returns nothing. Dropping it ends the writing: nothing here
    refers to itself."""

    def __init__(self, pieces: Writing | Iterable[str]) -> None:
        self._returned: list[Written | None] = []
        self._pieces = _keep(pieces, self._returned)

    @property
    def written(self) -> Written | None:
        return self._returned[0] if self._returned else None

    def __iter__(self) -> Iterator[str]:
        return self._pieces


def _keep(
    pieces: Writing | Iterable[str], returned: list[Written | None]
) -> Generator[str, None, None]:
    if isinstance(pieces, Generator):
        returned.append((yield from pieces))
    else:
        yield from pieces


class ChatModel(Protocol):
    """A language model that goes on with a conversation, here or behind a server."""

    @property
    def prompt_tokens(self) -> int | None:
        """The most tokens of a prompt that leave room for the answer; None if it isn't known."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The tokens of the prompt that these messages make, or somewhat more."""
        ...

    def stream(self, messages: Sequence[Message], sampling: Sampling, stop: Stop) -> Writing:
        """The next message in pieces, none of them empty, and what it took as the generator's
        return value. Closing the generator stops the model, and so does `stop`, even before the
        first piece; then the pieces end.

        Raises `ModelBusy` before the first piece, and `ModelUnavailable` at any.
        """
        ...
