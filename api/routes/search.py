"""`POST /v1/search`: the passages that fit a query best."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example

from api.http.context import TheAssistant, TheLines
from api.http.problems import documented
from api.schemas import Passage, Passages, SearchRequest
from rag.write.no_answer import why_nothing

router = APIRouter(tags=["search"])

EXAMPLES: dict[str, Example] = {
    "words": {"summary": "Some words", "value": {"query": "weapons for Russia", "k": 3}},
    "dates": {
        "summary": "Documents of one year",
        "value": {
            "query": "What warning did the United States give North Korea?",
            "filter": {"date": {"from": "2023-01-01", "to": "2023-12-31"}},
        },
    },
    "folder": {
        "summary": "Documents of one folder",
        "value": {"query": "weapons for Russia", "filter": {"uri": {"prefix": "seeds/"}}},
    },
}


@router.post("/v1/search", responses=documented(400, 403, 404, 413, 415, 422, 503))
async def search(
    asked: Annotated[SearchRequest, Body(openapi_examples=EXAMPLES)],
    assistant: TheAssistant,
    lines: TheLines,
) -> Passages:
    """Find the passages that fit the query best, best first, by meaning and by words."""

    def found() -> Passages:
        passages = assistant.search(asked.query, k=asked.k, filter=asked.filter)
        note = "" if passages else why_nothing(assistant.index, asked.filter)
        return Passages(passages=[Passage.model_validate(one) for one in passages], note=note)

    return await lines.searches.run(found)
