"""What only some uses of Footnote need, and the command that installs it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from index.errors import NotInstalled

Extra = Literal["transformers", "eval", "postgres", "ray", "otel", "oidc"]

_MODULES: dict[Extra, tuple[str, ...]] = {
    "transformers": ("sentence_transformers", "torch", "transformers"),
    "eval": ("ir_measures", "matplotlib", "sklearn"),
    "oidc": ("authlib", "httpx2", "joserfc"),
    "otel": ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter"),
    "postgres": ("psycopg", "psycopg_pool"),
    "ray": ("grpc", "ray"),
}


def require(extra: Extra, use: str) -> None:
    """Raises `NotInstalled`, which says that `use` needs `extra`, where a part of it is missing."""
    missing = list[str]()
    for module in _MODULES[extra]:
        if module.partition(".")[0] in missing or find_spec(module) is None:
            missing.append(module)
    if missing:
        raise NotInstalled(
            f"{use} needs {', '.join(missing)}, which is not installed; "
            f"run: pip install 'footnote[{extra}]'"
        )
