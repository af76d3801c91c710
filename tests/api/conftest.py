"""A real server over a real assistant, on a port of its own, for each test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from support_page import ARGUMENTS, CHROMIUM, Visit, visiting

from api.app import create_app
from api.http.connection import patient
from index.embed.embedder import Embedder, embedder_of
from index.index import Index
from index.load.documents import load
from rag.answer import Answer
from rag.assistant import Assistant
from rag.open_index import open_index
from rag.read.evidence_reader import EvidenceReader
from rag.read.span_model import SpanModel
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer

FOUNDING = next((Path(__file__).parents[2] / "seeds").glob("*.txt"))
Serve = Callable[..., str]


@contextmanager
def serving(assistant: Assistant, settings: Settings) -> Iterator[str]:
    """The address of a server that runs until the block is left."""
    config = uvicorn.Config(
        create_app(assistant, settings),
        log_config=None,
        timeout_graceful_shutdown=5,
        http=patient(settings.client_seconds),
    )
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def server() -> Callable[[Assistant, Settings], AbstractContextManager[str]]:
    """Serves an assistant within a block, for fixtures that live longer than a test."""
    return serving


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path / "store", max_upload_mb=2)


@pytest.fixture
def index(settings: Settings, minilm: Embedder) -> Iterator[Index]:
    """An empty store."""
    index = open_index(settings)
    index.embedder = minilm
    yield index
    index.close()


@pytest.fixture(scope="session")
def reader(cache: Path) -> EvidenceReader:
    """The shipped reader, loaded once."""
    return EvidenceReader(SpanModel(cache=cache), embedder_of(cache=cache))


@pytest.fixture
def assistant(index: Index, reader: EvidenceReader, settings: Settings) -> Assistant:
    """The assistant that `build` makes, sharing the models between tests."""
    return Assistant(index, reader, [ExtractiveAnswerer()], settings)


@pytest.fixture
def founding(index: Index) -> str:
    """The founding document, added; its id."""
    (added,) = index.add([load(FOUNDING)])
    return added.document_id


class Scripted(Assistant):
    """Streams what it is given; a failure in the script is raised. Notes when it is closed."""

    answerers = ("reader",)
    min_confidence = 0.5
    min_unsure = 0.3

    def __init__(self, index: Index, settings: Settings, script: Iterator[str | Exception]) -> None:
        self.index = index
        self.settings = settings
        self.script = script
        self.closed = threading.Event()

    def stream(self, question: str, **options: object) -> Iterator[str | Answer]:  # type: ignore[override]
        try:
            for piece in self.script:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed.set()


@pytest.fixture
def scripted(index: Index, settings: Settings) -> Callable[[Iterator[str | Exception]], Scripted]:
    """Makes an assistant out of a script."""
    return lambda script: Scripted(index, settings, script)


@pytest.fixture
def serve(settings: Settings) -> Iterator[Serve]:
    """Serves an assistant, with some settings changed, until the test ends; the address."""
    with ExitStack() as stack:
        yield lambda assistant, **changes: stack.enter_context(
            serving(assistant, settings.model_copy(update=changes))
        )


@pytest.fixture
def mortal(settings: Settings) -> Callable[[Assistant], AbstractContextManager[str]]:
    """Serves an assistant until the test itself ends it; the address."""
    return lambda assistant: serving(assistant, settings)


@pytest.fixture
def client(serve: Serve, assistant: Assistant) -> Iterator[httpx.Client]:
    """A client of a server over `assistant`."""
    with httpx.Client(base_url=serve(assistant), timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; a test that asks for it is skipped where there is none. Once a module, for
    while Playwright runs, nothing else in this thread may run an event loop."""
    if CHROMIUM is None:
        pytest.skip("no `chromium` on the PATH to test the page with")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, client: httpx.Client) -> Iterator[Visit]:
    """The page of a server over the real assistant."""
    with visiting(chromium, str(client.base_url).rstrip("/")) as visit:
        yield visit


@pytest.fixture
def staged(chromium: Browser, serve: Serve, scripted: Callable[..., Scripted]) -> Iterator[Visit]:
    """The page of a server over no documents, for a test that answers in the server's place."""
    with visiting(chromium, serve(scripted(iter(())))) as visit:
        yield visit
