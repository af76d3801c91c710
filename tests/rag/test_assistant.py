from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.errors import InvalidFilter, InvalidQuestion
from index.index import Index
from index.sqlite.question_lock import QuestionLock
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.answer import Answer, Passage, Turn, Written
from rag.assistant import Assistant
from rag.read.reader import Evidence, Reading
from rag.rewrite.by_rule import Rewritten
from rag.settings import Settings
from rag.stop import Stop
from rag.write.answerer import ExtractiveAnswerer, Wishes
from rag.write.introduction import introduction
from rag.write.no_answer import NO_DOCUMENTS, NOTHING_MEETS
from rag.write.outcome import ABSTENTION, INSTEAD, NOTHING


class ScriptedReader:
    """Finds the first sentence of the first passage, and is as sure as it is told to be."""

    name = "scripted"
    threshold = 0.5
    unsure_threshold = 0.2

    def __init__(self, confidence: float = 0.9, *relevant: float) -> None:
        self.confidence = confidence
        self.relevant = relevant
        self.asked: list[str] = []

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        self.asked.append(question)
        if not passages:
            return Reading((), None, 0.0)
        end = passages[0].text.index(".") + 1
        reading = Reading((Evidence(1, 0, end, 1.0),), "span", self.confidence)
        return replace(reading, relevance=self.relevance(question, passages))

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        return self.relevant[: len(passages)]


class ScriptedAnswerer:
    name = "scripted"

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    def with_wishes(self, wishes: Wishes) -> ScriptedAnswerer:
        self.wishes = wishes
        return self

    def stream(
        self,
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        reading: Reading,
    ) -> Iterator[str]:
        self.question = question
        yield from self.pieces


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    list(
        opened.add(
            [
                make_document("a", "Ants dig tunnels. They eat leaves.", "Ants", author="Ann"),
                make_document("b", "Bees make honey. They fly far.", "Bees", author="Bob"),
            ]
        )
    )
    yield opened
    opened.close()


def assistant(index: Index, reader: ScriptedReader, *pieces: str) -> Assistant:
    answerers = [ExtractiveAnswerer(), ScriptedAnswerer(*pieces)]
    return Assistant(index, reader, answerers, Settings(passages=2, max_question_chars=100))


def test_a_sure_answer_is_the_sentence_with_its_proof(index: Index) -> None:
    answer = assistant(index, ScriptedReader()).ask("  Who dig \n tunnels? ")
    assert answer.answered
    assert (answer.text, answer.short) == ("Ants dig tunnels. [1]", "span")
    assert (answer.confidence, answer.model) == (0.9, "reader")
    assert answer.question == "Who dig tunnels?"
    (citation,) = answer.citations
    assert (citation.uri, citation.start, citation.end) == ("a", 0, 17)
    assert index.document(citation.document_id).text[0:17] == citation.quote == "Ants dig tunnels."
    assert [p.uri for p in answer.passages] == ["a", "b"]
    assert set(answer.timings) == {"retrieve", "read", "write", "cite", "total"}


def test_an_unsure_one_says_so_before_its_proof(index: Index) -> None:
    answer = assistant(index, ScriptedReader(0.49)).ask("Who dig tunnels?")
    assert (answer.verdict, answer.answered, answer.short) == ("unsure", False, "span")
    assert answer.text == "Not sure. This may be it: Ants dig tunnels. [1]"
    (citation,) = answer.citations
    assert index.document(citation.document_id).text[0:17] == citation.quote == "Ants dig tunnels."
    assert (answer.confidence, answer.model) == (0.49, "reader")


def test_what_forbids_certainty_is_said(index: Index) -> None:
    class Doubter(ScriptedReader):
        def read(self, question: str, passages: Sequence[Passage]) -> Reading:
            return replace(super().read(question, passages), doubt="This is about E5, not E6")

    answer = assistant(index, Doubter()).ask("Who dig tunnels?")
    assert (answer.verdict, answer.confidence) == ("unsure", 0.9)
    assert answer.text == "Not sure. This is about E5, not E6: Ants dig tunnels. [1]"


def test_one_near_nothing_abstains_and_shows_the_nearest_passages(index: Index) -> None:
    answer = assistant(index, ScriptedReader(0.19)).ask("Who dig tunnels?")
    assert answer.verdict == "unanswered"
    assert (answer.answered, answer.text, answer.short) == (False, ABSTENTION, None)
    assert (answer.citations, len(answer.passages), answer.confidence) == ((), 2, 0.19)


