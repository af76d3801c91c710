"""Sources in the text, for clients that show no annotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openai import OpenAI

from api.openai.sources import sources, without_sources
from rag.answer import Answer, Citation, Passage
from rag.assistant import Assistant
from rag.settings import Settings

CITED = Citation(1, "d", "a.md", "Ants", 3, 0, 17, "Ants dig\ntunnels.", 1.0)
LOCATED = Citation(2, "d", "b.csv", "", None, 0, 4, "Bees", 1.0, location="row 7")
FOUND = Passage(1, "d", "a.md", "Ants", "", None, 0, 500, "ant " * 125, 1, 1, 1, 1)


def answer(text: str, citations: tuple[Citation, ...], passages: tuple[Passage, ...]) -> Answer:
    verdict: Any = "answered" if citations else "unanswered"
    return Answer(text, None, verdict, 0.9, citations, passages, "q", "reader", {})


def test_each_citation_has_its_line() -> None:
    given = answer("Ants dig. [1] Bees. [2]", (CITED, LOCATED), (FOUND,))
    assert sources(given) == (
        "\n\nSources:\n- [1] Ants, p. 3: “Ants dig tunnels.”\n- [2] b.csv, row 7: “Bees”"
    )
    assert without_sources(given.text + sources(given)) == given.text


def test_without_a_citation_the_nearest_passages_are_told() -> None:
    given = answer("The documents don't answer this.", (), (FOUND,) * 5)
    line = f"- Ants: “{'ant ' * 74}ant …”"
    assert sources(given) == f"\n\nNearest passages:\n{line}\n{line}\n{line}"
    assert without_sources(given.text + sources(given)) == given.text
    assert sources(answer("No.", (), ())) == ""
    assert without_sources("No.\n\nSources:\nthe Nile") == "No.\n\nSources:\nthe Nile"


def test_a_setting_puts_them_in_the_text(
    serve: Callable[..., str],
    assistant: Assistant,
    settings: Settings,
    founding: str,
    connect: Callable[[str], OpenAI],
) -> None:
    door = connect(serve(assistant.with_settings(sources_in_text=True)))
    asked: Any = [{"role": "user", "content": "Who is planning to travel to Russia?"}]
    whole: Any = door.chat.completions.create(model="footnote", messages=asked)
    content = whole.choices[0].message.content
    (cited,) = whole.footnote["citations"]
    assert content.startswith(f"{whole.footnote['answer']}\n\nSources:\n- [1] ")
    assert content.endswith(f": “{' '.join(cited['quote'].split())}”")
    streamed: Any = door.chat.completions.create(model="footnote", messages=asked, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == content
    text = door.completions.create(model="footnote", prompt=asked[0]["content"]).choices[0].text
    assert text == content
    asked += [{"role": "assistant", "content": content}]
    asked += [{"role": "user", "content": "What is the capital of Peru?"}]
    nothing: Any = door.chat.completions.create(model="footnote", messages=asked)
    assert "\n\nNearest passages:\n- " in nothing.choices[0].message.content
