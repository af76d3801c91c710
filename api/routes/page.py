"""`GET /`: the chat page."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import StrictUndefined

from api.http.context import TheAssistant, TheSettings
from api.http.languages import COOKIE, Words, language_of, languages
from rag.inquiry import max_message
from rag.settings import Settings


def fill(words: str, **given: object) -> str:
    """`words` with what is `given` in the place of the names in braces."""
    for name, value in given.items():
        words = words.replace(f"{{{name}}}", str(value))
    return words


router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).parents[1] / "templates")
templates.env.undefined = StrictUndefined
templates.env.filters["fill"] = fill

# Questions to try, shown only where the founding document, known by its digest, is in the store.
FOUNDING_SHA256 = "73f3a0cfb3ba3f17c9c4fc2ff79f9a0c9a584b5d7ae1ebfa55d511ab6a08fe6f"
QUESTIONS = (
    "Who is planning to travel to Russia?",
    "What warning did the United States give North Korea?",
    "What is the capital of Australia?",
)
STARTS = {
    "Ollama": "ollama serve",
    "LM Studio": "lms server start",
    "vLLM": "vllm serve MODEL --port 8001",
    "llama.cpp": "llama-server -m MODEL.gguf --port 8080",
}
"""How the servers of language models that people have are started."""
OVERVIEW = "What are these documents about?"


def label(answerer: str, settings: Settings, words: Words) -> str:
    """What the page calls an answerer."""
    if answerer == "reader":
        return str(words["answerer.reader"])
    model = settings.chat_model
    return fill(str(words["answerer.chat"]), model=model) if model else answerer


@router.get("/", response_class=HTMLResponse)
def page(request: Request, assistant: TheAssistant, settings: TheSettings) -> HTMLResponse:
    """The page, which does the rest through the same endpoints as any other client."""
    language = language_of(request)
    words = languages()[language]
    return templates.TemplateResponse(
        request,
        "page.html",
        {
            "language": language,
            "languages": {code: each["language"] for code, each in languages().items()},
            "chosen_language": request.cookies.get(COOKIE, ""),
            "starts": STARTS,
            "say": words,
            "max_message": max_message(settings),
            "max_upload": settings.max_upload_mb,
            "founding": FOUNDING_SHA256,
            "questions": QUESTIONS,
            "overview": OVERVIEW,
            "signs_in": settings.oidc_issuer is not None,
            "answerers": {name: label(name, settings, words) for name in assistant.answerers},
            "threshold": assistant.min_confidence,
            "unsure": assistant.min_unsure,
        },
        headers={"Content-Language": language, "Vary": "Accept-Language, Cookie"},
    )
