"""What every language model is to the rest: messages in, text out in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt; `role` is "user" or "assistant"."""

    role: str
    content: str


class ChatModel(Protocol):
    """A language model that goes on with a conversation, here or behind a server."""

    @property
    def prompt_tokens(self) -> int | None:
        """The most tokens of a prompt that leave room for the answer; None if it isn't known."""
        ...

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The tokens of the prompt that these messages make, or somewhat more."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The next message in pieces, none of them empty. Closing the iterator stops the model.

        Raises `ModelBusy` before the first piece, and `ModelUnavailable` at any.
        """
        ...
