"""The question in a message."""

from __future__ import annotations

import time

import pytest

from rag.rewrite.message import Message, read_message

FEE = "How much is the monthly fee?"


@pytest.mark.parametrize(
    "text",
    [
        FEE,
        f"Hi! {FEE} Thanks!",
        "Hello, how much is the monthly fee?",
        "hi how much is the monthly fee?",
        "Good morning Anna, how much is the monthly fee, please?",
        f"Dear all,\n\n{FEE}\n\nBest regards,\nTom",
        "According to the documents, how much is the monthly fee?",
        "Based on the provided context how much is the monthly fee?",
        "How much is the monthly fee, according to the files?",
        f"I have a question: {FEE}",
        "Could you please tell me: how much is the monthly fee?",
        "And also, how much is the monthly fee?",
        f"Quick question. {FEE}",
        f"Can you help me? {FEE}",
        f"Thank you! Now: {FEE}",
        "Could you please tell me how much the monthly fee is?",
        "Do you know how much the monthly fee is?",
        "HOW MUCH IS THE MONTHLY FEE?",
    ],
)
def test_courtesies_and_prefaces_are_no_part_of_it(text: str) -> None:
    assert read_message(text) == Message((FEE,))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("red flashing light Thanks in advance!", "Red flashing light"),
        (
            "Hello, is the lane open on sundays Many thanks and best wishes",
            "Is the lane open on sundays",
        ),
        ("how much is the fee, thank you very much", "How much is the fee"),
        ("How do I say thank you?", "How do I say thank you?"),
    ],
)
def test_thanks_may_follow_without_a_stop(text: str, question: str) -> None:
    assert read_message(text) == Message((question,))


@pytest.mark.parametrize(
    ("text", "question", "context"),
    [
        ("I am new at the file. red flashing light", "red flashing light", "I am new at the file."),
        (
            "We meet tomorrow. is mill lane open on sundays",
            "is mill lane open on sundays",
            "We meet tomorrow.",
        ),
        ("I saw it. is mill lane open on sundays?", "is mill lane open on sundays?", "I saw it."),
        ("The lid is loose now. It rattles.", "The lid is loose now. It rattles.", ""),
        ("Tarn 40. red light", "Tarn 40. red light", ""),  # no statement
        ("fees incl. taxes and charges", "fees incl. taxes and charges", ""),
        ("What does Acme Corp. do in Hull?", "What does Acme Corp. do in Hull?", ""),
    ],
)
def test_what_is_looked_for_after_a_statement(text: str, question: str, context: str) -> None:
    assert read_message(text) == Message((question,), context)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("I need to know when the agreement begins.", "When the agreement begins."),
        ("Can you tell me if the filter can be washed?", "Can the filter be washed?"),
        ("I wonder whether dogs are allowed.", "Are dogs allowed."),
        ("Tell me where the place of jurisdiction is.", "Where is the place of jurisdiction."),
    ],
)
def test_an_indirect_question_is_put_directly(text: str, question: str) -> None:
    assert read_message(text).question == question


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (f"Who digs? And also, {FEE.lower()}", ("Who digs?", FEE)),
        (f"Who digs? Another question: {FEE}", ("Who digs?", FEE)),
        ("Who digs? how hot does it get", ("Who digs?", "how hot does it get")),
        ("Who digs? How hot it was. I left.", ("Who digs?",)),
        ("Can you tell me: may I swim?", ("May I swim?",)),
        ("Could you tell me for how long it is open?", ("For how long it is open?",)),
        ("how hot does it get Please answer briefly.", ("how hot does it get",)),
    ],
)
def test_questions_are_found_however_they_are_joined(text: str, questions: tuple[str, ...]) -> None:
    assert read_message(text).questions == questions


@pytest.mark.parametrize(
    "query",
    [
        "Tell me about sharks.",
        "Name all spare parts of the Tarn 40",
        "mileage rate private car",
        "LC error",
        "Why?",
        "What is in the documents about fees?",
        "Is it better to rent a house or to buy a house in Berlin?",
        "Who is Dr. Smith?",
        "Hello World prints what?",
        "What does 4.0.0 vs. 3.2 change?",
    ],
)
def test_queries_and_imperatives_stay_whole(query: str) -> None:
    assert read_message(query) == Message((query,))
    assert read_message(f"Hi there! {query}").question == query


