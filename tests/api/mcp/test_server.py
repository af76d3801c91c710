"""The Model Context Protocol, through the protocol's own client, over both transports."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from mcp import Client, StdioServerParameters

from api.mcp.server import MOST_CHARACTERS, create_mcp, http_app
from index.errors import InvalidSetting
from index.index import Index
from rag.assistant import Assistant

TRAVEL = "Who is planning to travel to Russia?"
COMMAND = Path(sys.executable).with_name("footnote")
SEEDS = Path(__file__).parents[3] / "seeds"
Call = tuple[str, dict[str, Any]]


def talk(target: Any, *calls: Call) -> list[Any]:
    """The results of calling tools, one after the other, over one connection."""

    async def run() -> list[Any]:
        async with Client(target) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(run())


def answer_to_travel(result: Any, text: str) -> None:
    """Checks that `result` answers the question with a quote of `text`."""
    assert not result.is_error
    answer = result.structured_content
    assert answer["answered"]
    assert "Kim Jong-un" in answer["answer"]
    (citation, *_) = answer["citations"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert json.loads(result.content[0].text) == answer


@pytest.fixture
def http(assistant: Assistant) -> Iterator[str]:
    """The address of a server over streamable HTTP."""
    app = http_app(create_mcp(assistant), assistant.settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join()


def test_over_http_the_answer_is_the_one_of_every_door(
    http: str, assistant: Assistant, index: Index, founding: str
) -> None:
    text = index.document(founding).text
    asked, searched, part = talk(
        http,
        ("ask", {"question": TRAVEL}),
        ("search", {"query": "Russia", "k": 2}),
        ("read_document", {"document": founding, "start": 3, "end": 20}),
    )
    answer_to_travel(asked, text)
    passages = searched.structured_content["passages"]
    assert [each["rank"] for each in passages] == list(range(1, len(passages) + 1))
    assert all(text[each["start"] : each["end"]] == each["text"] for each in passages)
    stretch = part.structured_content
    assert (stretch["start"], stretch["end"], stretch["characters"]) == (3, 20, len(text))
    assert stretch["text"] == text[3:20]


def test_a_part_of_the_documents_is_asked(assistant: Assistant, index: Index) -> None:
    from support import make_document

    leave = [
        make_document(f"{f}/leave", f"Staff have {n} days of leave a year.", "Leave")
        for f, n in (("hr", 28), ("hrx", 30))
    ]
    list(index.add(leave))
    index.collections.create("people", documents=["hrx/leave"])
    index.collections.create("later")
    asked = {"question": "How many days of leave are there a year?"}
    listed, *answers, searched = talk(
        create_mcp(assistant),
        ("list_collections", {}),
        ("ask", {**asked, "within": "hr/"}),
        ("ask", {**asked, "within": "people"}),
        ("ask", {**asked, "within": "nobody"}),
        ("search", {"query": "leave", "within": "later"}),
    )
    found = listed.structured_content["collections"]
    assert [(each["name"], each["documents"]) for each in found] == [("later", 0), ("people", 1)]
    cited = [[c["uri"] for c in a.structured_content["citations"]] for a in answers[:2]]
    assert cited == [["hr/leave"], ["hrx/leave"]]
    assert answers[2].is_error
    assert "there is no collection 'nobody'" in answers[2].content[0].text
    assert "'later': it is empty" in searched.structured_content["note"]


def test_a_follow_up_is_understood(assistant: Assistant, founding: str) -> None:
    history = [{"role": "user", "content": TRAVEL}, {"role": "assistant", "content": "Kim Jong-un"}]
    asked = {"question": "Whom will he meet there?", "history": history}
    written = asked | {"rewrite": False}
    result, literal = talk(create_mcp(assistant), ("ask", asked), ("ask", written))
    assert literal.structured_content["question"] == "Whom will he meet there?"
    assert result.structured_content["question"] == "Whom will Kim Jong-un meet in Russia?"


def test_long_documents_are_read_in_parts(assistant: Assistant, index: Index) -> None:
    from support import make_document

    text = "".join(f"Line {number} of many. ü\n" for number in range(2_000))
    list(index.add([make_document("long.txt", text)]))
    server, read = create_mcp(assistant), ""
    while len(read) < len(text):
        call = ("read_document", {"document": "long.txt", "start": len(read)})
        (result,) = talk(server, call)
        part = result.structured_content
        assert 0 < len(part["text"]) <= MOST_CHARACTERS
        assert part["end"] == len(read) + len(part["text"])
        read += part["text"]
    assert read == text


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ask", {"question": " "}, "the question is empty"),
        ("ask", {"question": "Who?", "answerer": "oracle"}, "'oracle' is not one of those"),
        ("ask", {"question": "Who?", "filter": {"author": {}}}, "author"),
        ("ask", {"question": "Who?", "history": [{"role": "system", "content": "x"}]}, "role"),
        ("search", {"query": "x", "k": 101}, "less than or equal to 100"),
        ("read_document", {"document": "nothing.txt"}, "nothing.txt"),
        ("read_document", {"document": "seed", "start": 10**9}, "which has 11; give 0 <= start"),
        ("read_document", {"document": "seed", "start": 5, "end": 4}, "characters 5 to 4"),
        ("read_document", {"document": "seed", "start": -1}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_told(
    assistant: Assistant, index: Index, name: str, arguments: dict[str, Any], message: str
) -> None:
    from support import make_document

    list(index.add([make_document("seed", "Ants dig. \N{ANT}")]))
    (result,) = talk(create_mcp(assistant), (name, arguments))
    assert result.is_error
    assert message in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_strangers_are_refused_over_http(http: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert httpx.post(http, json=body, headers=headers).status_code == 403


def test_nobody_is_let_in_unasked_over_http(assistant: Assistant) -> None:
    settings = assistant.settings.model_copy(update={"host": "0.0.0.0"})
    with pytest.raises(InvalidSetting, match="--allow-anonymous"):
        http_app(create_mcp(assistant), settings)
    http_app(create_mcp(assistant), settings.model_copy(update={"allow_anonymous": True}))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp") / "store"
    subprocess.run([COMMAND, "--store", folder, "add", SEEDS], check=True, capture_output=True)
    return folder


def test_over_stdio_a_client_starts_the_command(store: Path) -> None:
    started = StdioServerParameters(
        command=str(COMMAND), args=["--store", str(store), "mcp"], env=dict(os.environ)
    )

    async def run() -> tuple[list[Any], Any, Any]:
        async with Client(started) as client:
            tools = (await client.list_tools()).tools
            asked = await client.call_tool("ask", {"question": TRAVEL})
            cited = asked.structured_content["citations"][0]
            read = {"document": cited["uri"], "start": cited["start"], "end": cited["end"]}
            return tools, asked, await client.call_tool("read_document", read)

    tools, asked, read = asyncio.run(run())
    assert [tool.name for tool in tools] == ["search", "ask", "list_collections", "read_document"]
    assert all(tool.description and tool.output_schema for tool in tools)
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    (quote, *_) = (each["quote"] for each in asked.structured_content["citations"])
    assert read.structured_content["text"] == quote


def test_on_stdout_is_nothing_but_the_protocol(store: Path) -> None:
    messages = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": " "}},
        },
    ]
    process = subprocess.Popen(
        [COMMAND, "--store", store, "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(2)]
    rest, _ = process.communicate(timeout=30)
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert json.loads(lines[1])["result"]["isError"]
    assert rest == ""
    assert process.returncode == 0
