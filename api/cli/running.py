"""How a server runs, with the settings that all servers share."""

from __future__ import annotations

import signal
import ssl
import threading
from types import FrameType
from typing import TYPE_CHECKING

from index.errors import InvalidSetting

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from rag.settings import Settings


def scheme_of(settings: Settings) -> str:
    """`https` where there is a certificate, else `http`. Raises `InvalidSetting` where it cannot be
    used."""
    if settings.certfile is None:
        if settings.keyfile is not None:
            raise InvalidSetting(
                f"setting keyfile is '{settings.keyfile}', but there is no certfile; name the "
                "certificate, too"
            )
        return "http"
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.certfile, settings.keyfile, password=str)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        key = f" with keyfile '{settings.keyfile}'" if settings.keyfile else ""
        raise InvalidSetting(
            f"setting certfile is '{settings.certfile}'{key}, which cannot be used ({error}); "
            "name a certificate and its key in PEM, without a password"
        ) from error
    return "https"


def server_of(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """A server of `app`, which SIGTERM ends after `drain_seconds`, and a second one at once."""
    import uvicorn

    class Drained(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            at_once = sig != signal.SIGTERM or app.state.ending.has_begun
            if at_once or not settings.drain_seconds:
                super().handle_exit(sig, frame)
                return
            app.state.ending.begin()
            wait = threading.Timer(settings.drain_seconds, super().handle_exit, (sig, None))
            wait.daemon = True
            wait.start()

    return Drained(config_of(app, settings))


def config_of(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn is to serve `app`."""
    import uvicorn

    from api.http.connection import patient

    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="info",
        access_log=settings.access_log == "text",
        ssl_certfile=settings.certfile,
        ssl_keyfile=settings.keyfile,
        http=patient(settings.client_seconds),
    )