def test_the_least_confidence_is_a_setting(index: Index) -> None:
    sure = assistant(index, ScriptedReader(0.49))
    assert sure.with_settings(min_confidence=0.4).ask("Who dig tunnels?").answered
    assert not sure.with_settings(min_confidence=0.5).ask("Who dig tunnels?").answered


def test_the_least_confidence_of_an_unsure_answer_is_a_setting_never_above_the_sure_one(
    index: Index,
) -> None:
    unsure = assistant(index, ScriptedReader(0.3))
    assert unsure.with_settings(min_unsure=0.31).ask("Who dig tunnels?").verdict == "unanswered"
    assert unsure.with_settings(min_unsure=0.3).ask("Who dig tunnels?").verdict == "unsure"
    low = unsure.with_settings(min_confidence=0.1)
    assert (low.min_unsure, low.ask("Who dig tunnels?").verdict) == (0.1, "answered")


def test_without_documents_it_says_so(tmp_path: Path) -> None:
    empty = Index(SqliteStore(tmp_path / "empty"), WordEmbedder(), Chunking())
    answer = assistant(empty, ScriptedReader()).ask("Anything?")
    assert (answer.answered, answer.text, answer.passages) == (False, NO_DOCUMENTS, ())
    answer = assistant(empty, ScriptedReader()).ask("Anything?", filter={"author": "Ann"})
    assert answer.text == NOTHING_MEETS
    empty.close()


def test_a_stream_is_the_text_and_then_the_answer(index: Index) -> None:
    reader = ScriptedReader()
    pieces = list(
        assistant(index, reader, "Ants dig", " tunnels. [", "1]").stream(
            "Who dig tunnels?", answerer="scripted"
        )
    )
    *texts, answer = pieces
    assert isinstance(answer, Answer)
    assert "".join(str(t) for t in texts) == answer.text == "Ants dig tunnels. [1]"
    assert answer.model == "scripted"


def test_what_is_being_added_waits_for_the_answer(index: Index) -> None:
    adder, order = QuestionLock(index.store.folder), list[str]()
    with adder.adding():
        time.sleep(0.3)  # for up to four times that it waits

    def add() -> None:
        with adder.adding():
            order.append("added")

    adding = threading.Thread(target=add)
    for piece in assistant(index, ScriptedReader()).stream("Who dig tunnels?"):
        if not adding.ident:
            adding.start()
            time.sleep(0.1)
        order.append("answer" if isinstance(piece, Answer) else "piece")
    adding.join()
    assert order == ["piece", "answer", "added"]


def test_an_answer_none_of_whose_quotes_stands_is_replaced(index: Index) -> None:
    answer = assistant(index, ScriptedReader(), "Zebras gallop. [1]").ask(
        "Who dig tunnels?", answerer="scripted"
    )
    assert (answer.answered, answer.text) == (True, f"{INSTEAD} Ants dig tunnels. [1]")
    assert (answer.withheld, answer.replaced_by, answer.model) == (1, "reader", "reader")
    assert [(s.text, s.supported) for s in answer.sentences] == [("Ants dig tunnels. [1]", True)]


def test_what_a_stream_holds_of_a_replaced_and_of_a_strict_answer(index: Index) -> None:
    written = ("Ants dig tunnels. [1] ", "Zebras gallop 9 miles. [1]")
    asked = assistant(index, ScriptedReader(), *written)
    *pieces, answer = asked.stream("Who dig tunnels?", answerer="scripted")
    assert "".join(map(str, pieces)) == "Ants dig tunnels. [1] Zebras gallop 9 miles. [2]"
    assert answer.text == "Ants dig tunnels. [1] Zebras gallop 9 miles."  # type: ignore[union-attr]
    assert [s.supported for s in answer.sentences] == [True, False]  # type: ignore[union-attr]
    *pieces, answer = asked.stream("Who dig tunnels?", answerer="scripted", strict=True)
    assert pieces == ["", "", "Ants dig tunnels. [1]"]
    assert answer.text == pieces[-1]  # type: ignore[union-attr]
    bad = assistant(index, ScriptedReader(), "Zebras gallop.")
    *pieces, answer = bad.stream("Who dig tunnels?", answerer="scripted")
    assert pieces == ["Zebras gallop.", f"\n\n{INSTEAD} Ants dig tunnels. [1]"]
    assert answer.text == f"{INSTEAD} Ants dig tunnels. [1]"  # type: ignore[union-attr]
    set_strict = bad.with_settings(strict=True)
    *pieces, answer = set_strict.stream("Who dig tunnels?", answerer="scripted")
    assert pieces == ["", f"{INSTEAD} Ants dig tunnels. [1]"]


