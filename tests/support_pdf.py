"""PDF files made of operators, for tests."""

from __future__ import annotations

from collections.abc import Sequence


def pdf_file(
    pages: Sequence[str],
    info: str = "",
    bookmarks: Sequence[tuple[str, int]] = (),
    annotations: Sequence[str] = (),
) -> bytes:
    """A PDF whose page n is drawn by the operators `pages[n]` (font /F1 is Helvetica). `info` is
    the inside of the information dictionary; a bookmark is a title and a page counted from 0;
    `annotations` are the insides of those on the first page, fields of the form among them."""
    page_ids = [5 + 2 * number for number in range(len(pages))]
    first = 5 + 2 * len(pages)  # the outline, then its entries
    noted = range(first + len(bookmarks) + 1, first + len(bookmarks) + len(annotations) + 1)
    drawn = " ".join(f"{number} 0 R" for number in noted)
    kids = " ".join(f"{number} 0 R" for number in page_ids)
    objects = {
        1: (
            f"<< /Type /Catalog /Pages 2 0 R /Outlines {first} 0 R "
            f"/AcroForm << /Fields [{drawn}] >> >>"
        ),
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: f"<< {info} >>",
    }
    for number, operators in zip(page_ids, pages, strict=True):
        objects[number] = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R "
            f"{f'/Annots [{drawn}]' if number == page_ids[0] else ''} >>"
        )
        objects[number + 1] = f"<< /Length {len(operators)} >>\nstream\n{operators}\nendstream"
    last = first + len(bookmarks)
    ends = f"/First {first + 1} 0 R /Last {last} 0 R" if bookmarks else ""
    objects[first] = f"<< /Type /Outlines {ends} /Count {len(bookmarks)} >>"
    for number, (title, page) in enumerate(bookmarks, first + 1):
        following = f"/Next {number + 1} 0 R" if number < last else ""
        objects[number] = (
            f"<< /Title ({title}) /Parent {first} 0 R {following} "
            f"/Dest [{page_ids[page]} 0 R /Fit] >>"
        )
    for number, inside in zip(noted, annotations, strict=True):
        objects[number] = f"<< /Type /Annot {inside} >>"
    data, places = b"%PDF-1.4\n", []
    for number in sorted(objects):
        places.append(len(data))
        data += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        data
        + f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode()
        + f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R /Info 4 0 R >>\n".encode()
        + f"startxref\n{len(data)}\n%%EOF\n".encode()
    )


def lines_at(lines: Sequence[str], x: int = 72, y: int = 750, size: int = 12) -> str:
    """The operators that write `lines` below one another from (x, y), 1.2 × `size` apart."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"BT /F1 {size} Tf {size * 1.2:g} TL {x} {y} Td {shown} ET"
