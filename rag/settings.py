"""Every setting, read once at the edge.

A setting is taken from, in this order: a flag, `FOOTNOTE_<NAME>` in the environment,
`footnote.toml` in the working folder (or the file that `FOOTNOTE_CONFIG` names), the default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.errors import InvalidSetting
from index.inference.processor import Precision
from index.postgres.address import Address
from rag.setting_kinds import (
    Folders,
    HeaderName,
    Hosts,
    Issuer,
    Networks,
    Origins,
    Place,
    RedirectBase,
    Replica,
)


class Settings(BaseSettings):
    """The settings of one Footnote; see docs/settings.md for what each is for."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", extra="forbid", frozen=True)

    store: Place = Field(
        Path("store"),
        description="folder that holds the documents, or the address of a PostgreSQL database, "
        "`postgresql://USER@HOST/DATABASE`",
    )
    store_replica: Replica = Field(
        None,
        description="address of a replica of the store's database, which questions over HTTP are "
        "asked of where it has what the client has seen",
    )
    sync_folders: Folders = Field(
        (),
        description="folders that the server follows as `footnote sync --watch` does; separated by "
        "`:`, on Windows by `;`",
    )
    host: str = Field("127.0.0.1", description="address the server binds to")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="port of the server")
    allow_anonymous: bool = Field(
        False,
        description="lets anyone in who reaches the server; without it, it does not start where "
        "others than this machine can",
    )
    allowed_hosts: Hosts = Field(
        (),
        description="names, such as `docs.example.org`, that the server answers to beside its own "
        "addresses and `localhost`; separated by spaces",
    )
    allowed_origins: Origins = Field(
        (),
        description="origins, such as `http://localhost:3000`, whose pages may ask, add and remove "
        "from within the browser; separated by spaces",
    )
    proxy_networks: Networks = Field(
        (),
        description="addresses and networks, such as `127.0.0.1 10.0.0.0/24`, of reverse proxies "
        "that sign people in; separated by spaces",
    )
    proxy_user_header: HeaderName = Field(
        "X-Forwarded-User", description="header in which such a proxy names who is signed in"
    )
    proxy_groups_header: HeaderName = Field(
        "X-Forwarded-Groups",
        description="header in which such a proxy names their groups, separated by commas",
    )
    group_roles: str = Field(
        "",
        description="what people who are signed in may do, by group: `admins=admin; staff=editor; "
        "hr=reader:contracts,pay; *=reader`; `*` is everyone, and after `:` stand the collections "
        "that a reader sees",
    )
    oidc_issuer: Issuer = Field(
        None,
        description="OpenID Connect provider that people sign in at, such as "
        "`https://id.example.org/realms/docs`, whose `/.well-known/openid-configuration` says the "
        "rest",
    )
    oidc_client_id: str = Field("", description="what that provider knows this server by")
    oidc_client_secret: SecretStr | None = Field(
        None,
        description="secret that it gave to this client, which the sessions are signed with, too; "
        "best kept in the environment",
    )
    oidc_scopes: str = Field(
        "openid profile email", description="what it is asked to tell; separated by spaces"
    )
    oidc_user_claim: str = Field(
        "preferred_username", description="claim that people are called by; without it their `sub`"
    )
    oidc_groups_claim: str = Field(
        "groups",
        description="claim that lists their groups, which `group_roles` gives roles and "
        "collections; within others as `realm_access.roles`",
    )
    oidc_redirect_base: RedirectBase = Field(
        None,
        description="address that browsers reach this server by, such as "
        "`https://docs.example.org`: people come back to its `/sign-in/done`; default: the one "
        "that was asked, on this machine only",
    )
    session_hours: Annotated[float, Field(gt=0, le=720)] = Field(
        8, description="how long somebody who signed in stays so, in hours"
    )
    rate_limit: str = Field(
        "1200/minute",
        description="requests that each key and each person may make, such as `10/second; "
        "5000/day`; empty for no limit",
    )
    audit_log: Path | None = Field(
        None,
        description="file that gets a JSON line of every request that needs a key: who, what, "
        "when, from where; nothing of documents or questions",
    )
    access_log: Literal["text", "json", "off"] = Field(
        "text", description="a line of every request: uvicorn's, JSON on stderr, or none"
    )
    traces_endpoint: str | None = Field(
        None,
        description="where spans of questions are sent to, OTLP over HTTP, such as "
        "`http://127.0.0.1:4318/v1/traces`",
    )
    certfile: Path | None = Field(
        None, description="certificate chain in PEM, with which the server speaks HTTPS"
    )
    keyfile: Path | None = Field(
        None, description="private key of the certificate, where it is not in `certfile`"
    )
    sources_in_text: bool = Field(
        False,
        description="whether answers over OpenAI's API end with their sources, or the nearest "
        "passages, in words, for clients that show no annotations",
    )
    embedder: str = Field(
        "all-MiniLM-L6-v2",
        description="the packaged model, or any sentence-transformers model by hub name or folder",
    )
    precision: Precision = Field(
        "auto",
        description="arithmetic of the models; auto: int8 for the packaged ones, bfloat16 for "
        "others, where the processor is fast at it (int8 is for the packaged ones only)",
    )
    cache: Path | None = Field(
        None,
        description="folder for the packaged models in the form this processor runs; by default "
        "in the user's cache folder",
    )
    reader: str = Field(
        "footnote-reader",
        description="the shipped reader, or any extractive question-answering model by hub name "
        "or folder",
    )
    reader_calibration: Path | None = Field(
        None,
        description="what `python -m rag.train.fit_confidence` fitted to such a model; without it "
        "its confidence is its own opinion, and answers say so",
    )
    chunk_tokens: Annotated[int, Field(ge=32, le=8192)] = Field(
        200, description="most tokens in a chunk"
    )
    chunk_overlap: Annotated[int, Field(ge=0, le=4096)] = Field(
        40, description="tokens of whole sentences repeated at the start of the next chunk"
    )
    passages: Annotated[int, Field(ge=1, le=100)] = Field(
        8, description="passages retrieved for an answer"
    )
    depth: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="candidates taken from each of dense and lexical search"
    )
    fusion: Literal["convex", "reciprocal_rank", "dense", "lexical"] = Field(
        "convex", description="how dense and lexical scores become one"
    )
    dense_weight: Annotated[float, Field(ge=0, le=1)] = Field(
        0.5, description="least share of the dense score in the convex sum"
    )
    rerank: Literal["always", "answers", "never"] = Field(
        "answers",
        description="whether the reader puts passages in order: always, only those of answers "
        "(which it reads anyway), or never",
    )
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description="least confidence of the verdict `answered`; default: what the reader was "
        "fitted to",
    )
    min_unsure: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description="least confidence of the verdict `unsure`, under which the best evidence is "
        "shown as what may answer; default: what the reader was fitted to",
    )
    answerer: Literal["reader", "chat"] = Field(
        "reader",
        description="which one answers when the request names none: `reader`, or `chat`, the "
        "language model",
    )
    chat_model: str | None = Field(
        None,
        description="language model that writes answers: a hub name, folder or GGUF file, run "
        "in this process; with `chat_url` the name that its server knows it by",
    )
    chat_url: str | None = Field(
        None,
        description="OpenAI-compatible server that runs the language model, such as "
        "`http://127.0.0.1:11434/v1`",
    )
    chat_key: SecretStr | None = Field(
        None, description="key of that server; best kept in the environment"
    )
    chat_template: Path | None = Field(
        None, description="Jinja2 file of the prompt; default: `rag/write/templates/answer.jinja`"
    )
    rewriter: Literal["auto", "rule"] = Field(
        "auto",
        description="who makes a follow-up stand alone; auto: the language model where it answers, "
        "the rule elsewhere",
    )
    chat_tokens: Annotated[int, Field(ge=256)] = Field(
        3072,
        description="most tokens of a prompt; with `max_new_tokens` they must fit in the model's "
        "context",
    )
    max_new_tokens: Annotated[int, Field(ge=1)] = Field(
        512, description="most tokens that the language model writes"
    )
    questions_at_once: Annotated[int, Field(ge=1, le=256)] = Field(
        4, description="questions that the server answers at once"
    )
    questions_waiting: Annotated[int, Field(ge=0)] = Field(
        32, description="questions that may wait for their turn; further ones are answered with 503"
    )
    searches_at_once: Annotated[int, Field(ge=1, le=256)] = Field(
        4, description="searches that the server runs at once"
    )
    searches_waiting: Annotated[int, Field(ge=0)] = Field(
        64, description="searches that may wait for their turn; further ones are answered with 503"
    )
    client_seconds: Annotated[float, Field(gt=0)] = Field(
        30,
        description="longest time for a client to send the head of a request, or to take what it "
        "is sent; a body may take a second more for each kilobyte",
    )
    drain_seconds: Annotated[float, Field(ge=0)] = Field(
        0,
        description="how long a server that is told to end (SIGTERM) goes on answering while "
        "`/ready` sends others away, in seconds; a little longer than the proxy takes to notice",
    )
    chat_queue: Annotated[int, Field(ge=0)] = Field(
        8, description="questions that may wait while the model in this process writes"
    )
    chat_timeout: Annotated[float, Field(gt=0)] = Field(
        120, description="seconds to wait for the next token from `chat_url`"
    )
    ocr: Literal["auto", "off"] = Field(
        "auto", description="scanned pages; auto: they are read where Tesseract is installed"
    )
    ocr_languages: Annotated[str, Field(pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$")] = Field(
        "eng", description="languages of scanned pages, as Tesseract names them: `eng+deu`"
    )
    parse_seconds: Annotated[float, Field(gt=0)] = Field(
        120, description="longest time for one file, one member of an archive or one scanned page"
    )
    parse_memory_mb: Annotated[int, Field(ge=512)] = Field(
        2048, description="most memory of a process that parses files, in MB"
    )
    parse_file_mb: Annotated[int, Field(ge=1)] = Field(200, description="largest file, in MB")
    parse_pages: Annotated[int, Field(ge=1)] = Field(
        10_000, description="most pages, slides or sheets of one file"
    )
    parse_characters: Annotated[int, Field(ge=1)] = Field(
        20_000_000, description="most characters of text that are kept of one file"
    )
    originals: bool = Field(
        True,
        description="whether the store keeps the files that are added, to show their pages and "
        "give them back; those of a synced folder stay where they are",
    )
    original_file_mb: Annotated[int, Field(ge=1)] = Field(
        100, description="largest file that is kept, in MB"
    )
    originals_mb: Annotated[int, Field(ge=1)] = Field(
        10_000, description="most that the kept files may take in all, in MB"
    )
    undo_minutes: Annotated[int, Field(ge=0, le=10_000)] = Field(
        60,
        description="how long what was removed or replaced over HTTP is kept, so that it can be "
        "put back; 0 keeps nothing",
    )
    pictures_mb: Annotated[int, Field(ge=0)] = Field(
        64, description="memory for the pictures of pages that were shown last, in MB"
    )
    ray_gpus: Annotated[float, Field(ge=0)] | None = Field(
        None,
        description="GPUs that a task of `--ray` asks for to embed with a model that is not the "
        "packaged one, such as `0.25`; default: one where the cluster has any",
    )
    strict: bool = Field(
        False, description="leave out the sentences of a generated answer that nothing supports"
    )
    max_upload_mb: Annotated[int, Field(ge=1)] = Field(50, description="largest upload, in MB")
    background_mb: Annotated[float, Field(ge=0)] = Field(
        0.5, description="uploads larger than this, in MB, are answered at once and added by a job"
    )
    uploads_mb: Annotated[float, Field(gt=0)] = Field(
        2000,
        description="most that uploads may take while they wait for their job in a database, in "
        "MB, those of all servers together; further ones are answered with 503",
    )
    job_lease_seconds: Annotated[float, Field(ge=1)] = Field(
        60,
        description="how long a job in a database stays with a server that was not heard of, "
        "before another one takes it",
    )
    max_question_chars: Annotated[int, Field(ge=1)] = Field(
        2000, description="longest question, in characters"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        config = Path(os.environ.get("FOOTNOTE_CONFIG", "footnote.toml"))
        if "FOOTNOTE_CONFIG" in os.environ and not config.is_file():
            raise InvalidSetting(f"there is no settings file '{config}'; mend FOOTNOTE_CONFIG")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config)


def read_settings(given: Mapping[str, object]) -> Settings:
    """The settings, of which some are `given`, as strings or as what they become. Raises
    `InvalidSetting`."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic parses strings
    except ValidationError as error:
        raise InvalidSetting("; ".join(map(_problem, error.errors()))) from error
    except tomllib.TOMLDecodeError as error:
        name = os.environ.get("FOOTNOTE_CONFIG", "footnote.toml")
        raise InvalidSetting(f"{name}: not TOML ({error}); mend the file") from error


def _problem(error: Mapping[str, Any]) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return f"there is no setting {name!r}; the settings are {known}"
    given = error["input"]
    shown = Address(given) if isinstance(given, str) and "://" in given else given
    return (
        f"setting {name} is {shown!r}: {error['msg']}; mend --{name.replace('_', '-')}, "
        f"FOOTNOTE_{name.upper()}, or {name} in the TOML file or among the arguments"
    )
