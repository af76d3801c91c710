"""The prompt: a Jinja2 template over passages that can do nothing but be read."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from index.errors import InvalidSetting
from rag.answer import Passage
from rag.chat.harmless import barred, on_one_line, quoted
from rag.write.answerer import REFUSAL

OURS = Path(__file__).parent / "templates" / "answer.jinja"


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as a template sees it: one line of title, a date (may be empty), and the text,
    each of whose lines begins with a bar. All of it is harmless."""

    number: int
    title: str
    date: str
    text: str


_SAMPLE_QUESTION = "What is sampled here?"
_SAMPLE = (Shown(7041, "One", "2024-01-31", "| Text of one."), Shown(7042, "Two", "", "| Of two."))


class Prompt:
    """The template in a file, or ours. It is given `question`, `passages` (of `Shown`),
    `refusal`, the sentence that says that they hold no answer, and `instructions`, what the client
    of the API asks for beside: quoted lines, or nothing.

    Raises `InvalidSetting`, at once, for a file that cannot be read, for a fault of syntax, for
    a name that is not given, and for leaving out the question or a passage's number or text.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = OURS if path is None else path
        environment = SandboxedEnvironment(
            loader=FileSystemLoader(self._path.parent),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        self._template = self._loaded(environment)
        sample = self._rendered(_SAMPLE_QUESTION, _SAMPLE)
        wanted = [("question", _SAMPLE_QUESTION)]
        for shown in _SAMPLE:
            wanted += [("passages[…].number", str(shown.number)), ("passages[…].text", shown.text)]
        for name, value in wanted:
            if value not in sample:
                raise InvalidSetting(
                    f"chat template {self._path} never shows `{name}`; write {{{{ … }}}} of it, "
                    "for every passage"
                )

    def render(self, question: str, passages: Sequence[Passage], instructions: str = "") -> str:
        """The prompt that asks `question` of passages, numbered from 1."""
        shown = [
            Shown(
                number,
                on_one_line(passage.title),
                on_one_line(str(passage.metadata.get("date", ""))),
                barred(passage.text),
            )
            for number, passage in enumerate(passages, start=1)
        ]
        return self._rendered(question, shown, quoted(instructions))

    def _loaded(self, environment: SandboxedEnvironment) -> Template:
        try:
            return environment.get_template(self._path.name)
        except TemplateSyntaxError as error:
            raise self._invalid(error.lineno, error) from error
        except (TemplateNotFound, OSError, UnicodeDecodeError) as error:
            raise InvalidSetting(
                f"chat template {self._path} cannot be read; set FOOTNOTE_CHAT_TEMPLATE to a file "
                "in UTF-8, or leave it out"
            ) from error

    def _rendered(self, question: str, passages: Sequence[Shown], instructions: str = "") -> str:
        try:
            return self._template.render(
                question=question, passages=passages, refusal=REFUSAL, instructions=instructions
            )
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            lines = [
                frame.lineno
                for frame in traceback.extract_tb(error.__traceback__)
                if frame.filename == self._template.filename
            ]
            line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
            raise self._invalid(line, error) from error

    def _invalid(self, line: int | None, error: Exception) -> InvalidSetting:
        fault = " ".join(str(error).split()).rstrip(".")
        return InvalidSetting(
            f"chat template {self._path}, line {line}: {fault}; mend it, or leave "
            "FOOTNOTE_CHAT_TEMPLATE out"
        )
