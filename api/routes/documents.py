"""`/v1/documents`: adding and reading documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.http.context import TheAssistant, TheBackground, TheJobs, TheLines, TheSettings
from api.http.problems import documented, problem
from api.schemas import (
    Added,
    AddedDocuments,
    DocumentDetails,
    Failed,
    Job,
    NewDocument,
    PendingDocuments,
)
from api.uploads.background import Background
from api.uploads.jobs import Jobs, Upload
from index.errors import CollectionFull, UnreadableFile, UnsupportedFile
from index.filter import collection_name
from index.load.documents import from_text
from index.load.parse import Refused
from index.load.sources import Loaded, Source, load_each
from index.originals.original import where
from index.sync.add_loaded import add_all
from rag.assistant import Assistant
from rag.settings import Settings

router = APIRouter(tags=["documents"])

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "binary"},
                        "description": "one or more files; the file name becomes the uri",
                    },
                    "collection": {
                        "type": "string",
                        "description": "the collection to put them into, which is made where "
                        "there is none",
                    },
                },
            }
        },
        "application/json": {
            "schema": NewDocument.model_json_schema(),
            "examples": {
                "text": {
                    "summary": "A document given as text",
                    "value": {
                        "uri": "notes/lighthouse.md",
                        "title": "The lighthouse",
                        "text": "The lighthouse keeper was called Ada Brandt. She kept the light "
                        "for forty years.",
                        "metadata": {"author": "Footnote", "date": "2024-05-01"},
                    },
                }
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a form, which lie on disk when large, and the collection that they are for."""

    files: list[UploadFile]
    collection: str | None


async def received(request: Request) -> AsyncIterator[NewDocument | Files]:
    """The body: one document as JSON, or the files of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            sent = await request.body()
            document = await run_sync(NewDocument.model_validate_json, sent)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False, include_context=False)
            if faults[0]["type"] == "json_invalid":
                raise HTTPException(400, f"The body is not JSON: {faults[0]['msg']}.") from None
            raise RequestValidationError(
                [fault | {"loc": ("body", *fault["loc"])} for fault in faults]
            ) from None
        yield document
    elif kind == "multipart/form-data":
        async with request.form() as form:
            files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
            if not files:
                raise HTTPException(422, "The form has no file; send one or more parts `file`.")
            collection = form.get("collection")
            if not isinstance(collection, str | None):
                raise HTTPException(422, "The part `collection` is a file; send a name.")
            yield Files(files, collection)
    else:
        raise HTTPException(
            415, "Send files as multipart/form-data, or one document as application/json."
        )


def sources(files: list[UploadFile]) -> Iterator[Source]:
    """Each file of a form, read when it is its turn."""
    for file in files:
        yield Source(file.filename or "", partial(_named, file), file.content_type)


def _named(file: UploadFile) -> bytes:
    if not file.filename:
        raise UnreadableFile("A file without a name cannot be added; give it a name.")
    return file.file.read()


def uploads_of(body: NewDocument | Files) -> tuple[list[Upload], int]:
    """What a job would add, and its size in bytes."""
    named = body.collection
    if isinstance(body, NewDocument):
        data = body.model_dump_json(exclude={"collection"}).encode()
        return [Upload(body.uri, BytesIO(data), is_text=True, collection=named)], len(data)
    uploads = [
        Upload(each.filename or "", each.file, each.content_type or "", collection=named)
        for each in body.files
    ]
    return uploads, sum(each.size or 0 for each in body.files)


@router.post(
    "/v1/documents",
    status_code=201,
    response_model=AddedDocuments,
    response_model_exclude_defaults=True,
    responses={202: {"model": PendingDocuments}, **documented(400, 403, 413, 415, 422, 503, 507)},
    openapi_extra={"requestBody": BODY},
)
async def add(
    request: Request,
    body: Annotated[NewDocument | Files, Depends(received)],
    assistant: TheAssistant,
    settings: TheSettings,
    jobs: TheJobs,
    background: TheBackground,
    lines: TheLines,
) -> AddedDocuments | Response:
    """Add documents: files as a form, or one text as JSON. A uri that is known already is
    `replaced`, or `unchanged` where the bytes are the same; what was replaced is put back by
    `POST /v1/undo/…` with the `undo` of its document. Each file in a ZIP archive is a
    document of its own, `archive.zip!/its/path`; one that is gone from the archive is removed.
    All are put into `collection`, where one is named. Where some files of several cannot be read,
    the others are added and `errors` names those and why; where none can, the response is a
    problem: 415 if every file is of an unsupported kind, else 422; 507 where the
    collection is full. Large uploads, and what would
    overtake one of them, are answered with 202 at once, and added by a job."""
    touched = request.state.touched = list[str]()  # for the audit log
    return await lines.writes.run(
        lambda: _added(body, assistant, settings, jobs, background, touched)
    )


def _added(
    body: NewDocument | Files,
    assistant: Assistant,
    settings: Settings,
    jobs: Jobs,
    background: Background,
    touched: list[str],
) -> AddedDocuments | Response:
    if body.collection is not None:
        collection_name(body.collection)
    uploads, size = uploads_of(body)
    if size > settings.background_mb * 1e6 or jobs.awaits(each.uri for each in uploads):
        job = Job.of(jobs.submit(uploads))
        background.wake()
        touched += [each.id for each in job.documents]
        pending = PendingDocuments(documents=job.documents, job=job)
        return JSONResponse(pending.model_dump(mode="json", exclude_defaults=True), 202)
    index = assistant.index
    failures: list[Refused] = []
    loaded: Iterable[Loaded]
    if isinstance(body, NewDocument):
        loaded = [from_text(body.uri, body.title, body.text, body.metadata, index.parsing)]
    else:
        loaded = load_each(sources(body.files), index.parsing)
    adding = add_all(index, loaded, failures.append, collection=body.collection, undo=index.undo())
    added = list[Added]()
    try:
        added += (Added.model_validate(one) for one in adding)
    except CollectionFull as error:
        if not added:
            raise
        failures += _left(uploads, added, failures, error)
    errors = [Failed(uri=one.uri, detail=str(one.error)) for one in failures]
    touched += [each.id for each in added]
    if not added:
        unsupported = all(isinstance(one.error, UnsupportedFile) for one in failures)
        return problem(
            415 if unsupported else 422,
            " ".join(error.detail for error in errors[:3]),
            "UnsupportedFile" if unsupported else "UnreadableFile",
            [error.model_dump() for error in errors],
        )
    return AddedDocuments(documents=added, errors=errors)


def _left(
    uploads: list[Upload], added: list[Added], failures: list[Refused], error: CollectionFull
) -> list[Refused]:
    """The files of an upload that were not reached before the collection was full; of an archive
    a part may be stored."""
    done = {one.uri for one in added} | {one.uri for one in failures}
    return [Refused(each.uri, error) for each in uploads if each.uri not in done]


@router.get("/v1/documents/{document_id}", responses=documented(404, 503))
def get_document(document_id: str, assistant: TheAssistant) -> DocumentDetails:
    """One document, without its text."""
    index = assistant.index
    return DocumentDetails.of(
        index.stored(document_id), index.document(document_id), where(index.store, document_id)
    )


@router.get(
    "/v1/documents/{document_id}/text",
    response_class=PlainTextResponse,
    responses=documented(404, 503),
)
def get_text(document_id: str, assistant: TheAssistant) -> PlainTextResponse:
    """The whole extracted text of a document; all offsets count its Unicode code points."""
    return PlainTextResponse(assistant.index.document(document_id).text)
