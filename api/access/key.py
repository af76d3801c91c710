"""A key: who holds it, what it opens, and how it is written."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.access.role import Role
from index.errors import InvalidKey

_PREFIX = "fnk"
_WRITTEN = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")
_NAME = re.compile(r"[^\W_][\w .@-]{0,99}")
_SPAN = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `collections` are those that it opens, None for everything. Times
    are ISO 8601, UTC."""

    id: str
    name: str
    role: Role
    collections: tuple[str, ...] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None

    @property
    def state(self) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_over = self.expires_at is not None and self.expires_at <= now()
        return "expired" if is_over else "valid"


def now() -> str:
    """This second, as keys have it."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """A moment as keys have it; such stamps compare as their moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(key_id: str) -> str:
    """A new secret of 256 random bits, written as its holder sends it."""
    return f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


def read_id(written: str) -> str | None:
    """The id in a key as its holder sends it; None where it cannot be one."""
    found = _WRITTEN.fullmatch(written)
    return found[1] if found else None


def named(name: str) -> str:
    """`name`, where a key may have it. Raises `InvalidKey`."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise InvalidKey(
            f"a key cannot be called {name[:100]!r}; give it a name of 1 to 100 letters, digits, "
            "spaces and . @ - _, such as 'reports' or 'ada@example.org'"
        )
    return name


def expiry(text: str | None, since: datetime | None = None) -> str | None:
    """When a key ends whose `--expires` is `text`: a span such as 12h, 90d or 26w from `since` (by
    default now), the end of a day such as 2027-01-31, or a time such as 2027-01-31T12:00+01:00; by
    default all in UTC. Raises `InvalidKey`."""
    if text is None:
        return None
    present = since or datetime.now(UTC)
    try:
        if span := _SPAN.fullmatch(text):
            moment = present + timedelta(hours=int(span[1]) * _HOURS[span[2]])
        else:
            moment = datetime.fromisoformat(text)
            if len(text) <= len("2027-01-31"):
                moment += timedelta(days=1)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidKey(
            f"--expires {text!r} is no time; write 12h, 90d, 26w or a day such as 2027-01-31"
        ) from error
    if moment <= present:
        raise InvalidKey(f"--expires {text!r} is over already; write a time to come")
    return stamp(moment)
