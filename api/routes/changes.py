"""Removing documents, reading them anew, and undoing what was removed or replaced."""

from __future__ import annotations

from contextlib import ExitStack, suppress

from fastapi import APIRouter, Request, Response

from api.http.context import TheAssistant, TheBackground, TheJobs, TheLines
from api.http.problems import documented, problem
from api.schemas import Added, Failed, Job, PutBack, Removed, Rereading, SomeDocuments
from api.uploads.background import Background
from api.uploads.jobs import Jobs, Upload
from index.errors import UnknownDocument, UnknownOriginal
from index.index import Index

router = APIRouter(tags=["documents"])

UNDO = "X-Footnote-Undo"
"""The header that a removal is answered with, where it can be undone."""


@router.delete("/v1/documents/{document_id}", status_code=204, responses=documented(403, 404, 503))
async def remove(
    document_id: str, response: Response, assistant: TheAssistant, jobs: TheJobs, lines: TheLines
) -> None:
    """Remove a document from full text, vectors and answers at once. One that a job has yet to add,
    or is adding, does not come back by it. Where it is kept for a while, the header
    `X-Footnote-Undo` has what `POST /v1/undo/…` puts it back by."""
    removed = await lines.writes.run(lambda: _removed([document_id], assistant.index, jobs))
    if removed.undo:
        response.headers[UNDO] = removed.undo


@router.post("/v1/documents/remove", responses=documented(400, 403, 404, 413, 422, 503))
async def remove_several(
    request: Request,
    asked: SomeDocuments,
    assistant: TheAssistant,
    jobs: TheJobs,
    lines: TheLines,
) -> Removed:
    """Remove several documents by their ids, all at once or, with an error, none."""
    request.state.touched = list(asked.documents)  # for the audit log
    return await lines.writes.run(lambda: _removed(asked.documents, assistant.index, jobs))


def _removed(document_ids: list[str], index: Index, jobs: Jobs) -> Removed:
    wanted = list(dict.fromkeys(document_ids))
    stored, uris = [], dict[str, list[str]]()
    for document_id in wanted:
        try:
            found = index.stored(document_id)
            stored.append(document_id)
            uris[document_id] = [found.uri, *found.aliases]
        except UnknownDocument:
            if not (uri := jobs.uri_of(document_id)):
                raise
            uris[document_id] = [uri]
    awaited = {document_id for document_id in wanted if jobs.withdraw(uris[document_id])}
    for document_id in wanted:
        if document_id not in stored and document_id not in awaited:
            raise UnknownDocument.called(document_id)
    undo = index.undo()
    try:
        index.remove_all(stored, undo)
    except UnknownDocument:
        if not awaited.issuperset(wanted):
            raise
    return Removed(documents=wanted, undo=undo.word if undo and stored else None)


@router.post(
    "/v1/documents/reread",
    status_code=202,
    response_model=Rereading,
    response_model_exclude_defaults=True,
    responses=documented(400, 403, 404, 413, 422, 503),
)
async def reread(
    request: Request,
    asked: SomeDocuments,
    assistant: TheAssistant,
    jobs: TheJobs,
    background: TheBackground,
    lines: TheLines,
) -> Rereading | Response:
    """Read documents anew from their originals, by a job: after an update of Footnote, or once text
    recognition is there. What was given as text has none and is named in `errors`."""
    request.state.touched = list(asked.documents)  # for the audit log
    return await lines.writes.run(
        lambda: _reread(asked.documents, assistant.index, jobs, background)
    )


def _reread(
    document_ids: list[str], index: Index, jobs: Jobs, background: Background
) -> Rereading | Response:
    errors, uploads = list[Failed](), list[Upload]()
    with ExitStack() as opened:
        for document_id in dict.fromkeys(document_ids):
            try:
                original = index.original(document_id)
            except UnknownOriginal as error:
                errors.append(Failed(uri=index.stored(document_id).uri, detail=str(error)))
                continue
            opened.enter_context(original.file)
            stored = original.document
            uploads.append(Upload(stored.uri, original.file, stored.media_type))  # type: ignore[arg-type]
        if not uploads:
            detail = " ".join(error.detail for error in errors[:3])
            return problem(422, detail, "UnknownOriginal", [each.model_dump() for each in errors])
        refused = {each.uri for each in errors}
        with suppress(UnknownDocument):
            index.doubt(id_ for id_ in document_ids if index.stored(id_).uri not in refused)
        job = jobs.submit(uploads)
    background.wake()
    return Rereading(job=Job.of(job), errors=errors)


@router.post(
    "/v1/undo/{undo}",
    response_model_exclude_defaults=True,
    responses=documented(403, 404, 409, 503, 507),
)
async def put_back(
    request: Request, undo: str, assistant: TheAssistant, lines: TheLines
) -> PutBack:
    """Put back what a removal took away, or what a file that was added has replaced: with its
    names, its collections and its original, as it was. All of it, or nothing: where another
    document has a name of it by now, that is a problem (409, `name-taken`)."""
    back, again = await lines.writes.run(lambda: assistant.index.put_back(undo))
    request.state.touched = [each.document_id for each in back]  # for the audit log
    return PutBack(documents=[Added.model_validate(each) for each in back], undo=again or None)
