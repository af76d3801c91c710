"""Checks field sets: every string of their questions stands in the documents, every field is known.

    python -m rag.train.check_field rag/train/field/*/

Prints one line for each fault and what each set holds; exits with 1 where there is a fault.
"""

from __future__ import annotations

import collections
import html.parser
import json
import pathlib
import re
import sys

FIELDS = "id domain question answerable answers evidence relevant kind history".split()
KINDS = set(
    "number table why condition latest person comparison how-to fact keywords yesno code list date"
    " negation place definition near-miss off-topic false-premise".split()
)


INLINE = frozenset("b i em strong a span code sup sub abbr small".split())


class Visible(html.parser.HTMLParser):
    """The text of a page that a reader sees, cells set apart by blanks."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style", "title")
        if tag not in INLINE:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "title")
        if tag not in INLINE:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(text: str) -> str:
    """The text with runs of white space made one blank."""
    return re.sub(r"\s+", " ", text).strip()


def seen(path: pathlib.Path) -> str:
    """What a reader of the file sees, white space made even."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".html", ".htm"):
        page = Visible()
        page.feed(text)
        text = "".join(page.parts)
    return plain(text)


def faults(folder: pathlib.Path) -> list[str]:
    """One line for each fault of a set."""
    found: list[str] = []
    texts = {
        f"documents/{path.name}": seen(path) for path in sorted((folder / "documents").iterdir())
    }
    if not 11 <= len(texts) <= 16:
        found.append(f"{len(texts)} documents, should be 12 to 15")
    for name, text in texts.items():
        if not (name.endswith((".csv", ".tsv")) or 650 <= len(text.split()) <= 1700):
            found.append(f"{name}: {len(text.split())} words, should be 700 to 1,500")
    rows = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
    ids = collections.Counter(row.get("id") for row in rows)
    for row in rows:
        name = row.get("id")
        if list(row) != FIELDS:
            found.append(f"{name}: fields {list(row)}, should be {FIELDS}")
            continue
        if ids[name] > 1:
            found.append(f"{name}: id used twice")
        if row["kind"] not in KINDS:
            found.append(f"{name}: unknown kind {row['kind']!r}")
        for place in row["relevant"]:
            if place not in texts:
                found.append(f"{name}: no document {place}")
        if row["answerable"] and not (row["answers"] and row["evidence"] and row["relevant"]):
            found.append(f"{name}: answerable, but answers, evidence or relevant is empty")
        if not row["answerable"] and (row["answers"] or row["evidence"]):
            found.append(f"{name}: unanswerable, but has answers or evidence")
        around = [texts[place] for place in row["relevant"] if place in texts]
        for quote in row["evidence"]:
            if not any(plain(quote) in text for text in around):
                found.append(f"{name}: evidence not in its documents: {quote!r}")
        for answer in row["answers"]:
            if not any(plain(answer).lower() in text.lower() for text in around):
                found.append(f"{name}: answer not in its documents: {answer!r}")
    return found


def main() -> None:
    failed = False
    for folder in map(pathlib.Path, sys.argv[1:]):
        lines = faults(folder)
        failed |= bool(lines)
        print(*(f"{folder.name}: {line}" for line in lines), sep="\n")
        rows = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
        kinds = collections.Counter(row["kind"] for row in rows)
        answerable = sum(row["answerable"] for row in rows)
        several = sum(len(row["evidence"]) > 1 for row in rows)
        follow_ups = sum(bool(row["history"]) for row in rows)
        print(
            f"{folder.name}: {len(rows)} questions, {answerable} answerable, {several} with "
            f"several pieces of evidence, {follow_ups} follow-ups; {dict(kinds.most_common())}"
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
