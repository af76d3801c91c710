"""Kinds of values that settings have: places, hosts, origins, networks."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator
from pydantic_settings import NoDecode

from index.postgres.address import SCHEMES, Address, is_address

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_SAFE = re.compile(
    r"(https://[^/\s?#*@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^\s?#]*)?",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s*]+")


def _listed(names: Any) -> Any:
    """Names in one line, as flags and the environment give them, as several."""
    return names.replace(",", " ").split() if isinstance(names, str) else names


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Origins as browsers send them."""
    sent = tuple(origin.lower().rstrip("/") for origin in origins)
    for origin in sent:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"'{origin}' is no origin; name each one, as http://localhost:3000")
    return sent


def place_of(store: Any) -> Path | Address:
    """The folder or the database that a store is in. Raises `ValueError`."""
    if isinstance(store, Path | Address):
        return store
    if not isinstance(store, str) or not store:
        raise ValueError("name a folder, or the address of a database")
    if is_address(store):
        return Address(store)
    if "://" in store:
        raise ValueError(f"of the addresses, only those with {SCHEMES[0]} are of stores")
    return Path(store)


def _replica_of(place: Any) -> Address | None:
    """The database that a replica is. Raises `ValueError`."""
    if place is None or isinstance(place, Address):
        return place
    if not isinstance(place, str) or not is_address(place):
        raise ValueError(f"name the address of a database, {SCHEMES[0]}HOST/DATABASE")
    return Address(place)


Replica = Annotated[
    Address | None,
    PlainValidator(_replica_of),
    PlainSerializer(lambda place: place and place.url),
]
Place = Annotated[
    Path | Address,
    PlainValidator(place_of),
    PlainSerializer(lambda place: place.url if isinstance(place, Address) else str(place)),
]


def _hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Names as the `Host` header has them, without a port."""
    sent = tuple(host.lower().rstrip(".") for host in hosts)
    for host in sent:
        if not _HOST.fullmatch(host):
            raise ValueError(f"'{host}' is no host name; name each one, as docs.example.org")
    return sent


def _networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks of which none is everyone's."""
    for network in networks:
        try:
            is_everyones = ip_network(network).prefixlen == 0
        except ValueError as error:
            raise ValueError(f"{error}; name addresses and networks, as 10.0.0.0/24") from error
        if is_everyones:
            raise ValueError(f"{network} is every address, and would believe everyone")
    return networks


def _issuer(issuer: str | None) -> str | None:
    """The address of a provider, which nobody on the way may answer for."""
    if issuer and not _SAFE.fullmatch(issuer):
        raise ValueError(
            f"'{issuer}' is no address of a provider; name it as https://id.example.org, without "
            "a query; http:// is for this machine alone"
        )
    return issuer or None


def _redirect_base(base: str | None) -> str | None:
    """The origin that people come back to."""
    sent = (base or "").lower().rstrip("/")
    if sent and not (_ORIGIN.fullmatch(sent) and _SAFE.fullmatch(sent)):
        raise ValueError(
            f"'{base}' is no address that people could come back to; name it as "
            "https://docs.example.org, without a path; http:// is for this machine alone"
        )
    return sent or None


def _paths(paths: Any) -> Any:
    """Paths in one line, as `PATH` has them, as several; "~" is the user's folder."""
    several = paths.split(os.pathsep) if isinstance(paths, str) else paths
    return [Path(path).expanduser() for path in several if path != ""]


Folders = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)]
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_hosts)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_origins)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_networks)]
Issuer = Annotated[str | None, AfterValidator(_issuer)]
RedirectBase = Annotated[str | None, AfterValidator(_redirect_base)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")]
