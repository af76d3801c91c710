"""The command that keeps collections: list, create, add, remove, rename, delete."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Session
from index.errors import InvalidCollection

if TYPE_CHECKING:
    from index.records import Collection


class Action(StrEnum):
    """What to do with collections."""

    LIST = "list"
    CREATE = "create"
    ADD = "add"
    REMOVE = "remove"
    RENAME = "rename"
    DELETE = "delete"


def collection(
    session: Session,
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    name: Annotated[str, typer.Argument(help="The collection's name.", show_default=False)] = "",
    documents: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID|URI|FOLDER/…",
            help="Documents, or folders with a / at the end; for rename, the new name.",
        ),
    ] = None,
) -> None:
    """List the collections; create one, add documents to it or remove some, rename or delete it.
    A folder, with a / at its end, puts whatever lies in it into the collection, now and later.
    Deleting a collection leaves its documents in the store."""
    from rag.open_index import open_index

    given = documents or []
    _require(action, name, given)
    index = open_index(session.settings(), create=action is Action.CREATE)
    collections = index.collections
    files = [each for each in given if not each.endswith("/")]
    folders = [each for each in given if each.endswith("/")]
    if action is Action.LIST:
        found = collections.all()
    elif action is Action.CREATE:
        found = [collections.create(name, files, folders)]
    elif action is Action.ADD:
        found = [collections.change(name, add=files, add_folders=folders)]
    elif action is Action.REMOVE:
        found = [collections.change(name, remove=files, remove_folders=folders)]
    elif action is Action.RENAME:
        found = [collections.change(name, new_name=given[0])]
    else:
        collections.delete(name)
        found = []
    index.close()
    _tell(session, found)
    if action is Action.DELETE:
        session.terminal.show(f"deleted  {name}")


def _require(action: Action, name: str, given: list[str]) -> None:
    wanted = {
        Action.LIST: ("", not name),
        Action.CREATE: ("NAME [ID|URI|FOLDER/…]", bool(name)),
        Action.ADD: ("NAME ID|URI|FOLDER/…", bool(name and given)),
        Action.REMOVE: ("NAME ID|URI|FOLDER/…", bool(name and given)),
        Action.RENAME: ("NAME NEW", len(given) == 1),
        Action.DELETE: ("NAME", bool(name) and not given),
    }
    form, fits = wanted[action]
    if not fits:
        given_words = " ".join([name, *given]).strip() or "nothing"
        raise InvalidCollection(
            f"`footnote collection {action}` was given {given_words}; write "
            f"`{f'footnote collection {action} {form}'.strip()}`"
        )


def _tell(session: Session, found: list[Collection]) -> None:
    if session.terminal.as_json:
        from api import schemas

        rows = [schemas.Collection.model_validate(each) for each in found]
        session.terminal.json(schemas.CollectionList(collections=rows))
        return
    if found:
        session.terminal.rows(
            ("name", "documents", "chunks", "folders"),
            [
                (each.name, str(each.documents), str(each.chunks), " ".join(each.folders))
                for each in found
            ],
        )
