"""`/v1/settings`: those that an admin may change while the server runs, and the language models
that there are on its machine."""

from __future__ import annotations

from typing import Annotated, Literal

import httpx
from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from api.access.caller import LOCAL, Caller
from api.access.confined import ConfinedAssistants
from api.http.context import TheAssistant, TheCaller, TheSettings
from api.http.hosts import is_exposed, is_loopback
from api.http.problems import documented
from api.schemas import Record
from api.schemas import Request as Body
from index.errors import InvalidSetting
from rag.assistant import Assistant
from rag.build import with_writers
from rag.chat import local_servers
from rag.settings import Settings
from rag.settings_file import change_settings, from_environment, settings_file

router = APIRouter(tags=["settings"])

Share = Annotated[float, Field(ge=0, le=1)]
Address = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class Changeable(BaseModel):
    """The settings that can be changed here, as they are in force."""

    answerer: Literal["reader", "chat"]
    chat_url: str | None
    chat_model: str | None
    min_confidence: float | None = Field(description="null for what the reader was fitted to")
    min_unsure: float | None = Field(description="null for what the reader was fitted to")
    least_confidence: float = Field(description="what `min_confidence` comes to")
    least_unsure: float = Field(description="what `min_unsure` comes to")
    strict: bool
    file: str = Field(description="that changes are written to, on the server")
    environment: list[str] = Field(
        description="which of them the environment gives, which comes before the file at the next "
        "start"
    )
    changeable: bool = Field(description="whether they can be changed over HTTP")

    @classmethod
    def of(cls, settings: Settings, assistant: Assistant, *, changeable: bool) -> Changeable:
        """The wire form of `settings`, as `assistant` uses them."""
        names = ("answerer", "chat_url", "chat_model", "min_confidence", "min_unsure", "strict")
        return cls(
            **{name: getattr(settings, name) for name in names},
            least_confidence=assistant.min_confidence,
            least_unsure=assistant.min_unsure,
            file=str(settings_file().resolve()),
            environment=sorted(from_environment() & set(names)),
            changeable=changeable,
        )


class Changes(Body):
    """What becomes of some settings; what is left out stays as it is, null takes one back to its
    default."""

    answerer: Literal["reader", "chat"] | None = None
    chat_url: Address | None = Field(None, description="base URL of a server on this machine")
    chat_model: Name | None = Field(None, description="what that server calls the model")
    min_confidence: Share | None = None
    min_unsure: Share | None = None
    strict: bool | None = None


class LocalModel(Body):
    """A model of a server on this machine."""

    url: Address
    model: Name


class LocalServer(Record):
    """A server on this machine that lists models."""

    name: str = Field(description="what usually listens on its port")
    url: str
    models: list[str]


class LocalServers(BaseModel):
    """Those that were found."""

    servers: list[LocalServer]


class Tried(Record):
    """What a model answered."""

    question: str
    answer: str
    seconds: float


def _may_change(caller: Caller, settings: Settings) -> bool:
    """Without keys, only from this machine: whoever changes the model's server gets to see what is
    asked."""
    return caller is not LOCAL or not is_exposed(settings)


def _let(caller: Caller, settings: Settings) -> None:
    if not _may_change(caller, settings):
        raise HTTPException(
            403,
            "Others can reach this server and it asks for no key, so its settings are changed in "
            "its file alone; `footnote key create NAME --role admin` makes a key.",
        )


def _on_this_machine(url: str) -> None:
    """Raises `InvalidSetting` where `url` leads elsewhere."""
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        host = ""
    if not is_loopback(host):
        raise InvalidSetting(
            f"'{url}' is no address of this machine, such as http://127.0.0.1:11434/v1; name a "
            "model's server elsewhere in the settings file or the environment"
        )


@router.get("/v1/settings", responses=documented(401, 403))
def shown(caller: TheCaller, settings: TheSettings, assistant: TheAssistant) -> Changeable:
    """The settings that can be changed while the server runs."""
    return Changeable.of(settings, assistant, changeable=_may_change(caller, settings))


@router.post("/v1/settings", responses=documented(400, 401, 403, 413, 415, 422))
async def change(
    changes: Changes, request: Request, caller: TheCaller, settings: TheSettings
) -> Changeable:
    """Change settings from now on, and in the settings file for the next start. Other servers over
    the same store go on as they are until they are started again."""
    _let(caller, settings)
    given = changes.model_dump(exclude_unset=True)
    if given.get("chat_url"):
        _on_this_machine(given["chat_url"])
    defaults = {name: Settings.model_fields[name].default for name in given}
    now = {name: defaults[name] if value is None else value for name, value in given.items()}
    state = request.app.state
    async with state.changing:  # one at a time, from what the last one made
        before: Settings = state.settings
        changed = before.model_copy(update=now)
        is_another = (changed.chat_url, changed.chat_model) != (before.chat_url, before.chat_model)
        if changed.chat_model and not changed.chat_url and is_another:
            raise InvalidSetting(
                f"chat_model is '{changed.chat_model}', but there is no chat_url; give both, or "
                "neither, or name a model for this process in the settings file"
            )
        if changed.chat_key and changed.chat_url not in (before.chat_url, None):
            raise InvalidSetting(
                f"chat_key is set, for {before.chat_url or 'a server'} that is not "
                f"{changed.chat_url}; take it out of the settings file and the environment first, "
                "for it would be sent there"
            )
        assistant = with_writers(state.assistant, changed)  # raises before anything is written
        await run_sync(change_settings, given)
        state.assistant, state.settings = assistant, changed
        state.confined = ConfinedAssistants(assistant)
    return Changeable.of(changed, assistant, changeable=True)


@router.post("/v1/settings/servers", responses=documented(401, 403))
def servers(request: Request, caller: TheCaller, settings: TheSettings) -> LocalServers:
    """Look for Ollama, LM Studio, vLLM and llama.cpp on the server's machine, at the ports that are
    theirs on 127.0.0.1, and list their models."""
    _let(caller, settings)
    server = request.scope.get("server")
    ours = {settings.port, *([server[1]] if server else [])}
    found = local_servers.find_servers(local_servers.KNOWN, ours)
    return LocalServers(servers=[LocalServer.model_validate(each) for each in found])


@router.post("/v1/settings/try", responses=documented(400, 401, 403, 413, 415, 422, 502))
def tried(wanted: LocalModel, caller: TheCaller, settings: TheSettings) -> Tried:
    """Ask a model of a server on this machine something short."""
    _let(caller, settings)
    _on_this_machine(wanted.url)
    return Tried.model_validate(local_servers.try_model(wanted.url, wanted.model))
