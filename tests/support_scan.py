"""PDFs of scanned pages."""

from __future__ import annotations

import zlib

WORDS = ["The keeper of the harbour", "light was called Ada Brandt."]


def scan(*pages: str) -> bytes:
    """A PDF of scanned pages: "image" is a picture of `WORDS`, "photo" one of nothing, "stamped"
    a picture of the words under a number in text, "" an empty page, and all else is text."""
    picture, blank = _picture(WORDS), _picture([])
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for page in pages:
        drawn, kind = b"", blank if page == "photo" else picture
        if page in ("image", "photo", "stamped"):
            drawn = b"q 595 0 0 842 0 0 cm /I Do Q "
        if page not in ("", "image", "photo"):
            words = "No. 0042" if page == "stamped" else page
            drawn += b"BT /F 12 Tf 72 20 Td (%s) Tj ET" % words.encode()
        number = len(objects) + 1
        objects.append(
            b"<< /Type /XObject /Subtype /Image /Width 1190 /Height 1684 /ColorSpace /DeviceGray "
            b"/BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (len(kind), kind)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /F 3 0 R >> /XObject << /I %d 0 R >> >> >>" % (number + 1, number)
        )
        kids.append(b"%d 0 R" % (number + 2))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    data = b"%PDF-1.4\n"
    for number, content in enumerate(objects, 1):
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return data + b"trailer\n<< /Root 1 0 R /Size %d >>\n%%%%EOF" % (len(objects) + 1)


def _picture(lines: list[str]) -> bytes:
    """A page of grey pixels, 1190 × 1684, with `lines` written on it, deflated."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1190, 1684), 255)
    font = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((140, 300 + 60 * number), line, font=font, fill=0)
    return zlib.compress(page.tobytes())
