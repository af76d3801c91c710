"""Follow-ups made to stand alone by rule."""

from __future__ import annotations

import time

import pytest

from rag.answer import Turn
from rag.rewrite.by_rule import Rewritten, by_rule, pointed, standalone
from rag.stop import Stop
from rag.write.outcome import ABSTENTION


def after(*questions: str) -> list[Turn]:
    return [Turn("user", question) for question in questions]


CURIE = (
    Turn("user", "Who is Marie Curie?"),
    Turn("assistant", "A physicist. [1]"),
    Turn("user", "Where was Marie Curie born?"),
    Turn("assistant", "In Warsaw. [1]"),
)


@pytest.mark.parametrize(
    ("asked", "question", "expected"),
    [
        # pronouns
        (["What is throat cancer?"], "Is it treatable?", "Is throat cancer treatable?"),
        (["Tell me about sharks."], "Where do they live?", "Where do sharks live?"),
        (["What is taurine?"], "What are its effects?", "What are taurine’s effects?"),
        (["Tell me about sharks."], "What is their diet?", "What is sharks’ diet?"),
        (["What is a ferry?"], "How do they float?", "How do ferries float?"),
        (["What is a ferry?"], "I ask whether it's safe.", "I ask whether a ferry is safe."),
        (
            ["Describe the oceanic crust."],
            "What is below that?",
            "What is below the oceanic crust?",
        ),
        (
            ["Explain the labor systems of the Ottoman Empire."],
            "How did it govern?",
            "How did the Ottoman Empire govern?",
        ),
        (
            ["Explain the labor systems of the Ottoman Empire."],
            "How did they work?",
            "How did the labor systems of the Ottoman Empire work?",
        ),
        # one, there, parts of names
        (["What is a steam engine?"], "What does a small one cost?", None),
        (["Tell me about Ann Arbor."], "Are there film festivals there?", None),
        (["Who wrote songs with Alan Menken?"], "When did Alan begin?", None),
        (["What was the Milgram experiment?"], "Who led the experiment?", None),
        # ellipsis
        (["What is a 529 plan?"], "What are the main advantages?", None),
        (["Tell me about Utah."], "Why?", "Utah: Why?"),
        (["Tell me about Utah."], "What about the climate?", None),
        (["Tell me about Utah."], "How does Nevada differ?", "Utah: How does Nevada differ?"),
    ],
)
def test_what_is_left_out_comes_from_the_conversation(
    asked: list[str], question: str, expected: str | None
) -> None:
    expected = (
        expected
        or {
            "What does a small one cost?": "What does a small steam engine cost?",
            "Are there film festivals there?": "Are there film festivals in Ann Arbor?",
            "When did Alan begin?": "When did Alan Menken begin?",
            "Who led the experiment?": "Who led the Milgram experiment?",
            "What are the main advantages?": "What are the main advantages of a 529 plan?",
            "What about the climate?": "What about the climate of Utah?",
        }[question]
    )
    assert standalone(question, after(*asked), 200) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Australia?",
        "Tell me about lung cancer.",
        "What is a 529 plan?",
        "Who wrote Hamlet and where was it first performed?",
        "Do whales sing to their calves if they travel?",
        "Is it better to rent a house or to buy a house in Berlin?",
        "How are anxiety and depression related?",
        "Is there a train from Oslo to Bergen?",
        "Which dog breeds that are good with children need little space?",
    ],
)
def test_what_stands_alone_stays(question: str) -> None:
    assert standalone(question, after("What is throat cancer?"), 200) == question


def test_the_topic_lasts_and_gives_way_to_a_new_one() -> None:
    asked = ["What is throat cancer?", "Is it treatable?", "What are the symptoms?"]
    assert standalone("Can it spread?", after(*asked), 200) == "Can throat cancer spread?"
    asked += ["Tell me about lung cancer."]
    assert standalone("Can it spread?", after(*asked), 200) == "Can lung cancer spread?"


def test_he_is_the_person_whom_an_answer_named() -> None:
    history = [
        Turn("user", "Who is planning to travel to Russia?"),
        Turn("assistant", "Kim Jong-un is planning to travel to Russia. [1]"),
    ]
    rewritten = standalone("Whom will he meet there?", history, 200)
    assert rewritten == "Whom will Kim Jong-un meet in Russia?"
    assert standalone("When did she die?", CURIE, 200) == "When did Marie Curie die?"
    history = [Turn("user", "Who founded the union?"), Turn("assistant", "It was Jane Addams.")]
    assert standalone("What is his age?", history, 200) == "What is Jane Addams’ age?"


