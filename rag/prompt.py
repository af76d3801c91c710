"""The prompt: a Jinja2 template over passages that can do nothing but be read."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from index.errors import InvalidSetting
from rag.answer import Passage
from rag.answerer import REFUSAL

OURS = Path(__file__).parent / "templates" / "answer.jinja"
_TITLE_CHARACTERS = 200
_UNSEEN = re.compile(  # control characters, overrides of direction, tags, halves of surrogate pairs
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_BRACKETED = re.compile(r"\[([\d,;\s–-]+|\s*/?[A-Za-z_]{3,}\s*)\]")
_ANGLES = str.maketrans("<>", "‹›")


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


def harmless(text: str) -> str:
    """Text of a document that can neither be a marker, nor a tag, nor a control token of a model:
    angle brackets become ‹ and ›, `[1]` and `[INST]` get round brackets, and characters that no
    one sees are taken out."""
    return _BRACKETED.sub(r"(\1)", _UNSEEN.sub("", text)).translate(_ANGLES)


def on_one_line(text: str) -> str:
    """The beginning of harmless `text`, on one line."""
    return " ".join(harmless(text).split())[:_TITLE_CHARACTERS]


def barred(text: str) -> str:
    """Harmless `text` with a bar before each line, so that none can pass for one of ours. Empty
    lines are left out."""
    return _behind("|", text)


def quoted(text: str) -> str:
    """The same with an angle bracket before each line: the words of the API's client, which are
    no document's."""
    return _behind(">", text)


def _behind(sign: str, text: str) -> str:
    lines = (line.strip() for line in harmless(text).splitlines())
    return "\n".join(f"{sign} {line}" for line in lines if line)
