"""The web application: the contract over HTTP and the page."""

from __future__ import annotations

from asyncio import Lock, create_task, sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from api.access.audit import audit_log
from api.access.confined import ConfinedAssistants
from api.access.keys import keys_of
from api.access.roles import NEEDED, Table
from api.folders.following import Following
from api.http import problems
from api.http.callers import Callers
from api.http.context import BEARER
from api.http.counts import LastCounts
from api.http.draining import Draining, Ending
from api.http.gate import Gate
from api.http.generations import Generational
from api.http.guard import SECURITY_HEADERS, Guard, let_in
from api.http.hosts import Hosts, require_consent
from api.http.lines import Lines
from api.http.metrics import Measured, Metrics
from api.http.rates import Limited, rates_of
from api.http.traced import Traced
from api.http.trail import Trail, access_stream
from api.openai import chat, completions, errors, models, responses
from api.routes import (
    ask,
    changes,
    collections,
    documents,
    feedback,
    folders,
    health,
    jobs,
    lists,
    originals,
    page,
    quotas,
    search,
    sign_in,
    whoami,
)
from api.routes import (
    settings as settings_routes,
)
from api.uploads.background import Background
from api.uploads.open_jobs import open_jobs
from index.errors import StoreBusy, StoreUnusable
from index.index import Index
from rag.assistant import Assistant
from rag.settings import Settings

_EXPIRING_SECONDS = 60
DESCRIPTION = """Answers questions from your own documents and proves every answer with a footnote.

Errors are `application/problem+json` (RFC 9457); at the OpenAI-compatible paths they have OpenAI's
form. Offsets count Unicode code points."""


async def _expiring(index: Index) -> None:
    """Throws away what is kept of former documents when its time is over."""
    while True:
        with suppress(StoreBusy, StoreUnusable):  # next time, then
            await run_sync(index.expire)
        await sleep(_EXPIRING_SECONDS)


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """The application that serves `assistant`. What answers, searches or changes the store runs in
    the threads of its own line, what reads documents in those that are left, so that the event loop
    is blocked by nothing.

    Raises `InvalidSetting` where anyone could ask without that being meant, and where limits or
    logs cannot be as they are set."""
    keys = keys_of(settings)
    require_consent(settings, keys)
    callers = Callers(settings, keys)
    rates = rates_of(settings)
    audit = audit_log(settings.audit_log)
    uploads = open_jobs(settings)
    background = Background(settings, uploads)
    following = Following(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        background.start()
        following.start()
        await app.state.counts.read()
        expiring = create_task(_expiring(assistant.index))
        yield
        expiring.cancel()
        await run_sync(background.stop)
        await run_sync(following.stop)
        await run_sync(uploads.close)

    app = FastAPI(
        title="Footnote",
        lifespan=lifespan,
        version=version("footnote"),
        description=DESCRIPTION,
        docs_url=None,  # both viewers load their scripts from elsewhere
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.assistant = assistant
    app.state.confined = ConfinedAssistants(assistant)
    app.state.settings = settings
    app.state.changing = Lock()
    app.state.jobs = uploads
    app.state.background = background
    app.state.following = following
    app.state.metrics = Metrics(assistant.index)
    app.state.lines = Lines(settings)
    app.state.sign_in = callers.sign_in
    app.state.ending = Ending()
    app.state.counts = LastCounts(assistant.index)
    problems.install(app, SECURITY_HEADERS)
    app.add_middleware(Generational)
    app.add_middleware(Limited, rates=rates)
    app.add_middleware(Gate, callers=callers, table=Table(NEEDED))
    app.add_middleware(
        Guard,
        hosts=Hosts(settings.host, settings.allowed_hosts),
        max_upload=settings.max_upload_mb * 1_000_000,
        allowed_origins=settings.allowed_origins,
        patience=settings.client_seconds,
    )
    errors.install(app)
    let_in(app, settings.allowed_origins)
    app.add_middleware(Draining, ending=app.state.ending)
    app.add_middleware(Measured, metrics=app.state.metrics)
    if settings.traces_endpoint:
        app.add_middleware(Traced)
    app.add_middleware(Trail, access=access_stream(settings.access_log), audit=audit)
    doors = (chat, responses, completions, models)
    for resource in (page, health, sign_in):
        app.include_router(resource.router)
    app.include_router(sign_in.browsers)
    stored = (lists, documents, changes, originals, collections, quotas, jobs, folders)
    for resource in (*stored, search, ask, feedback, settings_routes, *doors, whoami):
        app.include_router(resource.router, dependencies=[BEARER])
    static = StaticFiles(directory=Path(__file__).parent / "static")
    app.mount("/static", GZipMiddleware(static), name="static")  # it holds nothing secret
    return app
