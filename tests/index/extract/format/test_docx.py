"""DOCX: paragraphs, headings and tables in document order."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.errors import UnreadableFile
from index.load.documents import load_bytes

_COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _bytes(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def test_blocks_in_order_with_headings_and_properties() -> None:
    document = docx.Document()
    document.add_heading("The plan", 0)
    document.add_paragraph("Before the table.")
    table = document.add_table(2, 3)
    for cell, words in zip(table._cells, ["a", "b", "c", "d", "", "f"], strict=True):
        cell.text = words
    table.cell(0, 0).merge(table.cell(0, 1))
    document.add_heading("Part\tone", 2)
    document.add_paragraph("After.")
    document.core_properties.author = "Ada Ray"
    document.core_properties.created = datetime(2022, 5, 6, 7, 8)
    loaded = load_bytes(_bytes(document), "plan.docx")
    assert (
        loaded.text
        == "The plan\n\nBefore the table.\n\na b | c\na b: d | c: f\n\nPart one\n\nAfter."
    )
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("The plan", 1),
        ("Part one", 2),
    ]
    assert loaded.title == "The plan"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2022-05-06"}
    assert load_bytes(_bytes(document), "upload").media_type == loaded.media_type


def test_tracked_changes_and_content_controls() -> None:
    document = docx.Document()
    inside = (
        "<w:r><w:t>It is </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    )
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inside}</w:p>"))
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Kept.</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(1, parse_xml(control))
    document.core_properties.title = "Stated"
    loaded = load_bytes(_bytes(document), "a.docx")
    assert (loaded.text, loaded.title) == ("It is new\n\nKept.", "Stated")


def test_a_decompression_bomb_is_refused() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(513):
            member.write(bytes(1024 * 1024))
    with pytest.raises(UnreadableFile, match="decompression bomb"):
        load_bytes(out.getvalue(), "a.docx")


def test_boxes_in_boxes_are_written_once() -> None:
    inside = "<w:p><w:r><w:t>Deep.</w:t></w:r></w:p>"
    for _ in range(40):
        inside = f"<w:p><w:r><w:txbxContent>{inside}</w:txbxContent></w:r></w:p>"
    document = docx.Document()
    document.element.body.insert(0, parse_xml(inside.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
    assert load_bytes(_bytes(document), "a.docx").text == "Deep."


def test_an_old_document_is_told_from_a_damaged_one() -> None:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    with pytest.raises(UnreadableFile, match="old binary form"):
        load_bytes(start + "WordDocument".encode("utf-16-le"), "a.docx")


def _with_part(document: object, name: str, inside: str) -> None:
    """Adds the part `name` (footnotes, …) whose root holds `inside`."""
    package = document.part.package  # type: ignore[attr-defined]
    xml = f"<w:{name} {nsdecls('w')}>{inside}</w:{name}>".encode()
    part = Part(PackURI(f"/word/{name}.xml"), "application/xml", xml, package)
    document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, name.upper()))  # type: ignore[attr-defined]


def _body(document: object, *paragraphs: str) -> None:
    body = document.element.body  # type: ignore[attr-defined]
    for place, paragraph in enumerate(paragraphs):
        body.insert(place, parse_xml(f"<w:p {nsdecls('w')}>{paragraph}</w:p>"))


def test_notes_and_comments_follow_the_paragraph_that_calls_them() -> None:
    document = docx.Document()
    _body(
        document,
        '<w:r><w:t>It is let.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        '<w:r><w:commentReference w:id="0"/></w:r>',
        '<w:r><w:t>It is old</w:t></w:r><w:r><w:endnoteReference w:id="2"/></w:r>',
    )
    line = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    note = '<w:{0} w:type="separator" w:id="-1"/><w:{0} w:id="2">{1}</w:{0}>'
    _with_part(document, "footnotes", note.format("footnote", line.format("For 640 crowns.")))
    _with_part(document, "endnotes", note.format("endnote", line.format("Of 1840.")))
    comment = f'<w:comment w:id="0" w:author="Bo Li">{line.format("Until May?")}</w:comment>'
    _with_part(document, "comments", comment)
    assert load_bytes(_bytes(document), "a.docx").text == (
        "It is let.[1]\n\n[1] For 640 crowns.\n\nComment (Bo Li): Until May?\n\n"
        "It is old[2]\n\n[2] Of 1840."
    )


def test_headers_and_footers_stand_once_at_the_end() -> None:
    document = docx.Document()
    document.add_paragraph("Dear Ada.")
    for _ in range(2):
        section = document.add_section()
        section.header.is_linked_to_previous = False
        section.header.paragraphs[0].text = "Case HL-318"
        section.footer.is_linked_to_previous = False
        section.footer.paragraphs[0].text = "Page 1 of 2"
    assert load_bytes(_bytes(document), "a.docx").text == "Dear Ada.\n\nCase HL-318"


def test_numbers_that_word_counts_are_written() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(
            [("upperRoman", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")]
        )
    )
    levels = levels.replace('<w:lvlText w:val="%1.%2"/>', '<w:isLgl/><w:lvlText w:val="%1.%2"/>')
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'
    numbering.insert(0, parse_xml(abstract))
    for number, restart in (("78", ""), ("79", '<w:startOverride w:val="7"/>')):
        override = f'<w:lvlOverride w:ilvl="0">{restart}</w:lvlOverride>' if restart else ""
        numbering.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="77"/>'
                f"{override}</w:num>"
            )
        )

    def clause(words: str, depth: int, number: int = 78) -> str:
        place = f'<w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/>'
        return f"<w:pPr><w:numPr>{place}</w:numPr></w:pPr><w:r><w:t>{words}</w:t></w:r>"

    _body(
        document,
        *[clause("Lease", 0), clause("Let.", 1), clause("Oven", 2), clause("Flat", 2)],
        *[clause("Not let.", 1), clause("End", 0), clause("May.", 1), clause("Anew", 0, 79)],
        "<w:r><w:t>Plain.</w:t></w:r>",
    )
    document.add_paragraph("One", style="List Number")
    document.add_paragraph("Two", style="List Number")
    document.add_paragraph("Point", style="List Bullet")
    assert load_bytes(_bytes(document), "a.docx").text == (
        "I. Lease\n  1.1 Let.\n    (a) Oven\n    (b) Flat\n  1.2 Not let.\nII. End\n  2.1 May.\n"
        "VII. Anew\n\nPlain.\n\n1. One\n2. Two\n- Point"
    )


def test_raised_figures_equations_and_symbols() -> None:
    document = docx.Document()
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    _body(
        document,
        f"<w:r><w:t>$320</w:t></w:r>{raised.format(1)}<w:r><w:t> for 10</w:t></w:r>"
        f"{raised.format('-')}{raised.format(6)}"
        '<w:r><w:sym w:font="Symbol" w:char="F0B1"/></w:r>'
        '<w:r><w:sym w:font="Webdings" w:char="F041"/></w:r>',
        f'<m:oMath xmlns:m="{math}"><m:r><m:t>v=</m:t></m:r><m:f><m:num><m:r><m:t>s+1</m:t></m:r>'
        "</m:num><m:den><m:sSup><m:e><m:r><m:t>t</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r>"
        "</m:sup></m:sSup></m:den></m:f></m:oMath>",
    )
    loaded = load_bytes(_bytes(document), "a.docx")
    assert loaded.text == "$320¹ for 10⁻⁶±\n\nv=(s+1)/(t^2)"
    assert loaded.metadata["left_out"] == "symbols of the font Webdings"


def test_letters_that_a_style_raises_or_that_are_moved_up() -> None:
    document = docx.Document()
    style = document.styles.add_style("Mark", WD_STYLE_TYPE.CHARACTER)
    style.font.superscript = True
    derived = document.styles.add_style("Fine mark", WD_STYLE_TYPE.CHARACTER)
    derived.base_style = style
    paragraph = document.add_paragraph("The fee is $320")
    paragraph.add_run("1", "Mark")
    paragraph.add_run(" for 10")
    paragraph.add_run("6", "Fine mark")
    paragraph.add_run(" units, $45")
    paragraph.add_run("3")._r.get_or_add_rPr().append(
        parse_xml(f'<w:position {nsdecls("w")} w:val="10"/>')
    )
    paragraph.add_run(" of CO")
    paragraph.add_run("2")._r.get_or_add_rPr().append(
        parse_xml(f'<w:position {nsdecls("w")} w:val="-6"/>')
    )
    text = load_bytes(_bytes(document), "a.docx").text
    assert text == "The fee is $320¹ for 10⁶ units, $45³ of CO₂"


def _clause(words: str, depth: int, number: int, mark: str = "") -> str:
    place = f'<w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/>'
    return f"<w:pPr><w:numPr>{place}</w:numPr>{mark}</w:pPr>{words}"


def test_lists_of_a_style_that_count_on_in_figures_filled_up() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    two = '<w:lvl w:ilvl="1"><w:numFmt w:val="decimalZero"/><w:lvlRestart w:val="0"/><w:isLgl/>'
    three = (
        '<w:lvl w:ilvl="2"><mc:AlternateContent><mc:Choice Requires="w14">'
        '<w:numFmt w:val="custom" w:format="001, 002, 003"/></mc:Choice></mc:AlternateContent>'
        '<w:lvlText w:val="No. %3"/></w:lvl>'
    )
    levels = (
        '<w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="Article %1."/></w:lvl>'
        f'{two}<w:lvlText w:val="Section %1.%2"/></w:lvl>{three}'
    )
    names = f'{nsdecls("w")} xmlns:mc="{_COMPATIBLE}"'
    for number, inside in ((70, '<w:numStyleLink w:val="Legal"/>'), (71, levels)):
        xml = f'<w:abstractNum {names} w:abstractNumId="{number}">{inside}</w:abstractNum>'
        numbering.insert(0, parse_xml(xml))
        link = f'<w:abstractNumId w:val="{number}"/>'
        numbering.append(parse_xml(f'<w:num {names} w:numId="{number + 10}">{link}</w:num>'))
    document.styles.element.append(
        parse_xml(
            f'<w:style {names} w:type="numbering" w:styleId="Legal"><w:name w:val="Legal"/><w:pPr>'
            '<w:numPr><w:numId w:val="81"/></w:numPr></w:pPr></w:style>'
        )
    )
    words = "<w:r><w:t>{}</w:t></w:r>".format
    deleted = "<w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del>"
    _body(
        document,
        _clause(words("Terms"), 0, 80),
        _clause(words("Rent."), 1, 80),
        _clause(deleted, 1, 80, "<w:rPr><w:del/></w:rPr>"),
        _clause(words("End"), 0, 80),
        _clause(words("Keys."), 1, 80),
        _clause(words("One."), 2, 80),
    )
    assert load_bytes(_bytes(document), "a.docx").text == (
        "Article I. Terms\n  Section 1.01 Rent.\n\nArticle II. End\n  Section 2.02 Keys.\n"
        "    No. 001 One."
    )


def test_blocks_in_two_forms_fields_and_readings() -> None:
    document = docx.Document()
    words = "<w:p><w:r><w:t>Once.</w:t></w:r></w:p>"
    both = (
        f'<mc:AlternateContent xmlns:mc="{_COMPATIBLE}" {nsdecls("w")}><mc:Choice Requires="w14">'
        f"{words}</mc:Choice><mc:Fallback>{words}</mc:Fallback></mc:AlternateContent>"
    )
    _body(
        document,
        '<w:r><w:fldChar><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Red"/>'
        '<w:listEntry w:val="Blue"/></w:ddList></w:ffData></w:fldChar></w:r>',
        "<w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t>"
        "</w:r></w:rubyBase></w:ruby></w:r>",
    )
    document.element.body.insert(0, parse_xml(both))
    header = document.sections[0].header
    header.is_linked_to_previous = False
    header._element.append(parse_xml(both))
    line = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    answer = f'<w:comment w:id="9" w:author="Bo Li">{line.format("Agreed.")}</w:comment>'
    _with_part(document, "comments", answer)
    text = load_bytes(_bytes(document), "a.docx").text
    assert text == "Once.\n\nBlue\n\n東京(とうきょう)\n\nComment (Bo Li): Agreed.\n\nOnce."


def test_the_words_of_a_graphic() -> None:
    document = docx.Document()
    drawn = "http://schemas.openxmlformats.org/drawingml/2006/main"
    diagram = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    names = f'xmlns:dgm="{diagram}" xmlns:a="{drawn}" {nsdecls("r")}'
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for words in ("Director Quist", "Deputy Ek")
    )
    package = document.part.package
    xml = f"<dgm:dataModel {names}>{points}</dgm:dataModel>".encode()
    part = Part(PackURI("/word/diagrams/data1.xml"), "application/xml", xml, package)
    number = document.part.relate_to(part, f"{_RELATIONS}/diagramData")
    _body(document, f'<w:r><w:drawing><dgm:relIds {names} r:dm="{number}"/></w:drawing></w:r>')
    assert load_bytes(_bytes(document), "a.docx").text == "Director Quist\nDeputy Ek"