def test_without_the_reader_either_it_abstains_and_says_so(index: Index) -> None:
    class Removes(ScriptedAnswerer):
        def stream(self, *arguments: object) -> Iterator[str]:  # type: ignore[override]
            index.remove("a")
            yield "Zebras gallop. [7]"

    asked = Assistant(index, ScriptedReader(), [Removes()], Settings(passages=2))
    answer = asked.ask("Who dig tunnels?")
    assert (answer.answered, answer.text) == (False, NOTHING)
    assert (answer.replaced_by, answer.removed, answer.citations) == ("abstention", 1, ())


def test_a_document_removed_while_the_answer_is_written_is_not_cited(index: Index) -> None:
    class Removes(ScriptedAnswerer):
        def stream(self, *arguments: object) -> Iterator[str]:  # type: ignore[override]
            yield "Ants dig tunnels. [1] "
            index.remove("a")
            yield "Bees make honey. [2]"

    asked = Assistant(index, ScriptedReader(), [Removes()], Settings(passages=2))
    answer = asked.ask("Who dig tunnels?")
    assert answer.text == "Ants dig tunnels. Bees make honey. [1]"
    assert [c.uri for c in answer.citations] == ["b"]
    assert answer.withheld == 1


def test_a_follow_up_is_retrieved_with_its_topic(index: Index) -> None:
    reader = ScriptedReader()
    history = [Turn("user", "Tell me about ants."), Turn("assistant", "Ants dig tunnels. [1]")]
    answer = assistant(index, reader).ask("What do they eat?", history=history)
    assert answer.question == "What do ants eat?"
    assert reader.asked == ["What do ants eat?"]
    assert "rewrite" in answer.timings


def test_exactly_as_written_nothing_is_understood_mended_or_left_out(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.embedder, "count_tokens", lambda texts: [2] * len(texts))
    history = [Turn("user", "Tell me about ants."), Turn("assistant", "Ants dig tunnels. [1]")]
    for said in ("What do they eat?", "Hello! Who dig tunels? Please answer briefly.", "hello"):
        reader = ScriptedReader()
        asked = assistant(index, reader, "Ants dig", " tunnels. [1]")
        answer = asked.ask(said, history=history, rewrite=False)
        assert (answer.question, reader.asked) == (said, [said])
        assert "rewrite" not in answer.timings
    with pytest.raises(InvalidQuestion, match="has 101 characters, the most is 100"):
        asked.ask(f"Who?{'Thanks! ' * 13}"[:101], rewrite=False)


def test_an_answerer_may_have_a_rewriter_of_its_own(index: Index) -> None:
    def rewrite(question: str, history: Sequence[Turn], most: int, stop: Stop) -> Rewritten:
        return Rewritten("Who make honey?", Written(5, 3, True))

    answerers = [ExtractiveAnswerer(), ScriptedAnswerer("Bees make honey. [1]")]
    rewriters = {"scripted": rewrite}
    asked = Assistant(index, ScriptedReader(), answerers, Settings(passages=1), rewriters)
    history = [Turn("user", "Tell me about ants.")]
    own = asked.ask("And bees?", history=history, answerer="scripted")
    assert (own.question, own.text) == ("Who make honey?", "Bees make honey. [1]")
    assert own.written == Written(5, 3, False)  # the rewrite was cut off, the answer was not
    assert asked.ask("And their nests?", history=history).question == "And ants’ nests?"


