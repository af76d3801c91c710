"""PPTX: slides as pages."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pptx
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from index.load.documents import load_bytes

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_BOX = (Inches(1), Inches(1), Inches(4), Inches(3))


def _bytes(deck: Any) -> bytes:
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def test_slides_with_titles_levels_tables_charts_and_notes() -> None:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "The\vplan"
    body = first.placeholders[1].text_frame
    body.text = "Sell tea"
    below = body.add_paragraph()
    below.text, below.level = "green only", 1
    first.notes_slide.notes_text_frame.text = "Smile."
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Figures"
    table = third.shapes.add_table(3, 3, *_BOX).table
    for cell, words in zip(
        table.iter_cells(), "Region 2020 2021 North 1 2 Sum 3 4".split(), strict=True
    ):
        cell.text = words
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(*_BOX).text_frame.text = "In a group."
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Visits", (1.5, None))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_BOX, data)
    deck.core_properties.title = "PowerPoint Presentation"
    deck.core_properties.author = "Ada Ray"
    deck.core_properties.created = datetime(2024, 5, 6)

    loaded = load_bytes(_bytes(deck), "a.pptx")
    plan = "The plan\n\nSell tea\n  green only\n\nNotes: Smile."
    figures = (
        "Figures\n\nRegion | 2020 | 2021\nRegion: North | 2020: 1 | 2021: 2\n"
        "Region: Sum | 2020: 3 | 2021: 4\n\nIn a group.\n\nVisits\nMay | 1.5\nJune"
    )
    assert loaded.text == f"{plan}\n\n{figures}"
    assert loaded.pages == (0, len(plan) + 2, len(plan) + 2)
    assert loaded.page_at(loaded.text.index("Region")) == 3
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("The plan", 1),
        ("Figures", 1),
    ]
    assert loaded.title == "The plan"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2024-05-06"}
    assert load_bytes(_bytes(deck), "upload").media_type == loaded.media_type


def test_footers_and_slide_numbers_are_left_out() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text = "By Ada"
    footer = next(shape for shape in deck.slide_layouts[0].placeholders if "Footer" in shape.name)
    slide.shapes._spTree.append(footer._element)
    slide.shapes[-1].text_frame.text = "Confidential"
    assert load_bytes(_bytes(deck), "a.pptx").text == "Title\n\nBy Ada"


def _textbox(slide: Any, words: str, left: float, top: float) -> Any:
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1))
    box.text_frame.text = words
    return box


def test_shapes_are_read_by_their_places() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for words, left, top in [
        ("Below.", 1, 5),
        ("Right, on.", 5, 2.5),
        ("Left.", 1, 1.1),
        ("Right.", 5, 1),
        ("Left, on.", 1, 2.6),
    ]:
        _textbox(slide, words, left, top)
    assert load_bytes(_bytes(deck), "a.pptx").text == (
        "Left.\n\nRight.\n\nLeft, on.\n\nRight, on.\n\nBelow."
    )


def test_what_a_slide_holds_in_two_forms_and_what_is_unknown() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = _textbox(slide, "In a new form.", 1, 1)._element
    odd = _textbox(slide, "Unseen.", 1, 3)._element
    odd.tag = "{urn:of-tomorrow}shape"
    names = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = etree.SubElement(box.getparent(), f"{{{names}}}AlternateContent")
    etree.SubElement(both, f"{{{names}}}Choice").append(box)
    etree.SubElement(both, f"{{{names}}}Fallback").append(odd)
    raised = _textbox(slide, "The fee is $320", 1, 4).text_frame.paragraphs[0].add_run()
    raised.text = "1"
    raised.font._element.set("baseline", "30000")
    assert load_bytes(_bytes(deck), "a.pptx").text == "In a new form.\n\nThe fee is $320¹"


def test_the_figures_of_a_chart_in_space() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["Storm", "Swimmers"]
    data.add_series("2020", (41, 12))
    data.add_series("2021", (38, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_BOX, data)
    plot = next(chart.chart._chartSpace.iter("{*}barChart"))
    plot.tag = plot.tag.replace("barChart", "bar3DChart")
    assert load_bytes(_bytes(deck), "a.pptx").text == (
        "2020 | 2021\nStorm | 2020: 41 | 2021: 38\nSwimmers | 2020: 12"
    )


def test_what_only_the_older_of_two_forms_says_and_parts_of_no_shape() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = _textbox(slide, "In words.", 1, 1)._element
    names = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    both = etree.SubElement(box.getparent(), f"{{{names}}}AlternateContent")
    newer = etree.SubElement(both, f"{{{names}}}Choice")
    etree.SubElement(newer, box.tag.replace("}sp", "}graphicFrame"))
    etree.SubElement(both, f"{{{names}}}Fallback").append(box)
    etree.SubElement(both.getparent(), box.tag.replace("}sp", "}contentPart"))
    loaded = load_bytes(_bytes(deck), "a.pptx")
    assert loaded.text == "In words."
    assert loaded.metadata["left_out"] == "shapes of an unknown kind"


def test_numbers_that_powerpoint_counts_and_boxes_beside_the_notes() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    frame.text = "Pay"
    for words in ("by post", "in cash", "Go"):
        frame.add_paragraph().text = words
    forms = [("arabicPeriod", 4, 0), ("alphaLcParenBoth", 1, 1), ("alphaLcParenBoth", 1, 1)]
    for line, (form, first, level) in zip(frame.paragraphs, [*forms, forms[0]], strict=True):
        line.level = level
        number = etree.SubElement(line._p.get_or_add_pPr(), f"{{{_DRAWING}}}buAutoNum")
        number.attrib.update({"type": form, "startAt": str(first)})
    slide.notes_slide.notes_text_frame.text = "Say 12."
    box = _textbox(slide, "Then 13.", 1, 1)._element
    slide.notes_slide.shapes._spTree.append(box)
    assert load_bytes(_bytes(deck), "a.pptx").text == (
        "4. Pay\n  (a) by post\n  (b) in cash\n5. Go\n\nNotes: Say 12.\nThen 13."
    )


def test_a_chart_whose_categories_have_two_levels_or_are_days() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    year = data.add_category("2023")
    for quarter in ("Q1", "Q2"):
        year.add_sub_category(quarter)
    data.add_series("Sales", (7, 8))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_BOX, data)
    days = CategoryChartData()
    days.categories = [date(2024, 3, 5), date(2024, 3, 6)]
    days.add_series("Boats", (3, 4))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, *_BOX, days)
    assert load_bytes(_bytes(deck), "a.pptx").text == (
        "Sales\n2023 Q1 | 7\n2023 Q2 | 8\n\nBoats\n2024-03-05 | 3\n2024-03-06 | 4"
    )
