"""What readers say of answers, kept as the JSON lines that an evaluation reads."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from index.errors import InvalidQuestion
from index.index import Index
from rag.answer import Turn

FILE = "feedback.jsonl"
Rating = Literal["up", "down"]


class Feedback:
    """The file of feedback in `folder`. May be appended to by many threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def keep(
        self,
        index: Index,
        question: str,
        history: Sequence[Turn],
        rating: Rating,
        places: Sequence[tuple[str, int, int]],
        *,
        answerable: bool | None = None,
    ) -> str:
        """Adds a line, and gives its id. `places` are (document id, start, end) of what answers, as
        it is stored now; where there are none, and it isn't said whether the documents answer the
        question, the line tells nothing to measure by.

        Raises `UnknownDocument`, and `InvalidQuestion` for a place beyond the end of its document.
        """
        quotes = [index.quote(*place) for place in places]
        for quote, (document_id, start, end) in zip(quotes, places, strict=True):
            if len(quote.text) < end - start:
                raise InvalidQuestion(
                    f"document '{document_id}' ends before character {end}; give another place"
                )
        answers = [quote.text for quote in quotes]
        row: dict[str, object] = {
            "id": f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}",
            "question": question,
            "history": [asdict(turn) for turn in history],
            "kind": "feedback",
            "rating": rating,
        }
        if answers or answerable is not None:
            row |= {
                "answerable": bool(answers) if answerable is None else answerable,
                "answers": answers,
                "evidence": answers,
                "relevant": list(dict.fromkeys(quote.uri for quote in quotes)),
            }
        line = json.dumps(row, ensure_ascii=False) + "\n"
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line.encode("utf-8", "replace"))
        finally:
            os.close(file)
        return str(row["id"])

    def lines(self) -> str:
        """All that was kept, oldest first; "" where nothing was."""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else ""
