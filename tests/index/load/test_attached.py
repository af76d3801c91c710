"""Files that are attached to others are documents of their own."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from support_files import zipped

from index.document import Document
from index.extract.limits import PARSING
from index.load.documents import load_bytes
from index.load.parse import Archive, Refused, parse
from index.load.sources import Loaded, bytes_source, load_each


def _letter(**files: bytes) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Costs"
    mail.set_content("See below.")
    for name, data in files.items():
        mail.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=name.replace("_", ".")
        )
    return mail.as_bytes()


def _told(one: Loaded) -> str:
    if isinstance(one, Document):
        return f"{one.uri}: {one.text.splitlines()[-1]}"
    return f"{one.uri} refused" if isinstance(one, Refused) else f"{one.uri}: {len(one.members)}"


def test_a_letter_with_files_is_an_archive_of_itself_and_of_those_that_are_read() -> None:
    inner = zipped({"in/x.txt": "Xenon."})
    data = _letter(costs_csv=b"Item,Cost\nRent,7\n", plan_png=b"\x89PNG", old_zip=inner)
    letter, costs, xenon = "a.eml", "a.eml!/costs.csv", "a.eml!/old.zip!/in/x.txt"
    found = list(load_each([bytes_source(data, letter)], PARSING))
    assert found[0] == Archive(letter, (letter, costs, xenon))
    assert [_told(one) for one in found[1:]] == [
        "a.eml: Attachments: costs.csv, plan.png, old.zip",
        f"{costs}: Item: Rent | Cost: 7",
        f"{xenon}: Xenon.",
    ]
    assert isinstance(found[1], Document)
    assert found[1].metadata["left_out"] == "attached file plan.png"
    assert load_bytes(data, letter).text == found[1].text


def test_a_letter_in_an_archive_has_files_too() -> None:
    data = zipped({"a.eml": _letter(b_txt=b"Beryl."), "c.txt": "Cobalt."})
    assert [_told(one) for one in load_each([bytes_source(data, "z.zip")], PARSING)] == [
        "z.zip: 2",
        "z.zip!/a.eml: 2",
        "z.zip!/a.eml: Attachments: b.txt",
        "z.zip!/a.eml!/b.txt: Beryl.",
        "z.zip!/c.txt: Cobalt.",
    ]


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (["z.zip!/", "z.zip!/a.eml"], ["z.zip!/c.txt"]),  # the letter crashed its parser
        (
            ["z.zip!/", "z.zip!/a.eml!/", "z.zip!/a.eml"],
            ["z.zip!/a.eml!/b.txt", "z.zip!/c.txt"],
        ),
        (["z.zip!/", "z.zip!/a.eml!/", "z.zip!/a.eml", "z.zip!/a.eml!/b.txt"], ["z.zip!/c.txt"]),
    ],
)
def test_what_is_done_is_left_out(done: list[str], left: list[str]) -> None:
    data = zipped({"a.eml": _letter(b_txt=b"Beryl."), "c.txt": "Cobalt."})
    assert [one.uri for one in parse(data, "z.zip", PARSING, done=done)] == left
