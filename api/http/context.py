"""What every handler may ask for: who asks, the app's assistant, settings, metrics, lines, jobs,
folders."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.access.caller import Caller
from api.access.sign_in import SignIn
from api.folders.following import Following
from api.http.counts import LastCounts
from api.http.draining import Ending
from api.http.lines import Lines
from api.http.metrics import Metrics
from api.uploads.background import Background
from api.uploads.jobs import Jobs
from rag.assistant import Assistant
from rag.settings import Settings


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _assistant(request: Request) -> Assistant:
    """Of the documents that are open to who asks."""
    caller: Caller = request.state.caller
    if caller.collections is None:
        assistant: Assistant = request.app.state.assistant
    else:
        assistant = request.app.state.confined.to(caller.collections)
    return assistant


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _lines(request: Request) -> Lines:
    lines: Lines = request.app.state.lines
    return lines


async def _counts(request: Request) -> LastCounts:
    counts: LastCounts = request.app.state.counts
    return counts


async def _ending(request: Request) -> Ending:
    ending: Ending = request.app.state.ending
    return ending


async def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


async def _sign_in(request: Request) -> SignIn | None:
    sign_in: SignIn | None = request.app.state.sign_in
    return sign_in


async def _background(request: Request) -> Background:
    background: Background = request.app.state.background
    return background


async def _following(request: Request) -> Following:
    following: Following = request.app.state.following
    return following


TheCaller = Annotated[Caller, Depends(_caller)]
TheAssistant = Annotated[Assistant, Depends(_assistant)]
TheSettings = Annotated[Settings, Depends(_settings)]
TheMetrics = Annotated[Metrics, Depends(_metrics)]
TheLines = Annotated[Lines, Depends(_lines)]
TheCounts = Annotated[LastCounts, Depends(_counts)]
TheEnding = Annotated[Ending, Depends(_ending)]
TheJobs = Annotated[Jobs, Depends(_jobs)]
TheSignIn = Annotated[SignIn | None, Depends(_sign_in)]
TheBackground = Annotated[Background, Depends(_background)]
TheFollowing = Annotated[Following, Depends(_following)]
BEARER = Depends(  # which says in OpenAPI that a key is sent; the gate is what looks at it
    HTTPBearer(
        auto_error=False,
        description="a key that `footnote key create` made; none where none was ever made",
    )
)
