"""The `footnote` command."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.backup import backup, restore
from api.cli.collection import collection
from api.cli.copy import copy
from api.cli.eval import evaluate
from api.cli.export import export, import_
from api.cli.flags import Place, Session, scope, with_flags
from api.cli.key import key
from api.cli.lines import edit_lines
from api.cli.mcp import mcp
from api.cli.original import original
from api.cli.quota import quota
from api.cli.remove import remove
from api.cli.serve import serve
from api.cli.store import add, check, compact, list_, reindex
from api.cli.sync import sync
from api.cli.terminal import answer_lines, passage_lines, understood_lines
from index.errors import (
    CollectionExists,
    FootnoteError,
    InvalidCollection,
    InvalidDataset,
    InvalidFilter,
    InvalidKey,
    InvalidQuestion,
    InvalidSetting,
    UnknownCollection,
    UnknownKey,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from api import schemas
    from rag.answer import Answer, Turn

WRONG_INPUT = (
    CollectionExists,
    InvalidCollection,
    InvalidDataset,
    InvalidFilter,
    InvalidKey,
    InvalidQuestion,
    InvalidSetting,
    UnknownCollection,
    UnknownKey,
)
UNANSWERED = 3
SERVING = ("host", "port", "allow_anonymous", "certfile", "keyfile")  # settings that help shows

app = typer.Typer(
    name="footnote",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    epilog="Every setting is also FOOTNOTE_<NAME> in the environment and a line of footnote.toml; "
    "a flag wins, before the command or after it. Exit codes: 0 done, 1 failed, 2 wrong input, "
    "130 interrupted.",
)

Top = Annotated[int | None, typer.Option("-k", help="Passages to retrieve, 1 to 100.")]
Filter = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="JSON",
        help='Only documents whose metadata match, such as {"author": "Ada"} or '
        '{"date": {"from": "2024-01-01"}}.',
    ),
]

AsWritten = Annotated[
    bool,
    typer.Option(
        "--as-written",
        help="Ask exactly what is written: mend no spelling, leave out no word.",
    ),
]
AS_WRITTEN = "="


def search(
    session: Session,
    query: Annotated[str, typer.Argument(help="The words or the question to look for.")],
    k: Top = None,
    filter: Filter = None,
    place: Place = None,
) -> None:
    """Find the passages that match best."""
    from rag.build import build
    from rag.write.no_answer import why_nothing

    assistant = build(session.settings(), create=False)
    conditions = scope(filter, place)
    found = assistant.search(query, k=k, filter=conditions)
    note = "" if found else why_nothing(assistant.index, conditions)
    if session.terminal.as_json:
        from api import schemas

        session.terminal.json(
            schemas.Passages(
                passages=[schemas.Passage.model_validate(each) for each in found], note=note
            )
        )
    session.terminal.show(*passage_lines(found))
    if not found:
        session.terminal.warn(f"{note} `footnote list` shows which documents there are")


def ask(
    session: Session,
    question: Annotated[str, typer.Argument(help="The question, in words; - reads it from stdin.")],
    k: Top = None,
    filter: Filter = None,
    place: Place = None,
    as_written: AsWritten = False,
) -> None:
    """Answer a question with footnotes. Exits with 0 when there is an answer, sure or
    unsure, and with 3 when the documents do not tell; then the nearest passages are shown."""
    from rag.build import build

    if question == "-":
        question = sys.stdin.read()
    assistant = build(session.settings(), create=False)
    conditions = scope(filter, place)
    answer = assistant.ask(question, k=k, filter=conditions, rewrite=not as_written)
    if session.terminal.as_json:
        from api import schemas

        session.terminal.json(schemas.Answer.of(answer))
    session.terminal.show(*understood_lines(question, answer), *answer_lines(answer))
    if answer.verdict == "unanswered":
        raise typer.Exit(UNANSWERED)


def chat(session: Session, k: Top = None, filter: Filter = None, place: Place = None) -> None:
    """Ask one question after the other, each in the light of those before it; an empty line ends.
    On a terminal a line can be edited, and those of earlier chats are found with the arrow keys.
    A line of = asks the last question again exactly as written, = and a question asks that so.

    With --json the questions are read from stdin, one a line, and one document holds all answers.
    """
    from api import schemas
    from rag.build import build

    assistant = build(session.settings(), create=False)
    conditions = scope(filter, place)
    history: list[Turn] = []
    answers: list[schemas.Answer] = []
    typed = sys.stdin.isatty() and not session.terminal.as_json
    if typed:
        edit_lines()
    last = ""
    while line := _question("\n> " if typed else ""):
        rewrite = not line.startswith(AS_WRITTEN)
        if line == AS_WRITTEN:  # in place of the last turn
            question, history = last, history[:-2]
        else:
            question = last = line.removeprefix(AS_WRITTEN).strip()
        try:
            answer = assistant.ask(
                question, history=history, k=k, filter=conditions, rewrite=rewrite
            )
        except InvalidQuestion as error:
            if session.terminal.as_json:
                raise
            session.terminal.warn(str(error))
            continue
        answers.append(schemas.Answer.of(answer))
        understood = [*understood_lines(question, answer)]
        hint = [f"(a line of {AS_WRITTEN} asks it exactly as written)\n"] if understood else []
        session.terminal.show(*understood, *hint, *answer_lines(answer))
        history += _turns(question, answer)
    session.terminal.json({"answers": [each.model_dump(mode="json") for each in answers]})


def _question(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""


def _turns(question: str, answer: Answer) -> list[Turn]:
    from rag.answer import Turn

    return [Turn("user", question), Turn("assistant", answer.text)]


def say_version(wanted: bool) -> None:
    """Ends the command with its version, where that is `wanted`."""
    if wanted:
        Session().terminal.show(f"footnote {metadata.version('footnote')}")
        raise typer.Exit


def every(
    session: Session,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=say_version, help="Say which version this is."
        ),
    ] = False,
) -> None:
    """Answers questions from your own documents and proves every answer with a footnote."""


app.callback()(with_flags(*Settings.model_fields)(every))
for command, name, shown in (
    (add, "add", ()),
    (sync, "sync", ()),
    (list_, "list", ()),
    (original, "original", ()),
    (remove, "remove", ()),
    (collection, "collection", ()),
    (quota, "quota", ()),
    (search, "search", ()),
    (ask, "ask", ()),
    (chat, "chat", ()),
    (serve, "serve", SERVING),
    (key, "key", ()),
    (mcp, "mcp", SERVING),
    (evaluate, "eval", ()),
    (check, "check", ()),
    (reindex, "reindex", ("embedder", "chunk_tokens", "chunk_overlap")),
    (compact, "compact", ()),
    (backup, "backup", ()),
    (restore, "restore", ()),
    (export, "export", ()),
    (import_, "import", ()),
    (copy, "copy", ()),
):
    app.command(name)(with_flags(*shown)(command))


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        app()
    except FootnoteError as error:
        Session().terminal.warn(str(error))
        sys.exit(2 if isinstance(error, WRONG_INPUT) else 1)
