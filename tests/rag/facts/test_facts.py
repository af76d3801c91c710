"""Numbers, dates and names: the same however they are written, and missed when they are not."""

from __future__ import annotations

import pytest

from rag.facts.facts import missing, sources


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("It has 1,200 seats.", "1200 seats"),
        ("It has 1 200 seats.", "1,200 seats"),
        ("It has five doors and 12 rooms.", "5 doors, twelve rooms"),
        ("Growth was 25%.", "growth of twenty-five percent"),
        ("Growth was 2.5 per cent.", "Growth: 2,5 %"),
        ("It cost $1.5 million.", "1,500,000 dollars"),
        ("It cost $1.577 billion.", "(in millions) 1,577"),
        ("It took one hundred and five days.", "105 days"),
        ("It was the 3rd.", "the third"),
        ("Version 2.13.0 is out.", "now at 2.13.0"),
        ("On 5 March 2023 it began.", "In 2023, on March 5th, …"),
        ("On March 5, 2023 it began.", "2023-03-05"),
        ("On 5 March it began.", "5.3.2023"),
        ("In March 2023 it began.", "05/03/2023"),
        ("It began in 2023.", "since 5.3.2023"),
        ("Then Kim Jong-un came.", "Jong Un, of the Kim family"),
        ("Then José Núñez came.", "JOSE NUNEZ"),
        ("Then the UN met.", "the United Nations"),
        ("Then the United Nations met.", "the UN met"),
        ("The Italian and the French team won.", "Italy, France"),
        ("Then an American came.", "born in the United States"),
        ("Researchers found one of them.", "nothing"),
        ("However, most of it is gone.", "nothing"),
    ],
)
def test_a_fact_is_found_in_another_form(sentence: str, source: str) -> None:
    assert missing(sentence, sources([source])) == ()


@pytest.mark.parametrize(
    ("sentence", "source", "absent"),
    [
        ("It has 1,300 seats.", "1,200 seats in 3 halls", ("1,300",)),
        ("Growth was 25%.", "growth; 25 apples", ("25%",)),
        ("It cost 5 million.", "5 dollars", ("5 million",)),
        ("It has two doors.", "5 doors", ("two",)),
        ("On 6 March 2023 it began.", "On 5 March 2023, after 6 years", ("6 March 2023",)),
        ("On 5 March 2024 it began.", "2024 began; on 5 March 2023 …", ("5 March 2024",)),
        ("Then Otto Berg came.", "Anna Berg came", ("Otto Berg",)),
        ("Berlin is the capital.", "Paris is the capital.", ("Berlin",)),
        ("Then Austria won.", "Australia won.", ("Austria",)),
        ("The H100 is fast.", "The H200 is fast.", ("H100",)),
        ("Then István Szabó came.", "it is so", ("István Szabó",)),
    ],
)
def test_an_invented_fact_is_named(sentence: str, source: str, absent: tuple[str, ...]) -> None:
    assert missing(sentence, sources([source])) == absent


def test_facts_may_stand_in_several_texts() -> None:
    said = sources(["Anna came", "with 5 dogs"])
    assert missing("Then Anna had 5 dogs.", said) == ()


@pytest.mark.parametrize("sentence", ["", "—", "[…]"])
def test_a_sentence_without_a_word_lacks_nothing(sentence: str) -> None:
    assert missing(sentence, sources(["Ada kept the light."])) == ()
