"""What a document says was not read."""

from __future__ import annotations

from index.document import LEFT_OUT, Document
from index.extract.left_out import note_of
from index.extract.limits import PARSING
from index.extract.text_builder import TextBuilder


def test_what_is_left_out_is_counted_in_the_metadata() -> None:
    builder = TextBuilder(PARSING)
    builder.block("Words.")
    builder.leave_out("form fields", 2)
    builder.leave_out("form fields")
    builder.leave_out("comments", 0)
    builder.leave_out("damaged part a.xml")
    metadata = builder.build(metadata={"author": "Ada"}).metadata
    assert metadata == {"author": "Ada", LEFT_OUT: "form fields (3); damaged part a.xml"}
    document = Document("1", "a.docx", "a", "Words.", "", metadata=metadata)
    assert note_of(document, PARSING) == "not read: form fields (3); damaged part a.xml"


def test_nothing_is_said_where_all_was_read() -> None:
    builder = TextBuilder(PARSING)
    builder.block("Words.")
    assert builder.build().metadata == {}
    assert note_of(Document("1", "a.docx", "a", "Words.", ""), PARSING) == ""
