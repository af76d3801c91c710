"""Files, bytes and text to documents; which files a folder gives."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from index.document import document_id
from index.errors import UnreadableFile, UnsupportedFile
from index.extract.limits import PARSING
from index.load.documents import from_text, load, load_bytes, supported_suffixes, walk


def test_a_document_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "annual_report.txt"
    path.write_bytes(b"\xef\xbb\xbfProfit rose.\r\n")
    document = load(path)
    assert document.uri == path.as_posix()
    assert document.id == document_id(path.as_posix())
    assert document.text == "Profit rose."
    assert document.title == "annual report"
    assert document.media_type == "text/plain"
    assert document.sha256 == hashlib.sha256(b"\xef\xbb\xbfProfit rose.\r\n").hexdigest()
    assert document.pages == ()


@pytest.mark.parametrize(
    ("uri", "data", "stated", "expected"),
    [
        ("a.txt", b"# One", None, "text/plain"),
        ("a.txt", b"# One", "text/markdown; charset=utf-8", "text/markdown"),
        ("a.md", b"# One", "application/octet-stream", "text/markdown"),
        ("a.md", b"# One", "text/plain", "text/markdown"),
        ("A.MD", b"# One", None, "text/markdown"),
        ("-", b"# One", None, "text/plain"),
        ("LICENSE", b"You may.", None, "text/plain"),
        ("upload", b" <!DOCTYPE html><p>Hi</p>", None, "text/html"),
        ("notes.xyz", b"Some words.", "text/plain", "text/plain"),
        ("notes.xyz", b"Some words.", "text/x-log; charset=utf-8", "text/plain"),
        ("a.py", b"x = 1", "text/x-python", "text/x-source"),
        ("a.ts", b"let x = 1", "video/mp2t", "text/x-source"),
        ("a.log", b"x = 1", None, "text/plain"),
        ("links.txt", b"See https://example.org/a\nhttps://example.org/b", None, "text/plain"),
    ],
)
def test_type_then_suffix_then_content_decide(
    uri: str, data: bytes, stated: str | None, expected: str
) -> None:
    assert load_bytes(data, uri, stated).media_type == expected


def test_the_stated_character_set_is_used() -> None:
    assert load_bytes(b"\xf0\xf1", "a.txt", "text/plain; charset=koi8-r").text == "ПЯ"


@pytest.mark.parametrize(("uri", "stated"), [("a.rar", None), ("a.pdf", "image/png")])
def test_an_unsupported_kind_is_named_with_those_that_are_read(
    uri: str, stated: str | None
) -> None:
    with pytest.raises(UnsupportedFile) as caught:
        load_bytes(b"words", uri, stated)
    message = str(caught.value)
    assert (stated or '".rar"') in message
    assert "these are: plain text, Markdown," in message
    assert ", PDF, DOCX, PPTX, XLSX, ODT, EPUB, CSV/TSV, JSON," in message


@pytest.mark.parametrize(
    ("uri", "data", "reason"),
    [
        ("a.txt", b"", "a.txt is empty"),
        ("a.md", b" \n\t ", "a.md is empty"),
        ("a.md", b"---\ntitle: T\n---\n", "a.md holds no text"),
        ("a.pdf", b"not a PDF", "a.pdf is no PDF, or a broken one"),
        ("a.docx", b"not a zip", "a.docx is damaged or not DOCX"),
        ("a.txt", bytes(range(256)) * 4, "a.txt "),
        ("bad\udcff.txt", b"words", "not valid UTF-8"),
        (" ", b"words", "needs a uri"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(uri: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load_bytes(data, uri)


@pytest.mark.parametrize(
    ("name", "data", "count"),
    [
        ("links.txt", b"https://example.org/a\n\n# mine\nhttp://example.org/b?c=d#e\n", 2),
        ("links.md", b"- <https://example.org/a>\n- https://example.org/b\n", 2),
        ("links.csv", b"https://example.org/a\nwww.example.org/b\n", 2),
        ("one", b"ftp://example.org/a", 1),
    ],
)
def test_a_list_of_addresses_is_refused(name: str, data: bytes, count: int) -> None:
    with pytest.raises(UnsupportedFile) as caught:
        load_bytes(data, name)
    assert str(caught.value) == (
        f"{name} holds nothing but addresses ({count}); nothing is fetched: save the page and add "
        "that file"
    )


def test_addresses_among_words_are_text() -> None:
    assert load_bytes(b"See https://example.org/a", "a.txt").text == "See https://example.org/a"
    assert load_bytes(b"# Only a comment", "a.txt").text == "# Only a comment"


@pytest.mark.parametrize("name", ["page.url", "page.webloc"])
def test_a_link_to_a_page_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedFile, match=f"{name} is a link to a page; nothing is fetched"):
        load_bytes(b"[InternetShortcut]\nURL=https://example.org/", name)


def test_an_address_in_the_place_of_a_path_is_refused() -> None:
    for address in ("https://example.org/a.pdf", "HTTP://example.org"):
        with pytest.raises(UnreadableFile, match="is an address of a page; nothing is fetched"):
            list(walk([Path(address)]))


def test_an_archive_is_several_documents() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "Words.")
    with pytest.raises(UnreadableFile, match=r"a\.zip is an archive of several documents"):
        load_bytes(data.getvalue(), "a.zip")


def test_a_missing_file_and_a_folder_are_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.txt cannot be read: No such file"):
        load(tmp_path / "gone.txt")
    with pytest.raises(UnreadableFile, match="is a folder"):
        load(tmp_path)


def test_text_of_a_client_is_cleaned_and_its_date_normalised() -> None:
    document = from_text(
        "wiki/1",
        "Moon\n landing",
        "\r\nIt\x00 landed.\r\n",
        {"date": "July 20, 1969", "year": 1969},
        PARSING,
    )
    assert document.text == "It landed."
    assert document.title == "Moon landing"
    assert document.metadata == {"date": "1969-07-20", "year": 1969}
    assert document.id == document_id("wiki/1")


def test_a_change_of_metadata_alone_changes_the_digest_of_a_stated_text() -> None:
    one = from_text("u", "T", "Words.", {"author": "A"}, PARSING)
    assert one.sha256 == from_text("u", "T", "Words.", {"author": "A"}, PARSING).sha256
    assert one.sha256 != from_text("u", "T", "Words.", {"author": "B"}, PARSING).sha256
    with pytest.raises(UnreadableFile, match="u holds no text"):
        from_text("u", "T", " \n", {}, PARSING)


def test_walk_is_sorted_and_leaves_out_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.bin", "a/.hidden", ".git/c.txt", "~$b.docx", "C.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    expected = [tmp_path / name for name in ("C.txt", "a/z.bin", "b.txt")]
    assert list(walk([tmp_path])) == expected
    hidden = tmp_path / ".git" / "c.txt"
    assert list(walk([hidden, tmp_path / "a"])) == [hidden, tmp_path / "a/z.bin"]


def test_walk_follows_links_once_and_gives_broken_ones_to_load(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("words")
    os.symlink(tmp_path, tmp_path / "a" / "up")
    os.symlink(tmp_path / "nowhere.txt", tmp_path / "broken.txt")
    assert list(walk([tmp_path])) == [tmp_path / "a/x.txt", tmp_path / "broken.txt"]
    with pytest.raises(UnreadableFile, match="No such file"):
        load(tmp_path / "broken.txt")


def test_walk_refuses_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="gone does not exist"):
        list(walk([tmp_path / "gone"]))


def test_the_parsers_are_not_imported_before_they_are_needed() -> None:
    heavy = (
        "{'docx', 'pptx', 'openpyxl', 'olefile', 'docutils', 'email', 'pypdfium2', 'trafilatura', "
        "'lxml', 'markdown_it', 'charset_normalizer'}"
    )
    code = f"import sys, index.load; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_source_code_is_read_as_it_is() -> None:
    loaded = load_bytes(b"def f():\r\n\tif x:\r\n\t\treturn {\r\n", "f.py")
    assert loaded.text == "def f():\n\tif x:\n\t\treturn {"


def test_supported_suffixes_are_those_of_every_format() -> None:
    suffixes = supported_suffixes()
    assert set(
        ".txt .md .rst .html .pdf .docx .pptx .xlsx .odt .epub .csv .tsv .json .jsonl .ipynb .eml "
        ".msg .mhtml .py .yaml .zip".split()
    ) <= set(suffixes)
    assert len(set(suffixes)) == len(suffixes)