@pytest.mark.parametrize(
    ("asked", "said", "question", "whole"),
    [
        (
            "Which laboratory has 30 benches?",
            "The laboratory in Oslo has 30 benches. [1]",
            "When was it built?",
            "When was the laboratory in Oslo built?",
        ),
        (
            "Which laboratory has 30 benches?",
            "The laboratory in Oslo has 30 benches. [1]",
            "Who heads that one?",
            "Who heads the laboratory in Oslo?",
        ),
        ("Which club won?", "Brindle Hythe, with 36 points.", "When had they won it before?", None),
        ("Which excursions are there?", "Two.", "What does the first one cost?", None),
    ],
)
def test_it_is_the_thing_that_an_answer_named(
    asked: str, said: str, question: str, whole: str | None
) -> None:
    whole = (
        whole
        or {
            "When had they won it before?": "When had Brindle Hythe won it before?",
            "What does the first one cost?": "What does the first excursion cost?",
        }[question]
    )
    history = [Turn("user", asked), Turn("assistant", said)]
    assert standalone(question, history, 200) == whole


def test_only_the_last_sentence_is_completed() -> None:
    question = "That is bad. Is it treatable?"
    assert standalone(question, after("What is throat cancer?"), 200) == (
        "That is bad. Is throat cancer treatable?"
    )


def test_a_question_that_would_be_too_long_stays() -> None:
    assert standalone("When did she die?", CURIE, 24) == "When did she die?"
    assert standalone("When did she die?", CURIE, 25) == "When did Marie Curie die?"


@pytest.mark.parametrize(
    "history",
    [(), (Turn("assistant", "Hello"), Turn("user", "  ")), (Turn("user", "Why?"),)],
)
def test_without_a_topic_nothing_changes(history: tuple[Turn, ...]) -> None:
    for question in ("Why?", "Is it?", "", "Is that one there?"):
        assert standalone(question, history, 200) == question


def test_a_long_or_hostile_history_costs_little() -> None:
    history = after(*["the " * 30_000, "a" * 100_000, "(" * 100_000, ". " * 50_000] * 50)
    started = time.process_time()
    by_rule("Is it?", history, 2000, Stop())
    assert time.process_time() - started < 20  # a quadratic search would take hours


STAFF = "How many employees does the office in Paris have?"


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Who is its manager?", "Who is the manager of the office in Paris?"),
        ("When did it open?", "When did the office in Paris open?"),
        ("Where is it?", "Where is the office in Paris?"),
        ("Where do they live?", "Where do the employees live?"),
    ],
)
def test_whose_things_are_counted_is_the_topic(question: str, whole: str) -> None:
    assert standalone(question, after(STAFF), 200) == whole


def test_a_substitution_changes_the_topic_too() -> None:
    asked = [STAFF, "And in Lyon?"]
    assert standalone("Who is its manager?", after(*asked), 200) == (
        "Who is the manager of the office in Lyon?"
    )
    assert standalone("And in Ghent?", after(*asked), 200) == (
        "How many employees does the office in Ghent have?"
    )


def test_nothing_is_taken_from_a_greeting_or_from_what_was_not_answered() -> None:
    refused = [Turn("user", "Who leads Larkfield Ltd?"), Turn("assistant", ABSTENTION)]
    for history in (after("Hello!"), after("Hello, what can you do?"), refused):
        for question in ("When did he join?", "How much is the fee?"):
            assert standalone(question, history, 200) == question
    assert standalone("And Brackwater Ltd?", refused, 200) == "Who leads Brackwater Ltd?"
    before = [*after("What is throat cancer?"), *refused]
    assert standalone("Is it treatable?", before, 200) == "Is throat cancer treatable?"


def test_of_a_message_in_the_history_only_the_question_counts() -> None:
    history = after(f"Hi Anna! I am new here. {STAFF} Thanks, Tom")
    assert standalone("Where is it?", history, 200) == "Where is the office in Paris?"


def test_whether_the_question_as_said_can_stand_alone_is_told() -> None:
    history = after(STAFF)
    for question, certain in (
        ("Who is its manager?", True),
        ("And in Lyon?", True),
        ("Is there a car park?", False),
        ("What is the capital of Australia?", False),
        ("Did the bowls club pay for its mower?", False),  # the club's own, or another's
    ):
        assert by_rule(question, history, 200, Stop()).certain is certain


def test_beside_a_question_only_a_pronoun_is_looked_up() -> None:
    said = "I could not find this in the file."
    for question, whole in (
        ("Where do councillors meet, now that the usual one is taken?", None),
        ("Where is it kept?", "Where is the file kept?"),
    ):
        found = pointed(question, said, Rewritten(question), 200)
        assert found == Rewritten(whole or question)
