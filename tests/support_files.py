"""Files made for tests, and what becomes of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from index.document import Document
from index.extract.limits import PARSING, Parsing
from index.load.parse import Refused
from index.load.sources import Loaded, bytes_source, load_each


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def batch(*files: tuple[str, bytes], parsing: Parsing = PARSING) -> list[str]:
    """The text of each file of a batch, or the line that says why there is none."""
    sources = [bytes_source(data, name) for name, data in files]
    return [_line(one) for one in load_each(sources, parsing)]


def _line(one: Loaded) -> str:
    if isinstance(one, Document):
        return one.text
    return str(one.error) if isinstance(one, Refused) else "archive"
