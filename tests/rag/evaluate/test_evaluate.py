"""Evaluation over a real index, with words as vectors and a reader that reads by a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.errors import InvalidDataset
from index.index import Index
from index.text.chunk import Chunking
from rag.answer import Passage, Turn
from rag.assistant import Assistant
from rag.evaluate.datasets import Dataset, Question
from rag.evaluate.evaluate import Record, evaluate, fill
from rag.read.reader import Evidence, Reading
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer

TOWER = make_document("tower", "The Eiffel Tower was built in 1889.", "Tower")
LOUVRE = make_document("louvre", "The Louvre is a museum of art.", "Louvre")
BRIDGE = make_document("bridge", "A bridge crosses the river Seine.", "Bridge")


class ScriptedReader:
    """Answers each question with its whole first passage and the confidence in the script."""

    name = "scripted"
    threshold = 0.5
    unsure_threshold = 0.2

    def __init__(self, script: Mapping[str, float]) -> None:
        self.script = script

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        confidence = self.script[question]
        whole = Evidence(1, 0, len(passages[0].text), confidence)
        return Reading((whole,), "1889", confidence)

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        return tuple(float(passage.uri == "bridge") for passage in passages)


def assistant_over(folder: Path, script: Mapping[str, float]) -> Assistant:
    index = Index(folder, WordEmbedder(), Chunking(100, 0))
    settings = Settings.model_validate({"store": folder})
    return Assistant(index, ScriptedReader(script), [ExtractiveAnswerer()], settings)


def dataset_of(*questions: Question) -> Dataset:
    return Dataset("mini", "squad", (TOWER, LOUVRE, BRIDGE), questions)


WHEN = Question("when", "When was the Eiffel Tower built?", ("1889",), relevant={"tower": 1})
WHAT = Question("what", "What museum is the Louvre?", ("art",), relevant={"louvre": 1})
WHERE = Question("where", "Where is the river Thames?", answerable=False)


def test_every_question_leaves_a_record(tmp_path: Path) -> None:
    dataset = dataset_of(WHEN, WHAT, WHERE)
    script = {WHEN.question: 0.9, WHAT.question: 0.2, WHERE.question: 0.1}
    assistant = assistant_over(tmp_path / "store", script).with_settings(rerank="always")
    fill(assistant.index, dataset)
    when, what, where = evaluate(assistant, dataset)

    assert when.answer == "The Eiffel Tower was built in 1889. [1]"
    assert (when.answered, when.short, when.confidence) == (True, "1889", 0.9)
    assert [each.uri for each in when.citations] == ["tower"]
    assert when.citations[0].quote == TOWER.text
    assert when.right
    assert when.graded
    assert list(when.retrieved) == ["convex + reader", "dense", "lexical"]
    assert when.retrieved["convex + reader"][0] == "bridge"
    assert when.retrieved["dense"][0] == when.retrieved["lexical"][0] == "tower"
    steps = {"ask", "ask: total", "search: convex + reader", "search: lexical"}
    assert steps <= when.timings.keys()

    # under the threshold the best answer is on record, but was not given
    assert (what.answered, what.right, what.confidence) == (False, True, 0.2)
    assert (where.answered, where.right, where.graded) == (False, False, True)


def test_lexical_ranking_leaves_out_what_shares_no_word(tmp_path: Path) -> None:
    dataset = dataset_of(Question("q", "Eiffel", relevant={"tower": 1}))
    assistant = assistant_over(tmp_path / "store", {})
    fill(assistant.index, dataset)
    (record,) = evaluate(assistant, dataset, answers=False)
    assert record.retrieved["lexical"] == ("tower",)


def test_retrieval_only_asks_nothing(tmp_path: Path) -> None:
    dataset = dataset_of(WHEN)
    assistant = assistant_over(tmp_path / "store", {})
    fill(assistant.index, dataset)
    (record,) = evaluate(assistant, dataset, answers=False, compare=["reciprocal_rank"])
    assert list(record.retrieved) == ["convex", "reciprocal_rank"]
    assert (record.answer, record.answered, record.error) == ("", False, None)
    assert record.timings.keys() == {"search: convex", "search: reciprocal_rank"}


def test_a_failure_is_recorded_and_the_rest_goes_on(tmp_path: Path) -> None:
    blank = Question("blank", "   ", ("x",), relevant={"tower": 1})
    crash = Question("crash", "What is not in the script?", ("x",))
    dataset = dataset_of(blank, crash, WHEN)
    assistant = assistant_over(tmp_path / "store", {WHEN.question: 0.9})
    fill(assistant.index, dataset)
    first, second, third = evaluate(assistant, dataset)
    assert first == Record(
        "blank",
        "   ",
        ("x",),
        True,
        {"tower": 1},
        error="InvalidQuestion: the question is empty; ask something",
    )
    assert second.error == "KeyError: 'What is not in the script?'"
    assert (second.confidence, second.answered, second.right) == (0.0, False, False)
    assert third.right


def test_long_documents_do_not_crowd_out_the_others(tmp_path: Path) -> None:
    # 40 chunks of one document match best; ten other documents have to be found all the same
    long = make_document("long", " ".join(f"The river Seine is item {n} here." for n in range(40)))
    others = [make_document(f"other{n}", f"A river flows by town {n}.") for n in range(10)]
    question = Question("q", "The river Seine", relevant={"other9": 1})
    dataset = Dataset("mini", "squad", (long, *others), (question,))
    folder = tmp_path / "store"
    index = Index(folder, WordEmbedder(), Chunking(14, 0))
    settings = Settings.model_validate({"store": folder})
    assistant = Assistant(index, ScriptedReader({}), [ExtractiveAnswerer()], settings)
    fill(index, dataset)
    (record,) = evaluate(assistant, dataset, answers=False, compare=[])
    assert record.retrieved["convex"][0] == "long"
    assert set(record.retrieved["convex"]) == {each.uri for each in dataset.documents}


def test_a_follow_up_is_searched_for_in_the_light_of_its_history(tmp_path: Path) -> None:
    class Listening(ScriptedReader):
        def read(self, question: str, passages: Sequence[Passage]) -> Reading:
            self.heard = question
            return Reading((), None, 0.0)

    history = (Turn("user", "What is the Eiffel Tower?"), Turn("assistant", "A tower."))
    dataset = dataset_of(Question("q", "And its age?", ("1889",), history=history))
    folder = tmp_path / "store"
    reader = Listening({})
    assistant = Assistant(
        Index(folder, WordEmbedder(), Chunking(100, 0)),
        reader,
        [ExtractiveAnswerer()],
        Settings.model_validate({"store": folder}),
    )
    fill(assistant.index, dataset)
    (record,) = evaluate(assistant, dataset)
    assert reader.heard == "And the Eiffel Tower’s age?"
    assert record.retrieved["lexical"][0] == "tower"
    assert record.error is None


def test_fill_adds_what_is_missing_and_only_once(tmp_path: Path) -> None:
    index = Index(tmp_path / "store", WordEmbedder(), Chunking(100, 0))
    list(index.add([TOWER]))
    seen: list[int] = []
    filled = fill(index, dataset_of(WHEN), seen.append)
    assert (filled.documents, filled.chunks, filled.added) == (3, 3, 2)
    assert filled.characters == len(LOUVRE.text) + len(BRIDGE.text)
    assert seen == [1, 2, 3]
    assert fill(index, dataset_of(WHEN)).added == 0


def test_fill_refuses_a_store_with_other_documents(tmp_path: Path) -> None:
    index = Index(tmp_path / "store", WordEmbedder(), Chunking(100, 0))
    list(index.add([make_document("mine", "My own notes.")]))
    with pytest.raises(InvalidDataset, match=r"1 documents that are not in mini, such as mine"):
        fill(index, dataset_of(WHEN))
    assert index.counts().documents == 1


def test_fill_leaves_the_store_that_json_lines_are_asked_of(tmp_path: Path) -> None:
    index = Index(tmp_path / "store", WordEmbedder(), Chunking(100, 0))
    list(index.add([TOWER]))
    filled = fill(index, Dataset("own", "lines", (), (WHEN,)))
    assert (filled.documents, filled.added, filled.seconds) == (1, 0, 0.0)
