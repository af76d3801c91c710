"""Plain text: encodings, the date stamp, what a file states of itself."""

from __future__ import annotations

import pytest

from index.errors import UnreadableFile
from index.extract.file_metadata import iso_date
from index.extract.format.text import decode
from index.extract.limits import PARSING
from index.extract.text_builder import TextBuilder
from index.load.documents import load_bytes
from index.text.clean import clean

GERMAN = "Der Fluß fließt über die Brücke – Größe und Höhe sind schön."


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_decode_recognises_the_encoding(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)) == GERMAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("“Quotes” — it’s $5", "cp1252"),
        ("Café déjà vu", "latin-1"),
        ("Привет, как дела? Это обычный русский текст о погоде.", "cp1251"),
        ("日本語のテキストです。これは文字コードの判定に使います。", "shift_jis"),
    ],
)
def test_decode_guesses_what_is_not_unicode(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_decode_refuses_binary_data() -> None:
    with pytest.raises(UnreadableFile):
        decode(bytes(range(32)) * 10)


def test_the_founding_date_is_metadata_and_no_prose() -> None:
    data = (
        " date 2023-11-08 Amidst escalating tensions, the recent move to supply weapons drew fire."
    )
    document = load_bytes(data.encode(), "seeds/000_a92cfa1397620b71.txt")
    assert document.metadata == {"date": "2023-11-08"}
    assert document.text.startswith("Amidst escalating tensions")
    assert document.title == "Amidst escalating tensions, the recent move to supply…"


@pytest.mark.parametrize(
    "text", ["date 2023-13-08 Amidst", "date 2023-11-08 was a Wednesday.", "date 2023-11-08"]
)
def test_what_is_no_stamp_stays_in_the_text(text: str) -> None:
    document = load_bytes(text.encode(), "a.txt")
    assert (document.text, document.metadata) == (text, {})


@pytest.mark.parametrize(
    ("uri", "title"),
    [
        ("x/annual_report-2023.txt", "annual report-2023"),
        ("x/0012_3.txt", "It rained."),
        ("3f2b8c1e-12ab-4cde-9f00-1234567890ab.txt", "It rained."),
        ("-", "It rained."),
    ],
)
def test_the_title_is_the_name_unless_that_says_nothing(uri: str, title: str) -> None:
    assert load_bytes(b"It rained. Then it stopped.", uri).title == title


def test_clean_decides_newlines_and_drops_what_nobody_sees() -> None:
    assert clean("\ufeff a\r\nb \rc\x00\x07\f\n\n\n\nd\u00ade\u00a0f ") == "a\nb\nc\n\nde f"
    assert clean("e\u0301\ufb01n \ud800") == "éfin \ufffd"
    assert clean("\uf900") == "\uf900"  # NFC would make another ideograph of it


def test_the_builder_knows_offsets_in_the_final_text() -> None:
    builder = TextBuilder(PARSING)
    builder.page()
    builder.block("  One.  ")
    builder.page()
    builder.page()
    builder.heading("Two\n words", 2)
    builder.block(" \n ")
    builder.block("Three.", "\n")
    builder.page()
    extracted = builder.build()
    assert extracted.text == "One.\n\nTwo words\nThree."
    assert extracted.pages == (0, 6, 6, 22)
    (heading,) = extracted.headings
    assert (heading.start, heading.end, heading.level) == (6, 15, 2)


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2023-11-08", "2023-11-08"),
        ("2023-11-08T23:59:00Z", "2023-11-08"),
        ("2023/1/8", "2023-01-08"),
        ("D:20231108120000+01'00'", "2023-11-08"),
        ("November 8th, 2023", "2023-11-08"),
        ("8 Nov 2023", "2023-11-08"),
        ("08/11/2023", None),
        ("2023-02-30", None),
        ("2023", None),
        ("yesterday", None),
    ],
)
def test_iso_date_names_the_day_or_none(stated: str, day: str | None) -> None:
    assert iso_date(stated) == day


def test_codes_that_colour_a_terminal_are_no_text() -> None:
    log = b"\x1b[32mINFO\x1b[0m vault 3 \x1b]0;title\x07done\x1b[K\n" * 9
    assert load_bytes(log, "build.log").text == "\n".join(["INFO vault 3 done"] * 9)


def test_a_long_run_of_blanks_is_no_harder_than_other_text() -> None:
    """One that is looked through anew from each of its blanks would take hours."""
    blanks = " \t" * 1_000_000
    assert clean(f"a{blanks}b{blanks}\nc") == f"a{blanks}b\nc"


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("\x1b(B\x1b[m\x1b[1mBuild\x1b(B\x1b[m took 14 s", "Build took 14 s"),
        ("\x1b]8;;https://e.example\x1b\\here\x1b]8;;\x1b\\ it is", "here it is"),
        ("\x9b32mgreen\x9b0m 6", "green 6"),
        ("N\x08NA\x08AM\x08ME\x08E of _\x08l_\x08s", "NAME of ls"),
    ],
)
def test_what_only_a_terminal_understands(log: str, shown: str) -> None:
    assert load_bytes(log.encode(), "a.log").text == shown