@pytest.mark.parametrize("said", ["Hello!", "Thanks a lot", "What can you do?", "Who are you?"])
@pytest.mark.parametrize("answerer", ["reader", "scripted"])
def test_a_greeting_gets_a_line_on_what_it_is(index: Index, said: str, answerer: str) -> None:
    history = [Turn("user", "Tell me about ants."), Turn("assistant", "Ants dig tunnels. [1]")]
    reader = ScriptedReader(0.49)
    asked = assistant(index, reader, "Ants dig tunnels. [1]")
    *pieces, answer = asked.stream(said, history=history, answerer=answerer)
    assert isinstance(answer, Answer)
    assert answer.text == "".join(map(str, pieces)) == introduction(2)
    assert answer.text.endswith("You can ask me about 2 documents.")
    assert (answer.verdict, answer.citations, answer.passages) == ("unanswered", (), ())
    assert (answer.model, answer.question, answer.short) == ("reader", said, None)
    assert reader.asked == [said]  # not in the light of the history


def test_what_the_documents_answer_is_no_greeting(index: Index) -> None:
    answer = assistant(index, ScriptedReader(0.9)).ask("What can you do?")
    assert (answer.verdict, answer.text) == ("answered", "Ants dig tunnels. [1]")
    with_topic = [Turn("user", "What can you do?"), Turn("assistant", introduction(2))]
    kept = assistant(index, ScriptedReader()).ask("What do they eat?", history=with_topic)
    assert kept.question == "What do they eat?"


def test_asked_what_the_documents_are_about_they_say_how_they_begin(index: Index) -> None:
    reader = ScriptedReader()
    answer = assistant(index, reader).ask("What are these documents about?")
    told = "There are 2 documents: a and b. Ants dig tunnels. [1]\n\nBees make honey. [2]"
    assert answer.text == told
    asked = assistant(index, reader)
    *pieces, last = asked.stream("How many files do you have?")
    assert isinstance(last, Answer)
    assert "".join(map(str, pieces)) == last.text == told
    assert [c.uri for c in answer.citations] == ["a", "b"]
    assert reader.asked == []
    only_bob = assistant(index, reader).ask(
        "What are these documents about?", filter={"author": "Bob"}
    )
    assert only_bob.text == "There is one document: b. Bees make honey. [1]"
    one = asked.ask("Summarise the document bees.")
    assert one.text == "Of 2 documents, this is from b: Bees make honey. [1]"
    some = asked.ask("Which documents mention honey?")
    assert some.text == "Of 2 documents, one was found about honey: b. Bees make honey. [1]"
    assert asked.ask("Which documents mention wasps?").text == "Ants dig tunnels. [1]"  # none does
    assert asked.ask("Summarise the wasps.").text == "Ants dig tunnels. [1]"  # no such document


def test_passages_and_what_they_are_folded_with_say_where_they_stand(tmp_path: Path) -> None:
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    log = "The keeper of the lighthouse kept the light for forty years and wrote a log of it all."
    first = replace(make_document("a.pdf", log), locations=((0, "p. 3"),))
    second = replace(make_document("b.pdf", f"{log}\n"), locations=((0, "slide 4"),))
    other = replace(first, uri="c.pdf")
    list(index.add([first, second, other]))
    answer = Assistant(
        index, ScriptedReader(), [ExtractiveAnswerer()], Settings(store=tmp_path)
    ).ask("Who kept the light?")
    (passage,), (citation,) = answer.passages, answer.citations
    places = {passage.uri: passage.location, **{s.uri: s.location for s in passage.also_in}}
    assert places == {"a.pdf": "p. 3", "b.pdf": "slide 4", "c.pdf": "p. 3"}
    assert {
        citation.uri: citation.location,
        **{s.uri: s.location for s in citation.also_in},
    } == places
    index.close()


def test_filters_and_k(index: Index) -> None:
    asked = assistant(index, ScriptedReader())
    assert [p.uri for p in asked.search("ants", filter={"author": "Bob"})] == ["b"]
    assert len(asked.search("ants", k=1)) == 1
    with pytest.raises(InvalidFilter):
        asked.search("ants", filter={"author": {}})


@pytest.mark.parametrize(
    ("question", "options", "message"),
    [
        (" \n ", {}, "the question is empty"),
        ("x" * 101, {}, "has 101 characters, the most is 100"),
        ("ants", {"k": 0}, "k is 0; ask for 1 to 100"),
        ("ants", {"k": 101}, "k is 101"),
        ("ants", {"answerer": "oracle"}, "'oracle' is not one of those there are: 'reader'"),
    ],
)
def test_wrong_input_is_named(
    index: Index, question: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidQuestion, match=message):
        assistant(index, ScriptedReader()).ask(question, **options)  # type: ignore[arg-type]


