"""Every setting as a flag, before the command or after it."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.terminal import Terminal
from index.errors import InvalidFilter
from index.filter import scoped
from rag.settings import Settings, read_settings

SWITCHES = frozenset({"allow_anonymous"})  # settings whose flag takes no value


@dataclass(frozen=True, slots=True)
class Session:
    """What a command runs with: the flags that were given, and the terminal."""

    flags: Mapping[str, str] = field(default_factory=dict)
    config: Path | None = None
    terminal: Terminal = field(default_factory=Terminal)

    def settings(self) -> Settings:
        """The settings under the flags. Raises InvalidSetting."""
        if self.config is not None:
            os.environ["FOOTNOTE_CONFIG"] = str(self.config)
        return read_settings(self.flags)


Place = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PLACE",
        help="Only these documents: a folder where it holds a / (hr/), a glob where it holds a * "
        "or ? ('hr/**/*.md'), else a collection's name (hr).",
    ),
]


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


Run = Callable[..., None]


def with_flags(*shown: str) -> Callable[[Run], Run]:
    """Makes `function(session, …)` a Typer command that also takes every setting, `--config` and
    `--json` as flags. Its help names `--store` and the settings in `shown`; the others work too
    and stand in the help of `footnote` itself."""

    def decorate(function: Run) -> Run:
        @wraps(function)
        def run(context: typer.Context, **values: Any) -> None:
            flags = {name: values.pop(name) for name in Settings.model_fields}
            config, as_json = values.pop("config"), values.pop("as_json")
            outer = context.obj if isinstance(context.obj, Session) else Session()
            given = {name: str(value) for name, value in flags.items() if value is not None}
            session = Session(
                {**outer.flags, **given},
                config or outer.config,
                Terminal(as_json or outer.terminal.as_json),
            )
            context.obj = session
            function(session, **values)

        keyword = inspect.Parameter.KEYWORD_ONLY
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter("context", keyword, annotation=typer.Context),
                *(
                    each.replace(kind=keyword)
                    for each in [*own, *_flags(frozenset({"store", *shown}))]
                ),
            ]
        )
        return run

    return decorate


@cache
def _flags(shown: frozenset[str]) -> tuple[inspect.Parameter, ...]:
    panel = "Settings"
    annotations: dict[str, Any] = {}
    for name, setting in Settings.model_fields.items():
        is_switch = name in SWITCHES
        option = typer.Option(
            _flag(name),
            metavar=None if is_switch else "VALUE",
            help=f"{setting.description} (default: {setting.default})",
            hidden=name not in shown,
            rich_help_panel=panel,
        )
        annotations[name] = Annotated[bool | None if is_switch else str | None, option]
    annotations["config"] = Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="TOML file of settings", rich_help_panel=panel
        ),
    ]
    annotations["as_json"] = Annotated[
        bool, typer.Option("--json", help="Print one JSON document.", rich_help_panel=panel)
    ]
    return tuple(
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if name == "as_json" else None,
            annotation=annotation,
        )
        for name, annotation in annotations.items()
    )


def scope(text: str | None, place: str | None) -> Mapping[str, object] | None:
    """The filter given as JSON and the place to ask in, both of which must hold. Raises
    InvalidFilter."""
    return scoped(parse_filter(text), place)


def parse_filter(text: str | None) -> dict[str, object] | None:
    """The filter given as JSON. Raises InvalidFilter."""
    if text is None:
        return None
    try:
        conditions = json.loads(text)
    except ValueError as error:
        raise InvalidFilter(f"--filter {text!r} is not JSON ({error}); mend it") from error
    if not isinstance(conditions, dict):
        raise InvalidFilter(f'--filter {text!r} is no object; give one such as {{"author": "Ada"}}')
    return conditions
