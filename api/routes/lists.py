"""`GET /v1/documents` and `/v1/tree`: the library as a list, and as folders."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, TypeAdapter
from starlette.exceptions import HTTPException

from api.http.context import TheAssistant
from api.http.problems import documented
from api.schemas import DocumentPage, Folder, Stored, Tree
from index.filter import parse_filter, within
from index.records import Key, Listing, Sort

router = APIRouter(tags=["documents"])

Offset = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**31,
        deprecated=True,
        description="documents to pass over, which takes longer the more they are; `after` doesn't",
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="most documents to return")]
After = Annotated[
    str | None,
    Query(max_length=10_000, description="a `next` or a mark of the same list: what follows it"),
]
Marks = Annotated[
    bool,
    Query(
        description="give `marks` too: one for every `limit` documents, after which the next "
        "stretch of so many begins, so that any part of the list can be had at once"
    ),
]
In = Annotated[
    str | None,
    Query(
        alias="in",
        max_length=1000,
        description="only those of a collection (`hr`), a folder (`hr/`) or a glob (`hr/*.md`)",
    ),
]
Sought = Annotated[
    str,
    Query(
        max_length=1000,
        description="words, each of which is in the title or the uri, whatever the capitals and "
        "accents",
    ),
]
Sorted = Annotated[
    Sort,
    Query(
        description="by when each was first stored, by title, by when its text was added, by how "
        "long that is, by how many pages it has"
    ),
]


_Number = Annotated[int, Field(strict=True, ge=-(2**62), le=2**62)]
_Text = Annotated[str, Field(strict=True)]
_BY_TEXT = TypeAdapter[tuple[str, int]](tuple[_Text, _Number])
_BY_NUMBER = TypeAdapter[tuple[int, int]](tuple[_Number, _Number])


@router.get("/v1/documents", responses=documented(404, 422, 503))
def list_documents(
    assistant: TheAssistant,
    limit: Limit = 100,
    after: After = None,
    sort: Sorted = "stored",
    descending: Annotated[bool, Query(description="the other way round")] = False,
    query: Sought = "",
    place: In = None,
    marks: Marks = False,
    offset: Offset = None,
) -> DocumentPage:
    """The documents in the store, a page at a time: sorted, and sought in. `next`, given as
    `after`, leads to the page that follows, whatever was added or removed meanwhile."""
    scope = parse_filter(None if place is None else within(place))
    listing = Listing(sort, descending, query)
    if offset and (after is not None or listing != Listing()):
        raise HTTPException(
            422, "An offset goes with no sort, query or after; page by the `next` of each page."
        )
    key = None if after is None else _key(after, sort)
    with assistant.index.store.read() as snapshot:
        extent = snapshot.extent(listing, limit if marks else 0, scope)
        if offset:
            found, last = snapshot.documents(offset, limit, scope), None
        else:
            page = snapshot.listed(listing, limit, key, scope)
            found, last = list(page.documents), page.last
    return DocumentPage(
        documents=[Stored.model_validate(one) for one in found],
        offset=offset or 0,
        limit=limit,
        total=extent.total,
        next=None if last is None else _cursor(last),
        marks=[_cursor(mark) for mark in extent.marks] if marks else None,
    )


def _cursor(key: Key) -> str:
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _key(cursor: str, sort: Sort) -> Key:
    """The key that a cursor of a list with this sort stands for."""
    try:
        decoded = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        kind = _BY_TEXT if sort in ("name", "added") else _BY_NUMBER
        return kind.validate_json(decoded)
    except ValueError:  # pydantic's and that of base64
        raise HTTPException(
            422, f"`after` is no `next` of a list sorted by `{sort}`; begin again without it."
        ) from None


@router.get("/v1/tree", responses=documented(422, 503))
def list_folders(
    assistant: TheAssistant,
    folder: Annotated[
        str, Query(max_length=1000, description="such as `hr/`; empty for what is outermost")
    ] = "",
) -> Tree:
    """The folders that lie directly in one, each with how many documents are in it at any depth;
    `GET /v1/documents?in=FOLDER` lists those. A folder that holds but one other and no document is
    passed over, so that `/home/ann/papers/` is one step."""
    folders = []
    with assistant.index.store.read() as snapshot:
        for name, documents in snapshot.subfolders(folder.rstrip("/") + "/" if folder else ""):
            inner, deeper = name, snapshot.subfolders(name)
            while len(deeper) == 1 and deeper[0][1] == documents:
                inner = deeper[0][0]
                deeper = snapshot.subfolders(inner)
            folders.append(Folder(folder=inner, documents=documents, folders=len(deeper)))
    return Tree(folder=folder, folders=folders)
