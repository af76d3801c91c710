"""The pages of a document's PDF file as a person sees them, made in a limited process."""

from __future__ import annotations

from index.document import Document
from index.errors import UnknownPage
from index.extract.limits import Parsing
from index.extract.ocr import READ, pages_in
from index.extract.pdf.view import Marked, Stretch
from index.load.pool import ask
from index.load.process import ParseJob
from index.load.questions import Draw, Mark, marked_of
from index.originals.cache import Cache
from index.originals.original import open_original
from index.store import Store

PDF = "application/pdf"
MOST_PAGES = 20  # that a stretch of text may reach over
WIDTHS = (100, 2400)  # pixels


class Views:
    """The pictures seen last are kept in `pictures`, so that they are not drawn again."""

    def __init__(self, store: Store, pictures: Cache, parsing: Parsing) -> None:
        self._store = store
        self._parsing = parsing
        self._pictures = pictures

    def picture(self, document_id: str, page: int, width: int) -> bytes:
        """A page, counted from 1, as a PNG. Raises `UnknownDocument`, `UnknownOriginal`,
        `UnknownPage` and `UnreadableFile`."""
        with self._store.read() as snapshot:
            document = snapshot.stored(document_id)
        _require_pdf(document.uri, document.media_type)

        def draw() -> bytes:
            return ask(self._job(document_id), Draw(page, width))[1]

        return self._pictures.get((document.sha256, page, width), draw)

    def marked(self, document_id: str, start: int, end: int) -> list[Marked]:
        """Where `text[start:end]` of a document stands on its pages, in order. Raises as `picture`
        does."""
        with self._store.read() as snapshot:
            document = snapshot.document(document_id)
        _require_pdf(document.uri, document.media_type)
        stretches = _stretches(document, start, end)
        if not stretches:
            raise UnknownPage(
                f"{document.uri} has no text from {start} to {end}; it has {len(document.text):,} "
                "characters"
            )
        if len(stretches) > MOST_PAGES:
            raise UnknownPage(
                f"{start} to {end} reaches over {len(stretches)} pages of {document.uri}; ask for "
                f"{MOST_PAGES} at most"
            )
        return marked_of(ask(self._job(document_id), Mark(tuple(stretches)))[0])

    def _job(self, document_id: str) -> ParseJob:
        original = open_original(self._store, document_id, self._parsing)
        return ParseJob(original.document.uri, original.read(), self._parsing)


def _require_pdf(uri: str, media_type: str) -> None:
    if media_type != PDF:
        raise UnknownPage(f"{uri} is no PDF, and only pages of those are drawn; see its text")


def _stretches(document: Document, start: int, end: int) -> list[Stretch]:
    """What of `text[start:end]` stands on each page."""
    scanned = pages_in(str(document.metadata.get(READ, "")))
    ends = [*document.pages[1:], len(document.text)]
    return [
        Stretch(
            page,
            document.text[begin:stop],
            max(start - begin, 0),
            min(end, stop) - begin,
            page in scanned,
        )
        for page, (begin, stop) in enumerate(zip(document.pages, ends, strict=True), start=1)
        if max(start, begin) < min(end, stop)
    ]