def test_the_same_index_with_another_fusion(index: Index) -> None:
    asked = assistant(index, ScriptedReader())
    dense = asked.with_settings(fusion="dense")
    assert dense.index is asked.index
    assert dense.search("ants")[0].score == pytest.approx(dense.search("ants")[0].cosine)
    assert asked.settings.fusion == "convex"


def test_the_reader_puts_passages_in_order(index: Index) -> None:
    asked = assistant(index, ScriptedReader(0.9, 0.2, 0.7))
    answer = asked.ask("Who dig tunnels?")
    assert [(p.uri, p.score, p.rank) for p in answer.passages] == [("b", 0.7, 1), ("a", 0.2, 2)]
    (citation,) = answer.citations  # found in what was the first passage and is the second now
    assert citation.quote == "Ants dig tunnels."
    assert [p.uri for p in asked.search("dig tunnels")] == ["a", "b"]


def test_whether_it_does_is_a_setting(index: Index) -> None:
    asked = assistant(index, ScriptedReader(0.9, 0.2, 0.7))
    always = asked.with_settings(rerank="always")
    assert [p.uri for p in always.search("dig tunnels")] == ["b", "a"]
    assert [p.uri for p in always.search("dig tunnels", k=1)] == ["b"]
    never = asked.with_settings(rerank="never")
    assert [p.uri for p in never.search("dig tunnels")] == ["a", "b"]
    assert [p.uri for p in never.ask("Who dig tunnels?").passages] == ["a", "b"]


class KnowingReader(ScriptedReader):
    """As sure as `sure` says of the questions in it, and of no other."""

    def __init__(self, sure: Mapping[str, float]) -> None:
        super().__init__()
        self.sure = sure

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        return replace(super().read(question, passages), confidence=self.sure.get(question, 0.0))


def test_the_question_itself_is_read_and_what_is_beside_it_only_helps(index: Index) -> None:
    reader = ScriptedReader()
    scripted = ScriptedAnswerer("Ants dig tunnels. [1]")
    asked = Assistant(index, reader, [ExtractiveAnswerer(), scripted], Settings(passages=2))
    message = "Hi! I am new here. Who dig tunnels? Please answer briefly. Thanks!"
    answer = asked.ask(message, answerer="scripted")
    assert (answer.question, reader.asked) == ("Who dig tunnels?", ["Who dig tunnels?"])
    assert scripted.question == "I am new here. Who dig tunnels?"
    assert scripted.wishes.instructions == "Please answer briefly."


def test_where_the_question_finds_nothing_sure_its_context_helps_to_find(index: Index) -> None:
    class OfBees(ScriptedReader):
        def read(self, question: str, passages: Sequence[Passage]) -> Reading:
            sure = 0.9 if passages[0].uri == "b" else 0.1
            return replace(super().read(question, passages), confidence=sure)

    reader = OfBees()
    answer = assistant(index, reader).ask("It is about bees and honey. What is dug?", k=1)
    assert (answer.question, answer.text) == ("What is dug?", "Bees make honey. [1]")
    assert reader.asked == ["What is dug?", "What is dug?"]


def test_where_a_follow_up_finds_nothing_sure_the_question_before_helps(index: Index) -> None:
    class OfBees(ScriptedReader):
        def read(self, question: str, passages: Sequence[Passage]) -> Reading:
            sure = 0.9 if passages[0].uri == "b" else 0.1
            return replace(super().read(question, passages), confidence=sure)

    reader = OfBees()
    history = [Turn("user", "Does Tom make honey of bees?"), Turn("assistant", "Yes.")]
    answer = assistant(index, reader).ask("What does he dig?", history=history, k=1)
    assert (answer.question, answer.text) == ("What does Tom dig?", "Bees make honey. [1]")
    assert reader.asked == ["What does Tom dig?", "What does Tom dig?"]
    reader = OfBees()
    greeted = [Turn("user", "Hello!"), Turn("assistant", "Hello.")]
    assert not assistant(index, reader).ask("Who dig tunnels?", history=greeted, k=1).answered


def test_a_pronoun_means_what_was_said_before_the_question(index: Index) -> None:
    reader = ScriptedReader()
    answer = assistant(index, reader).ask("I have bees on the roof. How far do they fly?")
    assert answer.question == "How far do bees fly?"
    assert reader.asked == ["How far do bees fly?"]


