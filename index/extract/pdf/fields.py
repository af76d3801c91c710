"""What a person has filled in and noted on a page of a PDF: the fields of its form, its notes and
text boxes, none of which are in its text."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from index.extract.content import File
from index.text.clean import clean

_BUTTON, _CHECK_BOX, _RADIO, _SIGNATURE = 1, 2, 3, 7  # PDFium's kinds of fields
_TEXT_BOX, _WIDGET, _FILE = 3, 20, 17  # and of annotations
_NOTES = {1, *range(4, 16)}  # notes, lines, shapes, marked and struck words, stamps, carets
_HIDDEN = 2
_LARGEST = 200 * 1024 * 1024  # bytes of a file within
_PASSWORD = 1 << 13
_LINE = 14.0  # points, the most that a line of a field is taken to be high


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is filled in, and its place in points from the lower left corner of the page."""

    name: str
    value: str
    left: float
    bottom: float
    right: float
    top: float
    is_box: bool = False

    @property
    def height(self) -> float:
        return max(min(self.top - self.bottom, _LINE), 1.0)

    @property
    def baseline(self) -> float:
        """Of its only line, or of the first of several."""
        lines = self.top - self.bottom < 2 * _LINE
        return self.bottom + 0.25 * self.height if lines else self.top - 0.75 * self.height


@dataclass(frozen=True, slots=True)
class Additions:
    """`notes` are blocks of text; `left_out` names what can't be read, once for each."""

    fields: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


def additions_of(page: Any, form: Any) -> Additions:
    """Those on an open PDFium page; `form` is PDFium's form of the document, or none."""
    import pypdfium2.raw as pdfium

    fields, notes, left_out, files = [], [], [], []
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        with _annotation(page, number) as one:
            kind = pdfium.FPDFAnnot_GetSubtype(one)
            if not one or pdfium.FPDFAnnot_GetFlags(one) & _HIDDEN:
                continue
            if kind == _WIDGET and form is not None:
                field = _field(one, form)
                if isinstance(field, Field):
                    fields.append(field)
                elif field:
                    left_out.append(field)
            elif kind in (_TEXT_BOX, *_NOTES):
                words, author = (_stated(one, key) for key in (b"Contents", b"T"))
                lead = "" if kind == _TEXT_BOX else f"Note ({author}): " if author else "Note: "
                notes += [lead + words] if words else []
            elif kind == _FILE:
                file = file_of(pdfium.FPDFAnnot_GetFileAttachment(one))
                if file.data:
                    files.append(file)
                else:
                    left_out.append("files attached to a page")
    return Additions(tuple(fields), tuple(notes), tuple(left_out), tuple(files))


def file_of(attachment: Any) -> File:
    """The file that a PDF holds; an empty one where it is damaged or lies elsewhere."""
    import pypdfium2.raw as pdfium

    if not attachment:
        return File("", b"")
    name = _words(pdfium.FPDFAttachment_GetName, attachment)
    size = ctypes.c_ulong()
    pdfium.FPDFAttachment_GetFile(attachment, None, 0, size)
    if not 0 < size.value <= _LARGEST:
        return File(clean(name), b"")
    buffer = ctypes.create_string_buffer(size.value)
    read = pdfium.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
    return File(clean(name), buffer.raw if read else b"")


@contextmanager
def _annotation(page: Any, number: int) -> Iterator[Any]:
    import pypdfium2.raw as pdfium

    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    try:
        yield annotation
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _field(annotation: Any, form: Any) -> Field | str:
    """The field, or what it is if it can't be read; "" where it says nothing."""
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind == _SIGNATURE:
        return "signatures"
    if kind <= _BUTTON:
        return ""
    value = _words(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    is_box = kind in (_CHECK_BOX, _RADIO)
    if is_box:
        ticked = pdfium.FPDFAnnot_IsChecked(form, annotation)
        means = _words(pdfium.FPDFAnnot_GetFormFieldExportValue, form, annotation)
        value = f"☑ {means}".strip() if ticked else "☐"
    elif value and pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return "passwords"
    if not value:
        return ""
    place = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, place)
    name = _words(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or _words(
        pdfium.FPDFAnnot_GetFormFieldName, form, annotation
    )
    return Field(name, value, place.left, place.bottom, place.right, place.top, is_box)


def _stated(annotation: Any, key: bytes) -> str:
    import pypdfium2.raw as pdfium

    return _words(pdfium.FPDFAnnot_GetStringValue, annotation, key)


def _words(read: Callable[..., int], *of: Any) -> str:
    """What one of PDFium's functions writes into a buffer, in UTF-16."""
    import pypdfium2.raw as pdfium

    size = read(*of, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 2))
    read(*of, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0").strip()
