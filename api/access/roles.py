"""Which role a request needs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.routing import compile_path

from api.access.role import Role

Needs = Mapping[str, Mapping[str, Role | None]]

_READ = {"GET": Role.READER}
_ASK = {"POST": Role.READER}
_ANYONE: Mapping[str, Role | None] = {"GET": None}
NEEDED: Needs = MappingProxyType(
    {
        "/": _ANYONE,
        "/static/{path:path}": _ANYONE,
        "/openapi.json": _ANYONE,
        "/health": _ANYONE,
        "/ready": _ANYONE,
        "/sign-in": _ANYONE,
        "/sign-in/done": _ANYONE,
        "/v1/sign-out": {"POST": None},
        "/metrics": {"GET": Role.ADMIN},
        "/v1/whoami": _READ,
        "/v1/documents": {"GET": Role.READER, "POST": Role.EDITOR},
        "/v1/documents/remove": {"POST": Role.EDITOR},
        "/v1/documents/reread": {"POST": Role.EDITOR},
        "/v1/undo/{undo}": {"POST": Role.EDITOR},
        "/v1/documents/{document_id}": {"GET": Role.READER, "DELETE": Role.EDITOR},
        "/v1/documents/{document_id}/text": _READ,
        "/v1/documents/{document_id}/original": _READ,
        "/v1/documents/{document_id}/pages/{page}.png": _READ,
        "/v1/documents/{document_id}/rectangles": _READ,
        "/v1/collections": {"GET": Role.READER, "POST": Role.EDITOR},
        "/v1/collections/{name}": {
            "GET": Role.READER,
            "POST": Role.EDITOR,
            "DELETE": Role.EDITOR,
        },
        "/v1/quotas": {"GET": Role.ADMIN, "POST": Role.ADMIN},
        "/v1/places": _READ,
        "/v1/tree": _READ,
        "/v1/jobs": {"GET": Role.EDITOR},
        "/v1/jobs/{job_id}": {"GET": Role.EDITOR, "DELETE": Role.EDITOR},
        "/v1/folders": {"GET": Role.EDITOR},
        "/v1/search": _ASK,
        "/v1/ask": _ASK,
        "/v1/chat/completions": _ASK,
        "/v1/completions": _ASK,
        "/v1/responses": _ASK,
        "/v1/embeddings": _ASK,
        "/v1/feedback": {"GET": Role.ADMIN, "POST": Role.READER},
        "/v1/settings": {"GET": Role.ADMIN, "POST": Role.ADMIN},
        "/v1/settings/servers": {"POST": Role.ADMIN},
        "/v1/settings/try": {"POST": Role.ADMIN},
        "/v1/models": _READ,
        "/v1/models/{model:path}": _READ,
    }
)
"""By path and method, the least role, or None where nobody needs a key."""


class Table:
    """`needs` by request. A path or method that is not in it is an admin's alone."""

    def __init__(self, needs: Needs) -> None:
        self._rows = [(compile_path(path)[0], methods) for path, methods in needs.items()]

    def names(self, method: str, path: str) -> bool:
        """Whether the table says anything of such a request."""
        return ("GET" if method == "HEAD" else method) in self._methods(path)

    def needed(self, method: str, path: str) -> Role | None:
        """The least role of a request, None where it needs no key."""
        return self._methods(path).get("GET" if method == "HEAD" else method, Role.ADMIN)

    def _methods(self, path: str) -> Mapping[str, Role | None]:
        for pattern, methods in self._rows:
            if pattern.match(path):
                return methods
        return {}