def test_sentences_beside_the_question_are_its_context() -> None:
    told = "I am new here and took over from a colleague. I could not find this in the file."
    assert read_message(f"Hello! {told} {FEE}") == Message((FEE,), told)
    assert read_message(f"{FEE} I need it for the budget.").context == "I need it for the budget."
    broken = "When I opened the box, it was broken."
    assert read_message(f"{broken} Do I get a new one?") == Message(
        ("Do I get a new one?",), broken
    )
    asked = read_message("i am new here. who is the compliance officer")
    assert asked == Message(("who is the compliance officer",), "i am new here.")


def test_of_a_long_context_the_end_is_kept() -> None:
    asked = read_message(f"{'The hall was cold that year. ' * 700}It was open. {FEE}")
    assert asked.questions == (FEE,)
    assert asked.context.endswith("The hall was cold that year. It was open.")
    assert asked.context.count(".") == 3


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        (f"{FEE} Please answer briefly.", "Please answer briefly."),
        (f"Answer in German. {FEE} Use bullet points.", "Answer in German. Use bullet points."),
        ("In one sentence, how much is the monthly fee?", "In one sentence"),
        ("How much is the monthly fee in one sentence?", "in one sentence"),
        ("Please reply in French: how much is the monthly fee?", "reply in French"),
    ],
)
def test_wishes_on_form_are_kept_apart(text: str, wishes: str) -> None:
    assert read_message(text) == Message((FEE,), wishes=wishes)


def test_a_few_questions_are_all_asked_and_of_many_the_last() -> None:
    assert read_message(f"Hi! {FEE} Who signed it? Thanks").questions == (FEE, "Who signed it?")
    assert read_message(f"{FEE} And also list the sites.").questions == (
        FEE,
        "And also list the sites.",
    )
    form = "What is your name? Where do you live? How old are you?"
    assert read_message(f"{form} {FEE}").questions == (FEE,)


def test_what_front_ends_put_around_the_question() -> None:
    text = f"Use the context.\nContext: It is dear.\n\nQuestion: {FEE}\n\nHelpful Answer:"
    assert read_message(text) == Message((FEE,), "Context: It is dear.", "Use the context.")


@pytest.mark.parametrize("text", ["Hello!", "Thank you very much.", "Hi there, good morning!"])
def test_a_greeting_is_its_own_question(text: str) -> None:
    assert read_message(text) == Message((text,), courtesy=True)


def test_capitals_are_calmed_but_for_names_with_digits() -> None:
    assert read_message("WHAT DOES ERROR E7 OF THE TD40-EU MEAN?").question == (
        "What does error E7 of the TD40-EU mean?"
    )
    assert read_message("TD40-EU WEIGHT").question == "TD40-EU WEIGHT"  # may be a name


def test_a_hostile_message_costs_little() -> None:
    started = time.process_time()
    for text in ("hi" + "!" * 20_000, "hi, " * 5_000, "if " * 6_000 + "is?", "a? " * 6_000):
        read_message(text)
    for text in (", in one sentence" * 1_000, "question: " * 2_000, "and " * 5_000 + "?"):
        read_message(text)
    for text in ("\n" * 20_000, " \n" * 10_000, "question" + ":" * 19_000):
        read_message(text)
    assert time.process_time() - started < 10


def test_a_line_after_a_question_without_a_mark_is_no_part_of_it() -> None:
    asked = read_message("how much is the monthly fee\nI need it for a report.")
    assert asked == Message(("how much is the monthly fee",), "I need it for a report.")
    wrapped = read_message("how much is the fee that\nI must pay each month?")
    assert wrapped.questions == ("how much is the fee that I must pay each month?",)


@pytest.mark.parametrize(
    "text",
    [
        "I was wondering, is the fee monthly?",
        "Is the fee monthly? If possible, in two sentences. Best, Anna",
        "My colleague pays it. Is the fee monthly?",
    ],
)
def test_what_is_said_around_a_question_without_its_words(text: str) -> None:
    (question,) = read_message(text).questions
    assert question.lower() == "is the fee monthly?"


def test_words_to_look_for_before_a_question_are_beside_it() -> None:
    asked = read_message("monthly fee in the north What is due in May?")
    assert asked == Message(("What is due in May?",), "monthly fee in the north")
