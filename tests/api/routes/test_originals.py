"""Originals, pictures of their pages and the places of quotes, over HTTP."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image
from support_pdf import lines_at, pdf_file

PDF = pdf_file([lines_at(["The keeper was called Ada."]), lines_at(["Her brother was Otto."])])
PAGE = b"<html><body><p>Ada kept the light.</p><script>alert(1)</script></body></html>"


def add(client: httpx.Client, name: str, data: bytes) -> str:
    response = client.post("/v1/documents", files={"file": (name, data)})
    assert response.status_code == 201, response.text
    return str(response.json()["documents"][0]["id"])


@pytest.mark.parametrize(
    ("name", "data", "kind", "shown"),
    [
        ("keeper.pdf", PDF, "application/pdf", "application/pdf"),
        ("keeper.html", PAGE, "text/html", None),
        ('notes/été "1".md', b"# Notes\r\n", "text/markdown", "text/plain"),
    ],
)
def test_a_file_comes_back_and_never_runs(
    client: httpx.Client, name: str, data: bytes, kind: str, shown: str | None
) -> None:
    path = f"/v1/documents/{add(client, name, data)}/original"
    response = client.get(path)
    assert (response.status_code, response.content) == (200, data)
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Length"] == str(len(data))
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    inline = client.get(path, params={"disposition": "inline"})
    assert inline.headers["Content-Type"] == (shown or kind)
    disposition = inline.headers["Content-Disposition"]
    assert disposition.startswith("inline;" if shown else "attachment;")
    for headers in (response.headers, inline.headers):
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'"
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_name_of_a_file_is_safe_in_a_header(client: httpx.Client) -> None:
    document = add(client, 'a "b" é.txt', b"Words.")
    named = client.get(f"/v1/documents/{document}/original").headers["Content-Disposition"]
    uri = client.get(f"/v1/documents/{document}").json()["uri"]
    assert uri.endswith("é.txt")
    assert named.count('"') == 2
    assert "é" not in named
    assert named.endswith("%C3%A9.txt")


def test_where_there_is_no_original(client: httpx.Client) -> None:
    body = {"uri": "note", "text": "Ada kept the light."}
    document = client.post("/v1/documents", json=body).json()["documents"][0]["id"]
    for path in (f"/v1/documents/{document}/original", "/v1/documents/none/original"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"
    details = client.get(f"/v1/documents/{document}").json()
    assert (details["original"], details["pictures"]) == (None, False)
    response = client.get(f"/v1/documents/{document}/pages/1.png")
    assert response.status_code == 404
    assert response.json()["title"] == "Unknown page"


def test_a_page_is_a_picture(client: httpx.Client) -> None:
    document = add(client, "keeper.pdf", PDF)
    details = client.get(f"/v1/documents/{document}").json()
    assert (details["original"], details["pictures"], details["headings"]) == ("store", True, [])
    path = f"/v1/documents/{document}/pages"
    first = client.get(f"{path}/1.png", params={"width": 595})
    assert first.headers["Content-Type"] == "image/png"
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(first.content)).size == (595, 842)
    second = client.get(f"{path}/2.png", params={"width": 595})
    assert second.content != first.content
    seen = client.get(
        f"{path}/1.png", params={"width": 595}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert seen.status_code == 304
    assert client.get(f"{path}/3.png").json()["detail"] == (
        "keeper.pdf has no page 3; its pages are 1 to 2"
    )
    for wrong in ("0.png", "x.png", "1.png?width=9999"):
        assert client.get(f"{path}/{wrong}").status_code == 422


def test_where_a_quote_stands(client: httpx.Client) -> None:
    """`Her` is the first word of a line that begins 72 points from the left and stands 750 points
    above the bottom of a page of 595 by 842."""
    document = add(client, "keeper.pdf", PDF)
    text = client.get(f"/v1/documents/{document}/text").text
    start = text.index("Her")
    path = f"/v1/documents/{document}/rectangles"
    (page,) = client.get(path, params={"start": start, "end": start + 3}).json()["pages"]
    assert {name: page[name] for name in ("page", "width", "height", "found")} == {
        "page": 2,
        "width": 595,
        "height": 842,
        "found": 1,
    }
    (box,) = page["rectangles"]
    assert box["left"] == pytest.approx(72 / 595, abs=0.001)
    assert box["right"] == pytest.approx((72 + 12 * (0.722 + 0.556 + 0.333)) / 595, abs=0.001)
    assert box["top"] < (842 - 750) / 842 < box["bottom"]
    for wrong in ({}, {"start": -1, "end": 3}, {"start": 5}):
        assert client.get(path, params=wrong).status_code == 422
    for nowhere in ({"start": 5, "end": 5}, {"start": 900, "end": 910}):
        assert client.get(path, params=nowhere).status_code == 404


def test_a_removed_document_takes_its_original_along(client: httpx.Client) -> None:
    document = add(client, "keeper.pdf", PDF)
    client.get(f"/v1/documents/{document}/pages/1.png")
    assert client.delete(f"/v1/documents/{document}").status_code == 204
    for path in ("original", "pages/1.png", "rectangles?start=0&end=3"):
        assert client.get(f"/v1/documents/{document}/{path}").status_code == 404
