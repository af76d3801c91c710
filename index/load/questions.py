"""What is asked of a file beside its text, answered in the process that parses: the picture of a
page, where words stand on it, the bytes of a member of an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from index.errors import FootnoteError, UnknownOriginal, UnreadableFile
from index.extract.limits import Parsing
from index.extract.pdf.view import Marked, Rectangle, Stretch, draw, mark
from index.load.attached import attached
from index.load.formats import ARCHIVE, format_of
from index.load.parse import read
from index.load.zip_members import members_of
from index.uri import MEMBER

Answer = tuple[dict[str, Any], bytes]


@dataclass(frozen=True, slots=True)
class Draw:
    """The page with this number, counted from 1, `width` pixels wide."""

    page: int
    width: int

    def answer(self, data: bytes, parsing: Parsing) -> Answer:
        return {}, draw(data, self.page, self.width)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where stretches of the text of pages stand on them."""

    stretches: tuple[Stretch, ...]

    def answer(self, data: bytes, parsing: Parsing) -> Answer:
        return {"marked": [asdict(each) for each in mark(data, self.stretches, parsing)]}, b""


@dataclass(frozen=True, slots=True)
class Unpack:
    """The bytes of what has this path in the archive at `uri`, or is attached to the file there."""

    uri: str
    path: str

    def answer(self, data: bytes, parsing: Parsing) -> Answer:
        return {}, _held(data, self.uri, self.path, parsing)


Question = Draw | Mark | Unpack


def _held(data: bytes, uri: str, path: str, parsing: Parsing) -> bytes:
    kind, charset = format_of(data, uri, "")
    if kind is ARCHIVE:
        members = members_of(data)
    else:
        members, _ = attached(read(data, kind, parsing, charset).files, deep=False)
    for member in members:
        if member.path == path:
            return member.read()
        if path.startswith(member.path + MEMBER):
            inner = path.removeprefix(member.path + MEMBER)
            return _held(member.read(), member.path, inner, parsing)
    raise UnknownOriginal(f"does not hold {path} any more")


def to_json(question: Question) -> dict[str, Any]:
    return {"kind": type(question).__name__, **asdict(question)}


def from_json(stated: Mapping[str, Any]) -> Question:
    rest = {name: value for name, value in stated.items() if name != "kind"}
    match stated["kind"]:
        case "Draw":
            return Draw(**rest)
        case "Mark":
            return Mark(tuple(Stretch(**each) for each in rest["stretches"]))
    return Unpack(**rest)


def marked_of(answer: Mapping[str, Any]) -> list[Marked]:
    """What the answer to a `Mark` says."""
    return [
        Marked(**{**each, "rectangles": tuple(Rectangle(**one) for one in each["rectangles"])})
        for each in answer["marked"]
    ]


def answer(stated: Mapping[str, Any], data: bytes, parsing: Parsing) -> Answer:
    """The answer to a question about `data`. Raises `FootnoteError`, whose words follow the name of
    the file."""
    try:
        return from_json(stated).answer(data, parsing)
    except (FootnoteError, ImportError):
        raise  # a broken installation is not the file's fault
    except MemoryError as error:
        raise UnreadableFile("needs more memory than it may have to be shown") from error
    except Exception as error:  # whatever a parser meets in a damaged or hostile file
        raise UnreadableFile("is damaged") from error
