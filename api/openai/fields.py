"""How fields of OpenAI's API are taken: honoured, passed over and named, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from annotated_types import GroupedMetadata
from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.http.guard import IGNORED

_MOST_NAMES = 40
_LONGEST_NAME = 60
_ODD = re.compile(r"[^A-Za-z0-9_.\[\]-]")


def _is_one_of(value: JsonValue, several: tuple[JsonValue, ...]) -> bool:
    """Whether one of `several` is `value`, type and all: True is not 1."""
    return any(type(value) is type(one) and value == one for one in several)


@dataclass(frozen=True)
class Unsupported(GroupedMetadata):
    """Marks a field that takes nothing but null and the `harmless` values, which ask for what
    Footnote does anyway; anything else would change what the answer means."""

    why: str
    harmless: tuple[JsonValue, ...] = ()

    def __iter__(self) -> Iterator[object]:
        yield BeforeValidator(self.check)
        allowed: list[JsonValue] = [None, *self.harmless]
        yield WithJsonSchema({"enum": allowed, "description": f"not supported: {self.why}"})

    def check(self, value: JsonValue) -> JsonValue:
        if value is not None and not _is_one_of(value, self.harmless):
            raise PydanticCustomError("unsupported", "is not supported: {why}", {"why": self.why})
        return value


@dataclass(frozen=True)
class PassedOver:
    """Marks a field that has no effect, or none on the reader; it is named in the response, but
    for the `own` values, which ask for what Footnote does anyway."""

    own: tuple[JsonValue, ...] = ()
    by_reader_only: bool = False


class Lenient(BaseModel):
    """What a client of OpenAI's API sends: nothing is coerced; fields that nobody here knows, of
    which there are as many as servers, are passed over."""

    model_config = ConfigDict(extra="allow", strict=True)

    def ignored(self, *, by_reader: bool) -> list[str]:
        """The names of the fields that were given and have no effect."""
        names = []
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            for mark in field.metadata:
                if isinstance(mark, PassedOver) and (by_reader or not mark.by_reader_only):
                    names += [name] if value is not None and not _is_one_of(value, mark.own) else []
        return [*names, *(self.model_extra or {})]


def ignored_header(names: Iterable[str]) -> dict[str, str]:
    """The response header that names fields, each once; none where there are none."""
    told = [_ODD.sub("?", name)[:_LONGEST_NAME] for name in dict.fromkeys(names)][:_MOST_NAMES]
    return {IGNORED: ", ".join(told)} if told else {}


def valid(text: str) -> str:
    """`text` without the halves of pairs that JSON can name and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def unlimited(value: Any) -> Any:
    """A most number of tokens; -1 sets none, as with other servers."""
    return None if _is_one_of(value, (-1,)) else value
