"""The command that keeps keys: create, list, revoke, rotate."""

from __future__ import annotations

import getpass
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.access.role import Role
from api.cli.flags import Session
from index.errors import InvalidKey

if TYPE_CHECKING:
    from api.access.key import Key
    from rag.settings import Settings

ONCE = "this is told once; keep it where passwords are kept"


class Action(StrEnum):
    """What to do with keys."""

    LIST = "list"
    CREATE = "create"
    REVOKE = "revoke"
    ROTATE = "rotate"


def key(
    session: Session,
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    name: Annotated[
        str, typer.Argument(help="Who or what the key is for.", show_default=False)
    ] = "",
    role: Annotated[
        Role | None,
        typer.Option(help="reader: asks and reads; editor: adds and removes, too; admin: all."),
    ] = None,
    collections: Annotated[
        list[str] | None,
        typer.Option(
            "--collection",
            metavar="NAME",
            help="Open this collection alone to a reader; may be given several times.",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="When it ends: 12h, 90d, 26w, or a day, 2027-01-31."),
    ] = None,
) -> None:
    """List the keys of the store; create one, revoke it, or give it another secret. Once there is
    one, the server asks for a key; it heeds changes at once. A key is shown when it is created or
    rotated, and never again."""
    _require(action, name, role, expires, collections)
    from api.access.audit import audit_log
    from api.access.key import expiry
    from api.access.keys import keys_of

    settings = session.settings()
    if collections:
        _require_collections(settings, collections)
    keys = keys_of(settings)
    written = None
    if action is Action.LIST:
        found = keys.all()
    elif action is Action.REVOKE:
        found = [keys.revoke(name)]
    else:
        if action is Action.CREATE:
            made, written = keys.create(
                name, role or Role.READER, collections or None, expiry(expires)
            )
        else:
            made, written = keys.rotate(name, expiry(expires))
        found = [made]
    if action is not Action.LIST and (log := audit_log(settings.audit_log)):
        log.note({"who": _user(), "what": f"key {action}", "key": found[0].id, "name": name})
        log.close()
    _tell(session, action, found, written)


def _require_collections(settings: Settings, names: list[str]) -> None:
    """Raises `UnknownCollection`, so that a slip of the pen makes no key that opens nothing."""
    from rag.open_index import open_index

    index = open_index(settings, create=False)
    with index.store.read() as snapshot:
        snapshot.collections.require(names)
    index.close()


def _user() -> str:
    """Who is logged in, by name, or by number where the system has no name."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return str(os.getuid())


def _require(
    action: Action,
    name: str,
    role: Role | None,
    expires: str | None,
    collections: list[str] | None,
) -> None:
    forms = {
        Action.LIST: "",
        Action.CREATE: " NAME --role reader|editor|admin [--collection NAME …] [--expires WHEN]",
        Action.REVOKE: " NAME",
        Action.ROTATE: " NAME [--expires WHEN]",
    }
    fits = bool(name) == (action is not Action.LIST)
    fits = fits and bool(role) == (action is Action.CREATE)
    fits = fits and (not collections or action is Action.CREATE)
    fits = fits and (expires is None or action in (Action.CREATE, Action.ROTATE))
    if not fits:
        raise InvalidKey(
            f"`footnote key {action}` is written `footnote key {action}{forms[action]}`"
        )


def _tell(session: Session, action: Action, found: list[Key], written: str | None) -> None:
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "role": each.role.value,
            "collections": None if each.collections is None else list(each.collections),
            "state": each.state,
            "created_at": each.created_at,
            "expires_at": each.expires_at,
            "revoked_at": each.revoked_at,
        }
        for each in found
    ]
    session.terminal.json({"keys": rows} | ({"key": written} if written else {}))
    if written:
        session.terminal.show(written)
        session.terminal.warn(f"the key {found[0].name!r}: {ONCE}")
    elif action is Action.REVOKE:
        session.terminal.show(f"revoked  {found[0].name}")
    else:
        session.terminal.rows(
            ("id", "name", "role", "collections", "state", "created", "expires"),
            [
                (
                    *(each.id, each.name, each.role.value),
                    "all" if each.collections is None else ", ".join(each.collections),
                    *(each.state, each.created_at, each.expires_at or "never"),
                )
                for each in found
            ],
        )
