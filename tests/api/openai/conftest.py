"""OpenAI's own client of a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from openai import OpenAI


@pytest.fixture
def connect() -> Iterator[Callable[[str], OpenAI]]:
    """Makes a client of the server at an address."""
    with ExitStack() as stack:

        def connected(address: str) -> OpenAI:
            door = OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0, timeout=60)
            return stack.enter_context(door)

        yield connected


@pytest.fixture
def door(client: httpx.Client, connect: Callable[[str], OpenAI]) -> OpenAI:
    """A client of the server that `client` is a client of."""
    return connect(str(client.base_url))
