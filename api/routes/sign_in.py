"""Signing in at the provider, and out: `/sign-in`, `/sign-in/done`, `/v1/sign-out`."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from api.access.caller import Caller
from api.access.person import SignInRefused, new_attempt
from api.access.sign_in import DONE, SignIn
from api.http.context import TheSignIn
from api.http.languages import language_of, languages
from api.http.problems import documented
from api.routes.page import templates
from api.schemas import SignedOut

router = APIRouter(tags=["access"])
browsers = APIRouter(include_in_schema=False)

_STATUS_OF = {"denied": 401, "stale": 401, "refused": 401, "no_group": 403, "away": 503}
_NOWHERE = "Nobody signs in at this server; its setting oidc_issuer names no provider."
logger = logging.getLogger(__name__)


def _required(sign_in: SignIn | None) -> SignIn:
    if sign_in is None:
        raise HTTPException(404, _NOWHERE)
    return sign_in


@browsers.get("/sign-in")
async def begin(request: Request, sign_in: TheSignIn) -> Response:
    """Sends the browser to the provider, with a cookie that only its own return matches."""
    sign_in = _required(sign_in)
    base = sign_in.base(request)
    if request.url.netloc.lower() != base.partition("://")[2]:
        return RedirectResponse(f"{base}/sign-in", 303)  # where its cookies will be sent to
    attempt = new_attempt()
    try:
        address = await sign_in.provider.address(attempt, base + DONE)
    except SignInRefused as error:
        return _refused(request, error)
    response = RedirectResponse(address, 303)
    written, seconds = sign_in.begun(attempt)
    _put(request, response, sign_in, "attempt", written, seconds)
    return response


@browsers.get(DONE)
async def done(request: Request, sign_in: TheSignIn) -> Response:
    """Where the provider sends the browser back to: somebody is signed in, or told why not."""
    sign_in = _required(sign_in)
    back = sign_in.base(request) + DONE
    response: Response
    try:
        attempt = sign_in.attempt(request)
        person = await sign_in.provider.person(attempt, back, request.query_params)
        request.state.caller = Caller(person.name, via="session", subject=person.subject)
        request.state.noted = True
        written, seconds = sign_in.admitted(person)
    except SignInRefused as error:
        response = _refused(request, error)
    else:
        response = RedirectResponse("/", 303)
        _put(request, response, sign_in, "session", written, seconds)
    _put(request, response, sign_in, "attempt", "", 0)
    return response


@router.post("/v1/sign-out", responses=documented(404))
async def sign_out(request: Request, response: Response, sign_in: TheSignIn) -> SignedOut:
    """Ends the session of who signed in on the page: the cookie is taken away, and `url` is where
    the browser signs out of the provider, too."""
    sign_in = _required(sign_in)
    request.state.noted = True
    _put(request, response, sign_in, "session", "", 0)
    return SignedOut(url=await sign_in.provider.way_out(sign_in.base(request) + "/"))


def _put(
    request: Request, response: Response, sign_in: SignIn, name: str, written: str, seconds: int
) -> None:
    """A cookie; without `seconds` it is taken away. Pages elsewhere can't let the session be sent;
    the attempt has to come along when the provider sends the browser back."""
    called = sign_in.cookie(request, name)
    response.set_cookie(
        called,
        written,
        max_age=seconds,
        path="/",
        secure=called.startswith("__Host-"),
        httponly=True,
        samesite="strict" if name == "session" else "lax",
    )


def _refused(request: Request, error: SignInRefused) -> Response:
    """A page that says why nobody was signed in; the log has more."""
    logger.warning("nobody was signed in (%s): %s", error.kind, error)
    language = language_of(request)
    return HTMLResponse(
        templates.get_template("refused.html").render(
            language=language, say=languages()[language], kind=error.kind
        ),
        _STATUS_OF[error.kind],
        {"Content-Language": language, "Vary": "Accept-Language, Cookie"},
    )
