"""The commands that keep a store safe: backup, restore."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.flags import Session


def backup(
    session: Session,
    target: Annotated[Path, typer.Argument(help="The folder to make, best on another disk.")],
) -> None:
    """Copy the whole store, as it is at one instant, into a new folder, and check the copy. Others
    may ask and add meanwhile. The folder is there when all of it is."""
    from api.backups.backup import make_backup

    with session.terminal.progress("Backing up") as done:
        made = make_backup(session.settings(), target, done)
    told = made.manifest
    session.terminal.json(
        {"target": str(target), **asdict(told), "problems": made.problems},
    )
    session.terminal.show(f"{target}: {told.documents:,} documents, {told.chunks:,} chunks, sound")
    for problem in made.problems:
        session.terminal.warn(problem)
    if made.problems:
        raise typer.Exit(1)


def restore(
    session: Session,
    backup: Annotated[Path, typer.Argument(help="The folder that `footnote backup` made.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the documents that the store holds.")
    ] = False,
) -> None:
    """Make the store what a backup holds, and check it. A store that holds documents is left
    alone, unless told with --replace."""
    from api.backups import restore as restoring

    with session.terminal.progress("Restoring") as done:
        restored = restoring.restore(session.settings(), backup, replace, done)
    told = restored.manifest
    session.terminal.json(
        {
            "documents": told.documents,
            "chunks": told.chunks,
            "made_at": told.made_at,
            "problems": restored.problems,
        }
    )
    session.terminal.show(
        *restored.problems,
        f"{told.documents:,} documents, {told.chunks:,} chunks as of {told.made_at}, "
        f"{len(restored.problems)} problems",
    )
    if restored.problems:
        raise typer.Exit(1)
