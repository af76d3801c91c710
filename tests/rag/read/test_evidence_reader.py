"""The evidence reader over a scripted model: which sentences it gives, and how sure it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from support import WordEmbedder

from rag.answer import Passage
from rag.read.boosting import Boosted, Tree
from rag.read.candidate import Calibration, candidates, compared, sentences_in
from rag.read.confidence import confidence_features
from rag.read.evidence_reader import EvidenceReader
from rag.read.reader import Evidence
from rag.read.span_model import Marked, Span, SpanModel

CALIBRATION = Calibration(
    identifier=2,
    retrieval=1,
    meaning=0,
    least=-1,
    behind=2,
    most=3,
    behind_unsure=3,
    most_unsure=4,
    confidence=Boosted(
        baseline=0,
        trees=(  # a logit above 0.75 gives log-odds of 1, another of -1
            Tree(
                feature=(0, -1, -1),
                threshold=(0.75, 0, 0),
                left=(1, 0, 0),
                right=(2, 0, 0),
                value=(0, -1, 1),
            ),
        ),
    ),
    relevance=(1, 0, 0, 0),
    threshold=0.6,
    unsure_threshold=0.2,
)


def passage(text: str, rank: int = 1, score: float = 0.0, **changes: object) -> Passage:
    fields = {"document_id": f"d{rank}", "title": "", "heading": "", "start": 0, **changes}
    return Passage(
        rank,
        str(fields["document_id"]),
        "u",
        str(fields["title"]),
        str(fields["heading"]),
        None,
        int(str(fields["start"])),
        int(str(fields["start"])) + len(text),
        text,
        score,
        rank,
        0.25,
        1.0,
    )


class ScriptedModel(SpanModel):
    """Gives every character from the start of a known piece to its end the piece's logit, −5 to
    all others, and finds the spans it is given."""

    def __init__(self, logits: Mapping[str, float], *spans: str) -> None:
        super().__init__("scripted")
        self.logits, self.known = logits, spans
        self.contexts: list[str] = []

    def mark(self, question: str, passages: Sequence[tuple[str, str]], most: int) -> list[Marked]:
        self.contexts = [context for context, _ in passages]
        return [self._marked(text) for _, text in passages]

    def _marked(self, text: str) -> Marked:
        evidence = np.full(len(text), -5, np.float32)
        for piece, logit in self.logits.items():
            if piece in text:
                evidence[text.index(piece) : text.index(piece) + len(piece)] = logit
        offsets = np.array([(i, i + 1) for i in range(len(text))], np.int64).reshape(-1, 2)
        spans = [Span(text.index(s), text.index(s) + len(s), 1.5) for s in self.known if s in text]
        return Marked(spans, evidence, offsets)


def reader(tmp_path: Path, model: SpanModel) -> EvidenceReader:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(CALIBRATION.model_dump()), encoding="utf-8")
    return EvidenceReader(model, WordEmbedder(), path)


def logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_evidence_is_what_is_near_the_best_in_reading_order(tmp_path: Path) -> None:
    text = "Rain fell. Ada kept the light. She had a lamp. Otto slept."
    model = ScriptedModel(
        {"Rain fell.": -2, "Ada kept the light.": 0.5, "She had a lamp.": 1}, "a lamp", "Ada"
    )
    reading = reader(tmp_path, model).read("Who kept the light?", [passage(text)])
    assert reading.sentences == (
        Evidence(1, 11, 30, pytest.approx(logistic(0.5))),
        Evidence(1, 31, 46, pytest.approx(logistic(1))),
    )
    assert reading.short == "a lamp"
    assert reading.confidence == pytest.approx(logistic(1))
    assert reading.relevance == (pytest.approx(logistic(1)),)


def test_the_better_passage_of_two_wins_and_headings_are_read_before_it(tmp_path: Path) -> None:
    model = ScriptedModel({"It is 4.": 1, "It is 5.": 1.2})
    passages = [
        passage("It is 4.", 1, score=0.9, title="Fees", heading="Desks"),
        passage("It is 5.", 2, score=0.1),
    ]
    reading = reader(tmp_path, model).read("What is it?", passages)
    assert [each.passage for each in reading.sentences] == [1, 2]  # 1 + 0.9 and 1.2 + 0.1
    assert reading.confidence == pytest.approx(logistic(1))
    assert reading.short is None
    assert model.contexts == ["Fees › Desks", ""]


def test_a_sentence_in_two_passages_counts_once(tmp_path: Path) -> None:
    model = ScriptedModel({"It is 4.": 1})
    passages = [
        passage("It is 4. No.", 1, document_id="d", start=10),
        passage("It is 4.", 2, document_id="d", start=10),
    ]
    reading = reader(tmp_path, model).read("What is it?", passages)
    assert [(each.passage, each.start) for each in reading.sentences] == [(1, 0)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("7. GUESTS AND SUBLETTING", False),
        ("SHIFT LEADS", False),
        ("B) NOTICES – GENERAL", False),
        ("NO SMOKING.", True),
        ("LED", True),
        ("E5: NO WATER", True),
        ("7.2 A whole unit may be sublet.", True),
    ],
)
def test_a_heading_in_capitals_is_no_answer(text: str, says: bool) -> None:
    (one,) = passages = [passage(f"Rain fell.\n\n{text}\n\nAda left.")]
    marked = ScriptedModel({}).mark("", [("", one.text)], 1)
    found = candidates("Who?", passages, marked, sentences_in(passages), CALIBRATION)
    assert (text in [each.text for each in found]) is says


def test_headings_rules_and_figures_alone_are_no_answers() -> None:
    one = passage("Fees\n\n-----\n\n12\n\nIt is 4.", title="A guide", heading="Desks › Fees")
    marked = ScriptedModel({}).mark("What is it?", [("", one.text)], 1)
    assert [
        c.text for c in candidates("What is it?", [one], marked, sentences_in([one]), CALIBRATION)
    ] == ["It is 4."]


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("The ferry leaves at 8.20.", "The ferry leaves at 8.20.", ["The ferry leaves at 8.20."]),
        ("Ferry: 8.20", "Ferry: 8.20", ["Ferry: 8.20"]),
        ("ada keeps the light on", "ada keeps the light on", ["ada keeps the light on"]),
        ("The light and its keepers", "The light and its keepers", ["The light and its keepers"]),
        ("Opening hours", "Opening hours", []),
        (
            "Ada keeps the light.\n\nIt is red.",
            "Ada keeps the light.",
            ["Ada keeps the light.", "It is red."],
        ),
        ("How the light is kept\n\nIt is red.", "How the light is kept", ["It is red."]),
    ],
)
def test_a_title_that_is_a_sentence_may_answer(text: str, title: str, found: list[str]) -> None:
    one = passage(text, title=title)
    marked = ScriptedModel({}).mark("", [("", text)], 1)
    told = candidates("Who?", [one], marked, sentences_in([one]), CALIBRATION)
    assert sorted(each.text for each in told) == sorted(found)


def test_the_row_of_the_identifier_asked_for_wins(tmp_path: Path) -> None:
    rows = "Code   Meaning     2025\nPPX-9078   no label   1\nPPX-9087   no scale   2"
    model = ScriptedModel({"PPX-9078   no label   1": 1.5, "PPX-9087   no scale   2": 0})
    (one,) = passages = [passage(rows)]
    found = candidates(
        "PPX-9087 in 2025?",
        passages,
        model.mark("", [("", rows)], 1),
        sentences_in(passages),
        CALIBRATION,
    )
    assert [(c.text.split()[0], sorted(c.lacks), c.score) for c in found] == [
        ("PPX-9087", [], 0),  # the year stands in the first row of the table
        ("PPX-9078", ["ppx-9087"], -0.5),
        ("Code", ["ppx-9087"], -7),
    ]
    assert one.text[found[0].start : found[0].end] == "PPX-9087   no scale   2"


def test_what_may_answer_is_more_where_nothing_surely_does(tmp_path: Path) -> None:
    text = "Ada kept it. Otto kept it. Ina kept it. Uwe kept it. Eva kept it. It burned."
    less = {"Otto": -0.25, "Ina": -0.5, "Uwe": -0.75, "Eva": -0.9}
    logits = {f"{name} kept it.": logit for name, logit in less.items()}

    def given(best: float) -> list[str]:
        model = ScriptedModel({"Ada kept it.": best, **logits})
        reading = reader(tmp_path, model).read("Who kept it?", [passage(text)])
        return [text[e.start : e.end].split()[0] for e in reading.sentences]

    assert given(1.0) == ["Ada", "Otto", "Ina"]  # most 3, at most 2 behind
    assert given(0.5) == ["Ada", "Otto", "Ina", "Uwe"]  # most 4, at most 3 behind
    assert given(1.6) == ["Ada", "Otto"]


def test_items_follow_the_line_that_announces_them(tmp_path: Path) -> None:
    text = "Bring:\n- a lamp\n- two oars\n\nGo early."
    reading = reader(tmp_path, ScriptedModel({"Bring:": 1})).read("What?", [passage(text)])
    given = [text[e.start : e.end] for e in reading.sentences]
    assert given == ["Bring:", "- a lamp", "- two oars"]


def test_an_item_brings_its_list_where_several_things_are_asked_for(tmp_path: Path) -> None:
    text = "Breaking changes\n\n- The file moved.\n- Ports are closed.\n\n- Other news."
    asked = reader(tmp_path, ScriptedModel({"- Ports are closed.": 1}))
    several = asked.read("What are the breaking changes?", [passage(text)])
    given = [text[e.start : e.end] for e in several.sentences]
    assert given == ["- The file moved.", "- Ports are closed."]
    one = asked.read("Is the port closed?", [passage(text)])
    assert [text[e.start : e.end] for e in one.sentences] == ["- Ports are closed."]


def test_a_list_is_whole_where_half_of_it_is_evidence(tmp_path: Path) -> None:
    text = "- a bag\n- a torch\n- two towels\n- a coat"
    model = ScriptedModel({"- a bag": 1, "- two towels": 0.5, "- a coat": -4, "- a torch": -4})
    reading = reader(tmp_path, model).read("What should I bring?", [passage(text)])
    assert [text[e.start : e.end] for e in reading.sentences] == text.splitlines()
    model = ScriptedModel({"- a bag": 1, "- two towels": -4, "- a coat": -4, "- a torch": -4})
    reading = reader(tmp_path, model).read("What should I bring?", [passage(text)])
    assert [text[e.start : e.end] for e in reading.sentences] == ["- a bag"]


def test_the_sentence_of_the_thing_asked_for_wins_over_that_of_another(tmp_path: Path) -> None:
    text = "The laboratory in Oslo is new. Its head is Berg. The laboratory in Turin is old. "
    text += "Its head is Neri."
    model = ScriptedModel({"Its head is Berg.": 2, "Its head is Neri.": 1})
    reading = reader(tmp_path, model).read("Who heads the laboratory in Turin?", [passage(text)])
    assert [text[e.start : e.end] for e in reading.sentences] == ["Its head is Neri."]
    reading = reader(tmp_path, model).read("Who heads it?", [passage(text)])
    assert len(reading.sentences) == 2


def test_a_heading_answers_when(tmp_path: Path) -> None:
    text = "2.3.0 (9 January 2025)\n\nA guest network was added."
    model = ScriptedModel({"2.3.0 (9 January 2025)": 2, "A guest network was added.": 1})
    read = reader(tmp_path, model)
    under = [passage(text, heading="Notes › 2.3.0 (9 January 2025)")]
    (first, *_) = read.read("When was 2.3.0 released?", under).sentences
    assert text[first.start : first.end] == "2.3.0 (9 January 2025)"
    (first, *_) = read.read("What was released with 2.3.0?", under).sentences
    assert text[first.start : first.end] == "A guest network was added."


def test_nothing_to_read_is_no_answer(tmp_path: Path) -> None:
    reading = reader(tmp_path, ScriptedModel({})).read("Who?", [])
    assert (reading.sentences, reading.confidence, reading.relevance) == ((), 0.0, ())


def test_what_tells_whether_it_is_right() -> None:
    model = ScriptedModel({"Ada never kept it.": 1, "Otto did, in 1931.": -1}, "1931")
    one = passage("Ada never kept it. Otto did, in 1931.", score=0.5)
    marked = model.mark("", [("", one.text)], 1)
    question = "Who kept it in 1932?"
    found = candidates(question, [one], marked, sentences_in([one]), CALIBRATION)
    assert [c.text for c in found] == ["Ada never kept it.", "Otto did, in 1931."]
    features = confidence_features(question, [one], marked, found, "This doesn't name 1932")
    # Of its words, kept and 1932, the sentence lacks 1932; only the sentence is negated.
    assert features[:10].tolist() == [1, 2, -8, 1.5, 0.5, 0.25, 1, 1, 0.5, 1]
    # Neither was compared by meaning; the logits are 1 and -1; five words ask, four answer.
    nothing = -math.log(1 + math.e + 1 / math.e)
    assert features[10:16].tolist() == pytest.approx([0, 0, nothing, 1, 5, 4])
    # Its passage is the first and only one, of score 0.5; the question names nobody; in doubt.
    assert features[16:].tolist() == [0.5, 1, 0, 0, 1]


def test_what_it_names_and_how_well_its_passage_was_found_tell_too() -> None:
    passages = [passage("Ada kept it.", score=0.75), passage("Otto left Corrie.", 2, score=0.5)]
    model = ScriptedModel({"Otto left Corrie.": 1})
    marked = model.mark("", [("", each.text) for each in passages], 1)
    question = "When did Otto and Ada leave Corrie Halt?"
    found = candidates(question, passages, marked, sentences_in(passages), CALIBRATION)
    assert found[0].text == "Otto left Corrie."
    features = confidence_features(question, passages, marked, found, "")
    # The second passage scores 0.25 less than the first; it lacks Ada and Halt, both lack Halt.
    assert features[16:].tolist() == [-0.25, 2, 2, 1, 0]


def test_a_row_of_another_is_not_given_beside_the_one_asked_for(tmp_path: Path) -> None:
    text = "\n".join(
        f"Part: PRT-{number} | Price: {price} euros"
        for number, price in (("4049", 3), ("4050", 11), ("4051", 58))
    )
    rows = text.splitlines()
    model = ScriptedModel({rows[0]: 0.2, rows[1]: 0, rows[2]: 0.3})
    reading = reader(tmp_path, model).read("How much does PRT-4050 cost?", [passage(text)])
    (only,) = reading.sentences
    assert text[only.start : only.end] == rows[1]
    assert reading.confidence == logistic(-1), "above what is shown as unsure"


def test_the_row_of_a_code_is_shown_however_unsure_the_reader_is(tmp_path: Path) -> None:
    text = "PRT-4050: Gasket, 11.82 euros\nPRT-4051: Gear, 3 euros\nThe shop closes at six."
    model = ScriptedModel({"PRT-4050: Gasket, 11.82 euros": -4})
    read = reader(tmp_path, model)
    path = tmp_path / "evidence.json"
    never = CALIBRATION.model_copy(update={"confidence": Boosted(baseline=-5, trees=())})
    path.write_text(json.dumps(never.model_dump()), encoding="utf-8")
    assert (
        read.read("What is PRT-4050?", [passage(text)]).confidence == CALIBRATION.unsure_threshold
    )
    assert read.read("What is PRT-4059?", [passage(text)]).confidence == logistic(-5)
    assert read.read("When does it close?", [passage(text)]).confidence == logistic(-5)


def test_the_best_are_compared_with_the_question_by_meaning() -> None:
    question = "cats sleep"
    one = passage("Dogs run. Cats sleep.", heading="Pets")
    marked = ScriptedModel({"Dogs run.": 1.0, "Cats sleep.": 0.5}).mark(
        question, [("", one.text)], 1
    )
    found = candidates(question, [one], marked, sentences_in([one]), CALIBRATION)
    assert [each.text for each in found] == ["Dogs run.", "Cats sleep."]
    fitted = CALIBRATION.model_copy(update={"meaning": 2.0})
    raised = compared(question, found, [one], WordEmbedder(), fitted)
    assert [each.text for each in raised] == ["Cats sleep.", "Dogs run."]
    # "pets cats sleep" and "cats sleep" share two words: 2 / (√3 √2).
    assert raised[0].cosine == pytest.approx(2 / math.sqrt(6))
    assert raised[0].score == pytest.approx(0.5 + 2 * 2 / math.sqrt(6))
    assert (raised[1].cosine, raised[1].score) == (0.0, 1.0)
