"""`GET /`: the chat page."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from api.http.context import TheAssistant, TheSettings
from rag.inquiry import max_message
from rag.settings import Settings

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).parents[1] / "templates")

# Questions to try, shown only where the founding document, known by its digest, is in the store.
FOUNDING_SHA256 = "73f3a0cfb3ba3f17c9c4fc2ff79f9a0c9a584b5d7ae1ebfa55d511ab6a08fe6f"
QUESTIONS = (
    "Who is planning to travel to Russia?",
    "What warning did the United States give North Korea?",
    "What is the capital of Australia?",
)


def label(answerer: str, settings: Settings) -> str:
    """What the page calls an answerer."""
    if answerer == "reader":
        return "The documents, word for word"
    return f"A language model ({settings.chat_model})" if settings.chat_model else answerer


@router.get("/", response_class=HTMLResponse)
def page(request: Request, assistant: TheAssistant, settings: TheSettings) -> HTMLResponse:
    """The page, which does the rest through the same endpoints as any other client."""
    return templates.TemplateResponse(
        request,
        "page.html",
        {
            "max_message": max_message(settings),
            "max_upload": settings.max_upload_mb,
            "founding": FOUNDING_SHA256,
            "questions": QUESTIONS,
            "answerers": {name: label(name, settings) for name in assistant.answerers},
            "threshold": assistant.min_confidence,
            "unsure": assistant.min_unsure,
        },
    )
