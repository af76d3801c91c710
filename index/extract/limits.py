"""How files are parsed: what they may cost, and whether scanned pages are read.

A `Parsing` belongs to an index and goes with every file that is read for it, into the process that
parses too. Two indexes in one process parse each by its own.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def check_pages(self, pages: int) -> None:
        """Raises `UnreadableFile` for more pages, slides or sheets than are read."""
        if pages > self.pages:
            raise UnreadableFile(
                f"has more than the {self.pages:,} pages that are read; split it, or raise "
                "FOOTNOTE_PARSE_PAGES"
            )

    def check_characters(self, characters: int) -> None:
        """Raises `UnreadableFile` for more text than is kept of one file."""
        if characters > self.characters:
            raise UnreadableFile(
                f"holds more than the {self.characters:,} characters of text that are kept; "
                "split it, or raise FOOTNOTE_PARSE_CHARACTERS"
            )


PARSING = Parsing()
"""How files are parsed where nothing else is said."""
