"""The formats that are read, and which of them a file is in.

Each is a row of `FORMATS` and a module `load_<format>.py` with one function: bytes → `Extracted`.
That is the place for a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.errors import UnreadableFile, UnsupportedFile
from index.extract.content import Extracted
from index.extract.format.csv import read_csv
from index.extract.format.docx import read_docx
from index.extract.format.eml import read_eml, read_mhtml
from index.extract.format.epub import read_epub
from index.extract.format.html import read_html
from index.extract.format.json import read_json, read_json_lines
from index.extract.format.markdown import read_markdown
from index.extract.format.msg import read_msg
from index.extract.format.notebook import read_notebook
from index.extract.format.odt import read_odt
from index.extract.format.pptx import read_pptx
from index.extract.format.rst import read_rst
from index.extract.format.text import read_text
from index.extract.format.xlsx import read_xlsx
from index.extract.limits import Parsing
from index.extract.pdf.pdf import read_pdf
from index.extract.zipped_xml import OLE
from index.load.link_lists import ADVICE, LINK_SUFFIXES


@dataclass(frozen=True, slots=True)
class Format:
    """`media_types` and `suffixes` are words set apart by spaces; documents get the first media
    type. `read` takes the bytes, the character set that was stated for them, which is empty as
    a rule, and what they may cost. `content` is what a zipped format has in its archive, and no
    other."""

    name: str
    media_types: str
    suffixes: str
    read: Callable[[bytes, str, Parsing], Extracted]
    content: bytes = b""

    @property
    def media_type(self) -> str:
        return self.media_types.split()[0]


def _bytes_alone(
    read: Callable[[bytes, Parsing], Extracted],
) -> Callable[[bytes, str, Parsing], Extracted]:
    """Of a format that states its character set itself."""
    return lambda data, _, parsing: read(data, parsing)


def _several(_: bytes, parsing: Parsing) -> Extracted:
    raise UnreadableFile(
        "is an archive of several documents; add it under a name that ends in .zip"
    )


_OFFICE = "application/vnd.openxmlformats-officedocument."
_CODE_TYPES = (
    "text/x-source application/javascript application/typescript application/yaml "
    "application/toml application/sql"
)
_CODE_SUFFIXES = (
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hh "
    ".hpp .cs .fs .go .rs .swift .m .rb .php .pl .pm .lua .r .jl .hs .ml .ex .exs .erl .clj .dart "
    ".sh .bash .zsh .fish .ps1 .bat .sql .css .scss .less .vue .svelte .proto .graphql .tf .cmake "
    ".gradle .yaml .yml .toml .ini .cfg .conf .properties .tex .bib"
)
_TEXT = Format("plain text", "text/plain", ".txt .text .log", read_text)
_HTML = Format("HTML", "text/html application/xhtml+xml", ".html .htm .xhtml", read_html)
_PDF = Format("PDF", "application/pdf application/x-pdf", ".pdf", _bytes_alone(read_pdf))
_MSG = Format("Outlook message", "application/vnd.ms-outlook", ".msg", _bytes_alone(read_msg))
ARCHIVE = Format(
    "ZIP of these",
    "application/zip application/x-zip-compressed",
    ".zip",
    _bytes_alone(_several),
)
FORMATS = (
    _TEXT,
    Format("Markdown", "text/markdown text/x-markdown", ".md .markdown .mdown .mkd", read_markdown),
    Format("reStructuredText", "text/x-rst text/prs.fallenstein.rst", ".rst .rest", read_rst),
    _HTML,
    _PDF,
    Format(
        "DOCX",
        f"{_OFFICE}wordprocessingml.document {_OFFICE}wordprocessingml.template "
        "application/vnd.ms-word.document.macroenabled.12 "
        "application/vnd.ms-word.template.macroenabled.12",
        ".docx .docm .dotx .dotm",
        _bytes_alone(read_docx),
        b"word/document.xml",
    ),
    Format(
        "PPTX",
        f"{_OFFICE}presentationml.presentation {_OFFICE}presentationml.slideshow "
        f"{_OFFICE}presentationml.template "
        "application/vnd.ms-powerpoint.presentation.macroenabled.12 "
        "application/vnd.ms-powerpoint.slideshow.macroenabled.12 "
        "application/vnd.ms-powerpoint.template.macroenabled.12",
        ".pptx .pptm .ppsx .ppsm .potx .potm",
        _bytes_alone(read_pptx),
        b"ppt/presentation.xml",
    ),
    Format(
        "XLSX",
        f"{_OFFICE}spreadsheetml.sheet {_OFFICE}spreadsheetml.template "
        "application/vnd.ms-excel.sheet.macroenabled.12 "
        "application/vnd.ms-excel.template.macroenabled.12",
        ".xlsx .xlsm .xltx .xltm",
        _bytes_alone(read_xlsx),
        b"xl/workbook.xml",
    ),
    Format(
        "ODT",
        "application/vnd.oasis.opendocument.text",
        ".odt",
        _bytes_alone(read_odt),
        b"mimetypeapplication/vnd.oasis.opendocument.text",
    ),
    Format(
        "EPUB",
        "application/epub+zip",
        ".epub",
        _bytes_alone(read_epub),
        b"mimetypeapplication/epub+zip",
    ),
    Format("CSV/TSV", "text/csv text/tab-separated-values", ".csv .tsv .tab", read_csv),
    Format("JSON", "application/json text/json", ".json", read_json),
    Format(
        "JSON lines",
        "application/x-ndjson application/jsonl application/x-jsonlines",
        ".jsonl .ndjson",
        read_json_lines,
    ),
    Format("Jupyter notebook", "application/x-ipynb+json", ".ipynb", read_notebook),
    Format("e-mail", "message/rfc822", ".eml", _bytes_alone(read_eml)),
    _MSG,
    Format(
        "web archive",
        "multipart/related application/x-mimearchive",
        ".mhtml .mht",
        _bytes_alone(read_mhtml),
    ),
    Format("source code", _CODE_TYPES, _CODE_SUFFIXES, read_text),
    ARCHIVE,
)

# Media types that senders give to any file, or by a suffix that several kinds share (Windows
# takes CSV for Excel's, and TypeScript for video); the suffix knows better.
_VAGUE = {
    "", "application/octet-stream", "binary/octet-stream", "application/zip", "text/plain",
    "application/json", "message/rfc822", "multipart/related", "application/vnd.ms-excel",
    "video/mp2t", "application/x-zip-compressed",
}  # fmt: skip
_SAVE_AS = {
    **dict.fromkeys((".doc", ".dot"), ("Word", ".docx")),
    **dict.fromkeys((".ppt", ".pps", ".pot"), ("PowerPoint", ".pptx")),
    **dict.fromkeys((".xls", ".xlt"), ("Excel", ".xlsx")),
}
_OLD_TYPES = ("application/msword", "application/vnd.ms-powerpoint")  # as browsers send them
_BY_TYPE = {media_type: kind for kind in FORMATS for media_type in kind.media_types.split()}
_BY_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes.split()}
_READ = "which is not read; these are: " + ", ".join(kind.name for kind in FORMATS)


def supported_suffixes() -> tuple[str, ...]:
    """The suffixes of the files that can be read, for help texts: (".txt", …)."""
    return tuple(_BY_SUFFIX)


def format_of(data: bytes, uri: str, stated: str) -> tuple[Format, str]:
    """The format that the media type `stated` names, else that of the suffix of `uri`, else what
    the first bytes tell; and the character set that the media type states. Raises
    `UnsupportedFile`."""
    media_type, *parameters = (part.strip() for part in stated.lower().split(";"))
    charset = next((p[8:].strip("\"'") for p in parameters if p.startswith("charset=")), "")
    suffix = PurePosixPath(uri).suffix.lower()
    by_type = _BY_TYPE.get(media_type) or (_TEXT if media_type.startswith("text/") else None)
    if media_type in _BY_TYPE and media_type not in _VAGUE:
        return _BY_TYPE[media_type], charset
    if suffix in _SAVE_AS and media_type in _OLD_TYPES:
        media_type = ""
    if media_type not in _VAGUE and not _is_some_text(media_type):
        raise UnsupportedFile(f"{uri} is of the type {media_type}, {_READ}")
    if suffix in _SAVE_AS:
        program, new = _SAVE_AS[suffix]
        raise UnsupportedFile(
            f"{uri} is in the format of {program} before 2007, which is not read; open it there, "
            f"or in LibreOffice, and save it as {new}"
        )
    if suffix in LINK_SUFFIXES:
        raise UnsupportedFile(f"{uri} is a link to a page; {ADVICE}")
    if by_type is ARCHIVE:  # which zipped formats are too
        by_type = None
    if kind := _BY_SUFFIX.get(suffix) or by_type or _sniffed(data, suffix):
        return kind, charset
    raise UnsupportedFile(f'{uri} has the suffix "{suffix}", {_READ}')


def _is_some_text(media_type: str) -> bool:
    """Whether this may be one of the many unregistered types of source code."""
    return media_type.startswith(("text/", "application/x-"))


def _sniffed(data: bytes, suffix: str) -> Format | None:
    """The format that the content tells; text without a suffix is plain text."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-"):
        return _PDF
    if start.startswith(b"PK"):
        inside = (kind for kind in FORMATS if kind.content and kind.content in data)
        return next(inside, None if suffix else ARCHIVE)
    if start.startswith(OLE):
        return _MSG
    if start[:64].lower().startswith((b"<!doctype html", b"<html")):
        return _HTML
    return None if suffix else _TEXT
