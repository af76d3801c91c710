"""`/v1/documents/{id}/original`, the pictures of its pages, and where its text stands on them.

What comes from here is not ours: no browser runs or shows anything of it but pictures and text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from api.http.context import TheAssistant
from api.http.problems import documented
from api.inline import inline_type
from api.schemas import MarkedPage, Rectangles
from index.originals.views import WIDTHS

router = APIRouter(tags=["documents"])

UNTRUSTED = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_PIECE = 2**18  # bytes that are sent at once

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the bytes, under their media type",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "what the client has is what there is"},
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the page",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    },
    304: {"description": "what the client has is what there is"},
}


@router.get(
    "/v1/documents/{document_id}/original",
    response_class=StreamingResponse,
    responses={**_FILE, **documented(404, 503)},
)
def get_original(
    document_id: str,
    assistant: TheAssistant,
    disposition: Annotated[
        Literal["attachment", "inline"],
        Query(
            description="`inline`: to be shown, as PDF, pictures and plain text are; others are "
            "saved"
        ),
    ] = "attachment",
    if_none_match: Annotated[str | None, Header(description="an ETag")] = None,
) -> Response:
    """The file that a document was read from, byte for byte: kept in the store, or read from its
    synced folder if it has not changed. A member of an archive is given by itself. Browsers are
    told to run nothing of it."""
    original = assistant.index.original(document_id)
    stored = original.document
    etag = f'"{stored.sha256}"'
    shown = inline_type(stored.media_type) if disposition == "inline" else None
    headers = {
        **UNTRUSTED,
        "Content-Type": shown or stored.media_type,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; {_named(original.name)}",
        "ETag": etag,
    }
    if _has(if_none_match, etag):
        original.file.close()
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(original.size)
    return StreamingResponse(_pieces(original.file), headers=headers)


@router.get(
    "/v1/documents/{document_id}/pages/{page}.png",
    response_class=Response,
    responses={**_PICTURE, **documented(404, 422, 503)},
)
def get_page(
    document_id: str,
    page: Annotated[int, Path(ge=1, le=10**6, description="counted from 1")],
    assistant: TheAssistant,
    width: Annotated[
        int, Query(ge=WIDTHS[0], le=WIDTHS[1], description="of the picture, in pixels")
    ] = 1200,
    if_none_match: Annotated[str | None, Header(description="an ETag")] = None,
) -> Response:
    """A page of a PDF as a picture, drawn in a process with limits. A page that is very long is
    drawn less wide."""
    sha256 = assistant.index.stored(document_id).sha256
    etag = f'"{sha256}-{page}-{width}"'
    headers: Mapping[str, str] = {**UNTRUSTED, "ETag": etag}
    if _has(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    picture = assistant.index.views.picture(document_id, page, width)
    return Response(picture, media_type="image/png", headers=headers)


@router.get("/v1/documents/{document_id}/rectangles", responses=documented(404, 422, 503))
def get_rectangles(
    document_id: str,
    assistant: TheAssistant,
    start: Annotated[int, Query(ge=0, le=2**53, description="offset of the stretch in the text")],
    end: Annotated[int, Query(ge=1, le=2**53, description="offset of its end")],
) -> Rectangles:
    """Where a stretch of a PDF's text stands on its pages, such as the `start` and `end` of a
    citation: in fractions of each page, from its upper left corner. The words are found although
    the text has lost its hyphens and running heads, and its tables are written as rows; those of a
    scanned page are where text recognition found them."""
    marked = assistant.index.views.marked(document_id, start, end)
    return Rectangles(pages=[MarkedPage.model_validate(each) for each in marked])


def _has(stated: str | None, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (stated or "").split(",")]
    return etag in tags or "*" in tags


def _named(name: str) -> str:
    """The name of a file as `Content-Disposition` has it (RFC 6266), for old browsers too."""
    plain = "".join(sign if " " <= sign < "\x7f" and sign not in '"\\%' else "_" for sign in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
