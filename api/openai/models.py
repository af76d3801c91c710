"""`/v1/models` and `/v1/embeddings`, for clients of OpenAI's API."""

from __future__ import annotations

import base64
import time
from typing import Annotated

from fastapi import APIRouter, Body, Response
from fastapi.openapi.models import Example

from api.http.context import TheAssistant, TheLines
from api.openai import schemas as wire
from api.openai.asking import models_of
from api.openai.errors import DEFAULT, Refused, documented, unknown_model
from api.openai.fields import ignored_header
from index.embed.embedder import Embedder

router = APIRouter(tags=["openai"])

SPECIAL_TOKENS = 2  # what an embedder sets around a text
STARTED = int(time.time())

EXAMPLES: dict[str, Example] = {
    "texts": {
        "summary": "Two texts",
        "value": {"model": "footnote", "input": ["Ada kept the light.", "The lamp was lit."]},
    },
}


@router.get("/v1/models", responses=documented(403))
def list_models(assistant: TheAssistant) -> wire.Models:
    """What a chat may name as `model`: `footnote`, the default one, each answerer, and
    `footnote/NAME` for each collection, of which alone it asks then. For embeddings, `footnote` is
    the embedder, which has a name of its own too."""
    return wire.Models(data=[_model(name) for name in models_of(assistant)])


@router.get("/v1/models/{model:path}", responses=documented(403, 404))
def retrieve_model(model: str, assistant: TheAssistant) -> wire.Model:
    """One of the models, or the embedder."""
    names = (*models_of(assistant), assistant.index.embedder.name)
    if model not in names:
        raise unknown_model(model, names)
    return _model(model)


def _model(name: str) -> wire.Model:
    return wire.Model(id=name, created=STARTED)


@router.post("/v1/embeddings", responses=documented(400, 403, 404, 413, 415, 503))
async def embeddings(
    asked: Annotated[wire.EmbeddingRequest, Body(openapi_examples=EXAMPLES)],
    assistant: TheAssistant,
    response: Response,
    lines: TheLines,
) -> wire.Embeddings:
    """The unit vectors of texts, made as those of documents are. OpenAI's form cannot tell a
    question from a document; with an embedder that treats them differently, as the packaged one
    does not, ask questions through /v1/search. A text that is too long is refused, never cut."""
    embedder = assistant.index.embedder
    if asked.model not in (DEFAULT, embedder.name):
        raise unknown_model(asked.model, (DEFAULT, embedder.name))
    if asked.dimensions not in (None, embedder.dim):
        message = f"dimensions: '{embedder.name}' has {embedder.dim}, which can't be changed"
        raise Refused(400, message, "dimensions", "invalid_request")
    response.headers.update(ignored_header(asked.ignored(by_reader=False)))
    return await lines.questions.run(lambda: _embedded(asked, embedder))


def _embedded(asked: wire.EmbeddingRequest, embedder: Embedder) -> wire.Embeddings:
    tokens = embedder.count_tokens(asked.input)
    most = embedder.max_tokens - SPECIAL_TOKENS
    for place, count in enumerate(tokens):
        if count > most:
            message = f"input[{place}]: has {count} tokens, the most is {most}; send it in parts"
            raise Refused(400, message, f"input[{place}]", "context_length_exceeded")
    in_base64 = asked.encoding_format == "base64"
    vectors = embedder.passages(asked.input).astype("<f4")
    return wire.Embeddings(
        data=[
            wire.Embedding(
                index=place,
                embedding=base64.b64encode(vector).decode() if in_base64 else vector.tolist(),
            )
            for place, vector in enumerate(vectors)
        ],
        model=embedder.name,
        usage=wire.EmbeddingUsage(prompt_tokens=sum(tokens), total_tokens=sum(tokens)),
    )
