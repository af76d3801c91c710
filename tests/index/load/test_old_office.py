from __future__ import annotations

import pytest

from index.errors import UnsupportedFile
from index.extract.zipped_xml import OLE
from index.load.formats import format_of


@pytest.mark.parametrize(
    ("name", "stated", "new"),
    [
        ("a.doc", "application/msword", ".docx"),
        ("in/a.DOC", "", ".docx"),
        ("a.ppt", "application/vnd.ms-powerpoint", ".pptx"),
        ("a.xls", "application/vnd.ms-excel", ".xlsx"),
    ],
)
def test_formats_of_before_2007_are_refused_with_the_way_out(
    name: str, stated: str, new: str
) -> None:
    with pytest.raises(
        UnsupportedFile, match=rf"^{name} is in the format of .* save it as \{new}$"
    ):
        format_of(OLE, name, stated)


def test_a_message_of_outlook_is_read_all_the_same() -> None:
    assert format_of(OLE, "a.msg", "")[0].name == "Outlook message"
    assert format_of(OLE, "message", "")[0].name == "Outlook message"
