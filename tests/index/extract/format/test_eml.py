"""E-mail and web archives."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from index.errors import UnreadableFile
from index.load.documents import load_bytes


def _mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "Ada Ray <ada@example.org>"
    mail["To"] = "Bo <bo@example.org>, cy@example.org"
    mail["Date"] = "Mon, 06 May 2024 23:30:00 -0200"
    return mail


_HEAD = (
    "Subject: Größe\nFrom: Ada Ray <ada@example.org>\nTo: Bo <bo@example.org>, cy@example.org\n"
    "Date: Mon, 06 May 2024 23:30:00 -0200"
)


def test_fields_text_and_attachments() -> None:
    mail = _mail("Größe")
    mail.set_content("Dear Bo,\n\nit is 5 m.  \n-- \nAda\n")
    mail.add_alternative("<p>It is <b>6</b> m.</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="application", subtype="pdf", filename="plan.png")
    loaded = load_bytes(mail.as_bytes(), "a.eml")
    assert loaded.text == f"{_HEAD}\n\nDear Bo,\n\nit is 5 m.\n--\nAda\n\nAttachments: plan.png"
    assert loaded.title == "Größe"
    assert loaded.metadata == {
        "author": "Ada Ray",
        "date": "2024-05-06",
        "left_out": "attached file plan.png",
    }
    assert loaded.media_type == "message/rfc822"


def test_the_fuller_of_two_forms_is_read() -> None:
    mail = _mail("Größe")
    mail.set_content("Your reader shows no HTML.")
    page = "<p>The invoice of May is for 640 crowns, to be paid by the 15th.</p>"
    mail.add_alternative(page, subtype="html")
    text = load_bytes(mail.as_bytes(), "a.eml").text
    assert text == f"{_HEAD}\n\nThe invoice of May is for 640 crowns, to be paid by the 15th."


def test_what_others_wrote_is_marked() -> None:
    mail = _mail("Größe")
    mail.set_content(
        "We pay 400.\n\nOn Sunday Bo wrote:\n> Do you pay 300?\n\nYours, Ada\n\n"
        "-----Original Message-----\nFrom: Cy\n\nIs it 200?\n"
    )
    loaded = load_bytes(mail.as_bytes(), "a.eml")
    assert loaded.text == (
        f"{_HEAD}\n\nWe pay 400.\n\nOn Sunday Bo wrote:\n\n> Do you pay 300?\n\nYours, Ada\n\n"
        "-----Original Message-----\n\n> From: Cy\n>\n> Is it 200?"
    )
    places = [
        loaded.location_at(loaded.text.index(words)) for words in ("400", "300", "Yours", "Is it")
    ]
    assert places == ["", "quoted message", "", "quoted message"]


def test_what_html_quotes_is_marked() -> None:
    mail = _mail("Größe")
    mail.set_content(
        "<p>We pay 400.</p><blockquote><p>Do you pay 300?</p></blockquote>"
        '<div id="divRplyFwdMsg">From: Cy</div><p>Is it 200?</p>',
        subtype="html",
    )
    text = load_bytes(mail.as_bytes(), "a.eml").text
    assert text == (f"{_HEAD}\n\nWe pay 400.\n\n> Do you pay 300?\n\n> From: Cy\n>\n> Is it 200?")


def test_html_beside_the_text_is_read_too() -> None:
    mail = MIMEMultipart("mixed")
    mail["Subject"] = "Tea"
    mail.attach(MIMEText("See below."))
    mail.attach(MIMEText("<p>Green tea.</p>", "html"))
    assert load_bytes(mail.as_bytes(), "a.eml").text == "Subject: Tea\n\nSee below.\n\nGreen tea."


def test_html_is_read_where_there_is_no_other_text() -> None:
    mail = _mail("Größe")
    mail.set_content("<h2>News</h2><p>It&nbsp;is <b>6</b> m.</p>", subtype="html")
    loaded = load_bytes(mail.as_bytes(), "a.eml")
    assert loaded.text == f"{_HEAD}\n\nNews\n\nIt is 6 m."
    assert loaded.text[loaded.headings[0].start : loaded.headings[0].end] == "News"


def test_an_enclosed_message_is_read() -> None:
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("The words inside.")
    mail = _mail("Größe")
    mail.set_content("See below.")
    mail.add_attachment(inner)
    loaded = load_bytes(mail.as_bytes(), "a.eml")
    assert loaded.text == (
        f"{_HEAD}\n\nSee below.\n\nEnclosed message:\n\nSubject: Inner\n\nThe words inside."
    )
    assert loaded.location_at(0) == ""
    assert loaded.location_at(loaded.text.index("inside")) == "enclosed message 1"


def test_an_unknown_character_set_and_a_bad_date() -> None:
    data = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\nDate: yesterday\n"
        b"Content-Type: text/plain; charset=x-none\n\nGr\xc3\xbc\xc3\x9fe"
    )
    loaded = load_bytes(data, "a.eml")
    assert loaded.text == "From: Jörg <j@example.org>\nDate: yesterday\n\nGrüße"
    assert loaded.metadata == {"author": "Jörg"}


def test_a_part_that_only_claims_to_be_text_is_an_attachment() -> None:
    mail = _mail("Größe")
    mail.set_content("See below.")
    mail.add_attachment(bytes(range(256)), maintype="text", subtype="plain")
    del list(mail.iter_parts())[1]["Content-Disposition"]
    text = load_bytes(mail.as_bytes(), "a.eml").text
    assert text == f"{_HEAD}\n\nSee below.\n\nAttachments: text/plain"


def test_what_has_no_field_of_a_message_is_no_mail() -> None:
    with pytest.raises(UnreadableFile, match=r"a\.eml is no e-mail"):
        load_bytes(b"Just words.\n\nAnd more.", "a.eml")


def _web_archive(subtype: str) -> bytes:
    archive = MIMEMultipart("related")
    archive["Subject"] = "The page"
    archive.attach(MIMEText("<h1>Tea</h1><p>Grüner Tee.</p>", subtype, "utf-8"))
    archive.attach(MIMEText("p { color: red }", "css"))
    return archive.as_bytes()


def test_the_page_of_a_web_archive() -> None:
    loaded = load_bytes(_web_archive("html"), "a.mhtml")
    assert (loaded.text, loaded.title) == ("Tea\n\nGrüner Tee.", "Tea")
    with pytest.raises(UnreadableFile, match="web archive without a page"):
        load_bytes(_web_archive("plain"), "a.mht")


def test_the_head_of_another_message_needs_no_line_above_it() -> None:
    mail = _mail("Größe")
    mail.set_content(
        "We pay 400.\n\nFrom: Cy\nSent: Monday, May 6\nTo: Ada\nSubject: Fee\n\nIs it 200?\n"
    )
    text = load_bytes(mail.as_bytes(), "a.eml").text
    head = "> From: Cy\n> Sent: Monday, May 6\n> To: Ada\n> Subject: Fee"
    assert text == f"{_HEAD}\n\nWe pay 400.\n\n{head}\n>\n> Is it 200?"
    own = _mail("Größe")
    own.set_content("Dear Bo,\n\nFrom: the quay\nit is 5 m.\n")
    assert load_bytes(own.as_bytes(), "a.eml").text.endswith("From: the quay\nit is 5 m.")


def test_what_outlook_draws_a_line_above_is_quoted() -> None:
    mail = _mail("Größe")
    mail.set_content(
        "<div><p>We pay 400.</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        "<p><b>From:</b> Cy<br><b>Sent:</b> Monday<br><b>Subject:</b> Fee</p></div></div>"
        "<p>Is it 200?</p></div>",
        subtype="html",
    )
    text = load_bytes(mail.as_bytes(), "a.eml").text
    quoted = "> From: Cy\n> Sent: Monday\n> Subject: Fee\n>\n> Is it 200?"
    assert text == f"{_HEAD}\n\nWe pay 400.\n\n{quoted}"
