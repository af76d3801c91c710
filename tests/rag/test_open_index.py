"""An index and its limits as the settings say them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support_scan import scan

from index.errors import UnreadableFile
from index.extract.limits import PARSING, Parsing
from index.index import Index
from index.load.documents import from_text
from index.load.parse import Refused
from index.load.sources import bytes_source, file_source, load_each
from index.sync.add_loaded import add_all
from rag.open_index import open_index, parsing_of
from rag.settings import Settings

SCANNED = "page 2 is scanned; to have that read, "


def test_limits_come_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(
        store=tmp_path,
        parse_seconds=3,
        parse_memory_mb=900,
        parse_pages=4,
        parse_characters=5,
        parse_file_mb=6,
        original_file_mb=7,
        ocr="off",
        ocr_languages="deu",
    )
    assert parsing_of(settings) == Parsing(3, 900, 4, 5, 6, 7, "off", "deu")
    assert parsing_of(Settings(store=tmp_path, originals=False)).original_mb == 0


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """One that reads little, opened first, and one that reads all, opened after it."""
    little = Settings(
        store=tmp_path / "little", parse_characters=12, parse_pages=2, parse_file_mb=1, ocr="off"
    )
    with (
        closing(open_index(little)) as first,
        closing(open_index(Settings(store=tmp_path / "all"))) as second,
    ):
        yield first, second


def test_two_indexes_in_one_process_parse_each_by_its_own_limits(
    two: tuple[Index, Index], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Twelve words.")
    (tmp_path / "b.txt").write_bytes(b"word " * 400_000)
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    little, all_, again = (
        list(load_each([file_source(path, index.parsing) for path in paths], index.parsing))
        for index in (*two, two[0])  # one after the other in the same processes
    )
    for found in (little, again):
        refused = [str(one.error) for one in found if isinstance(one, Refused)]
        assert refused[0].startswith(f"{paths[0].as_posix()} holds more than the 12 characters")
        assert "has 2.0 MB, more than the 1 MB" in refused[1]
    assert [len(one.text) for one in all_ if not isinstance(one, Refused)] == [13, 1_999_999]


def test_two_indexes_sync_and_take_texts_each_by_its_own_limits(
    two: tuple[Index, Index], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Twelve words.")
    little, all_ = two
    assert [reason for _, reason in little.sync(folder).errors] == [
        f"{folder.as_posix()}/a.txt holds more than the 12 characters of text that are kept; split "
        "it, or raise FOOTNOTE_PARSE_CHARACTERS"
    ]
    assert [each.uri for each in all_.sync(folder).documents] == [f"{folder.as_posix()}/a.txt"]
    with pytest.raises(UnreadableFile, match="more than the 12 characters"):
        from_text("u", "", "Twelve words.", {}, little.parsing)
    assert from_text("u", "", "Twelve words.", {}, all_.parsing).text == "Twelve words."


def test_what_is_said_of_scanned_pages_is_said_by_the_index_they_are_added_to(
    two: tuple[Index, Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = scan("One word", "image")
    notes = []
    for index in two:
        parsing = PARSING if index is two[1] else Parsing(ocr="off")
        loaded = [*load_each([bytes_source(data, "part.pdf")], Parsing(ocr="off"))]
        assert index.parsing.ocr == parsing.ocr
        with monkeypatch.context() as without:
            without.setenv("PATH", "")  # no Tesseract
            notes += [added.note for added in add_all(index, loaded, print)]
    install = "install Tesseract (Debian: apt install tesseract-ocr)"
    again = ", then remove it and add it again"
    assert notes == [
        f"{SCANNED}set FOOTNOTE_OCR to auto and {install}{again}",
        f"{SCANNED}{install}{again}",
    ]