def test_both_questions_of_a_message_are_answered(index: Index) -> None:
    reader = KnowingReader({"Who dig tunnels?": 0.9, "Who make honey?": 0.7})
    answer = assistant(index, reader).ask("Who dig tunnels? Who make honey?")
    assert answer.text == "Ants dig tunnels. [1]\n\nBees make honey. [2]"
    assert (answer.question, answer.confidence) == ("Who dig tunnels? Who make honey?", 0.7)
    assert [c.uri for c in answer.citations] == ["a", "b"]
    assert [p.rank for p in answer.passages] == [1, 2]


def test_where_one_of_them_is_not_the_other_is_shown_as_unsure(index: Index) -> None:
    reader = KnowingReader({"Who dig tunnels?": 0.9})
    answer = assistant(index, reader).ask("Who dig tunnels? Who make honey?")
    assert (answer.verdict, answer.confidence) == ("unsure", 0.9)
    assert answer.text == "Not sure. This may be it: Ants dig tunnels. [1]"


def test_of_a_follow_up_that_may_stand_alone_the_surer_reading_is_kept(index: Index) -> None:
    history = [Turn("user", "What does error E7 mean?"), Turn("assistant", "It is hot. [1]")]
    said, rewritten = "How much is the monthly fee?", "error E7: How much is the monthly fee?"
    for sure, kept in ((said, said), (rewritten, rewritten)):
        reader = KnowingReader({sure: 0.9})
        answer = assistant(index, reader).ask(said, history=history)
        assert (answer.question, answer.confidence) == (kept, 0.9)
        assert reader.asked == [rewritten, said]


def test_a_long_message_is_accepted_where_its_question_is_short(index: Index) -> None:
    story = "The hall was cold that year. " * 689  # 19,981 characters
    asked = assistant(index, ScriptedReader())
    assert asked.ask(f"{story}Who dig tunnels?").question == "Who dig tunnels?"
    with pytest.raises(
        InvalidQuestion, match="the message has 20010 characters, the most is 20000"
    ):
        asked.ask(f"{story}{'Who dig tunnels?':>29}")


def test_a_typo_is_asked_as_the_store_spells_it_and_as_said_where_that_is_not_sure(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.embedder, "count_tokens", lambda texts: [2] * len(texts))
    said, spelt = "Who dig tunels?", "Who dig tunnels?"
    for sure, asked in ((0.9, [spelt]), (0.1, [spelt, said])):
        reader = KnowingReader({spelt: sure})
        answer = assistant(index, reader).ask(said)
        assert (answer.question, reader.asked) == (spelt, asked)


class DisagreeingReader(ScriptedReader):
    """Finds the first sentences of both passages, which say otherwise than one another."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        best, other = (
            Evidence(number, 0, each.text.index(".") + 1, 1.0)
            for number, each in enumerate(passages[:2], start=1)
        )
        return replace(Reading((best,), None, 0.9), **{self.kind: (other,)})


def test_what_another_source_says_otherwise_is_shown_with_its_proof(index: Index) -> None:
    answer = assistant(index, DisagreeingReader("contradicting")).ask("Who dig tunnels?")
    assert answer.text == (
        "Ants dig tunnels. [1]\n\nAnother source says otherwise: Bees make honey. [2]"
    )
    assert answer.contradictions == ((1, 2),)
    assert [citation.uri for citation in answer.citations] == ["a", "b"]
    assert not any(citation.superseded for citation in answer.citations)


def test_what_an_earlier_edition_says_is_shown_as_superseded(index: Index) -> None:
    answer = assistant(index, DisagreeingReader("superseded")).ask("Who dig tunnels?")
    assert answer.text == ("Ants dig tunnels. [1]\n\nAn earlier edition says: Bees make honey. [2]")
    assert [citation.superseded for citation in answer.citations] == [False, True]
    assert answer.contradictions == ()


def test_a_language_model_that_quotes_the_earlier_edition_alone_is_doubted(index: Index) -> None:
    reader = DisagreeingReader("superseded")
    old = assistant(index, reader, "Bees make honey [2].").ask("Who?", answerer="scripted")
    assert (old.verdict, old.citations[0].superseded) == ("unsure", True)
    both = assistant(index, reader, "Ants dig tunnels [1]. Bees make honey [2].")
    assert both.ask("Who?", answerer="scripted").verdict == "answered"
