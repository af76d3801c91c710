from __future__ import annotations

from itertools import pairwise

import pytest

from index.text.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two three! Four?", ["One.", "Two three!", "Four?"]),
        ("Dr. Smith met Mr. Jones in Washington D.C. on Monday. It rained.", None),
        ("A line\nthat wraps. Next.", ["A line\nthat wraps.", "Next."]),
        ("Title\n\nBody here.", ["Title", "Body here."]),
        ("Buy:\n- milk\n- eggs. Then rest", ["Buy:", "- milk", "- eggs.", "Then rest"]),
        (
            "Costs\nname | price\ntea | 3\nAll in euro.",
            ["Costs", "name | price", "tea | 3", "All in euro."],
        ),
        (
            "STOCK\nCode   Antidote   Pack\nA01    Naloxone   2 mL\nA02    Atropine   1 mL",
            [
                "STOCK",
                "Code   Antidote   Pack",
                "A01    Naloxone   2 mL",
                "A02    Atropine   1 mL",
            ],
        ),
        (
            "From: Ada Brandt\nTo: Kim\nDate: 3 May 2025, 16:05\n\nThe fee is due\nby noon.",
            ["From: Ada Brandt", "To: Kim", "Date: 3 May 2025, 16:05", "The fee is due\nby noon."],
        ),
        (
            "[09:41] Ada: The pump\nstopped.\n[09:44] Kim: It runs again.",
            ["[09:41] Ada: The pump\nstopped.", "[09:44] Kim: It runs again."],
        ),
        (
            "3.1 Rent is due\nmonthly.\n3.2 Heat is extra, from\n5 degrees on.",
            ["3.1 Rent is due\nmonthly.", "3.2 Heat is extra, from\n5 degrees on."],
        ),
        (
            "PRT-8628 bracket 4.20 EUR\nPRT-8629 hinge 3.10 EUR\n8630 bolt M6",
            ["PRT-8628 bracket 4.20 EUR", "PRT-8629 hinge 3.10 EUR", "8630 bolt M6"],
        ),
        ("Kiel office\nHarbour Street 3", ["Kiel office", "Harbour Street 3"]),
        ("The office in Kiel\nis shut on\nMonday.", ["The office in Kiel\nis shut on\nMonday."]),
        ("A rule\n======\nholds.", ["A rule", "======", "holds."]),
        ("会议在三月开。主席是王大力！", ["会议在三月开。", "主席是王大力！"]),
        ("「行きます。」と言った。終わり。", ["「行きます。」", "と言った。", "終わり。"]),
        ("पुल बना था। लंबा है।", ["पुल बना था।", "लंबा है।"]),
        (
            "สะพานนี้สร้างเสร็จในปี พ.ศ. ๒๔๗๘ วิศวกรชื่อสมชาย ใจดี สะพานยาวสี่ร้อยเมตร ทุกปีมีการซ่อมแซมในฤดูร้อน",
            [
                "สะพานนี้สร้างเสร็จในปี พ.ศ. ๒๔๗๘",
                "วิศวกรชื่อสมชาย ใจดี",
                "สะพานยาวสี่ร้อยเมตร",
                "ทุกปีมีการซ่อมแซมในฤดูร้อน",
            ],
        ),
        ("The bridge (สะพานยาวสี่ร้อยเมตร) is long.", ["The bridge (สะพานยาวสี่ร้อยเมตร) is long."]),
        ("هل وصلت؟ نعم۔", ["هل وصلت؟", "نعم۔"]),
        ("ክፍያው 320 ነው። ነገ ና።", ["ክፍያው 320 ነው።", "ነገ ና።"]),
        ("Վճարը 320 է։ Վաղը արի։", ["Վճարը 320 է։", "Վաղը արի։"]),
        ("费用是五元．请付 5．5 元．", ["费用是五元．", "请付 5．5 元．"]),
        ("一、费用五元\n二、押金十元\n（三）退款", ["一、费用五元", "二、押金十元", "（三）退款"]),
        (
            "Of the flat\n1.2 It is let\n(ii) It is old\n§ 3 It is dear",
            ["Of the flat", "1.2 It is let", "(ii) It is old", "§ 3 It is dear"],
        ),
        ("  \n\t ", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["Dr. Smith met Mr. Jones in Washington D.C. on Monday.", "It rained."]
    assert [text[start:end] for start, end in sentence_spans(text)] == expected


def test_together_they_hold_every_character_once() -> None:
    text = "\ufeff Ünï… «Is it?» he said. 日本語。 \n\n1. a\n2) b\r\n\tcell\x0b end\u2028x. A."
    spans = sentence_spans(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
