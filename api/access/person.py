"""Who signs in, and why nobody did."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

Kind = Literal["denied", "stale", "refused", "no_group", "away"]
"""Why nobody was signed in: the provider said no, the attempt is over or not this browser's, what
the provider said does not hold, the person may do nothing here, the provider can't be reached."""


class SignInRefused(Exception):
    """Nobody was signed in; `kind` is for the person, the words are for the log."""

    def __init__(self, kind: Kind, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in: what the provider knows them by, what they are called, and their groups."""

    subject: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """To sign in: what only the browser that began it has."""

    state: str
    nonce: str
    verifier: str


def new_attempt() -> Attempt:
    """One that nobody can guess."""
    return Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
