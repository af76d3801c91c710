"""How files are parsed: what they may cost, and whether scanned pages are read.

One `Parsing` holds for a whole process, as its number of processors does. The process that parses
gets that of its parent with every file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from index.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Parsing:
    """`seconds` are those of one file, one member of an archive or one scanned page; `memory_mb`
    is the address space of the process that parses; `pages` and `characters` are the most of one
    file, `file_mb` of its bytes. Members of an archive up to `original_mb` come with their bytes.
    `ocr` is "auto" (scanned pages are read where Tesseract is
    installed) or "off"; `ocr_languages` are Tesseract's codes joined by "+"."""

    seconds: float = 120.0
    memory_mb: int = 2048
    pages: int = 10_000
    characters: int = 20_000_000
    file_mb: int = 200
    original_mb: int = 100
    ocr: str = "auto"
    ocr_languages: str = "eng"


_current = Parsing()
_notify: Callable[[], None] | None = None
_paged: Callable[[int, int], None] | None = None


def current() -> Parsing:
    """How this process parses."""
    return _current


def use(parsing: Parsing) -> None:
    """Makes `parsing` what `current` gives from now on."""
    global _current
    _current = parsing


@contextmanager
def using(**changes: object) -> Iterator[None]:
    """Some of the current limits changed while the block runs; for tests and benchmarks."""
    before = current()
    use(replace(before, **changes))  # type: ignore[arg-type]
    try:
        yield
    finally:
        use(before)


def on_beat(notify: Callable[[], None]) -> None:
    """Has `notify` called at every `beat`."""
    global _notify
    _notify = notify


def beat() -> None:
    """Says that a part of a file is done whose next may take as long again: a member of an
    archive, a scanned page."""
    if _notify is not None:
        _notify()


def on_pages(notify: Callable[[int, int], None]) -> None:
    """Has `notify` called with (pages read, pages in all) at every `pages_read`."""
    global _paged
    _paged = notify


def pages_read(done: int, total: int) -> None:
    """Says how many pages of a file are read; that gives it no more time."""
    if _paged is not None:
        _paged(done, total)


def check_pages(pages: int) -> None:
    """Raises `UnreadableFile` for more pages, slides or sheets than are read."""
    if pages > current().pages:
        raise UnreadableFile(
            f"has more than the {current().pages:,} pages that are read; split it, or raise "
            "FOOTNOTE_PARSE_PAGES"
        )


def check_characters(characters: int) -> None:
    """Raises `UnreadableFile` for more text than is kept of one file."""
    if characters > current().characters:
        raise UnreadableFile(
            f"holds more than the {current().characters:,} characters of text that are kept; "
            "split it, or raise FOOTNOTE_PARSE_CHARACTERS"
        )
