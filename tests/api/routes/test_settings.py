"""`/v1/settings`: changing them over HTTP, and the language models of this machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import httpx
import pytest
from pydantic import SecretStr
from support_local_model import LocalModel, running

from api.access.keys import keys_of
from api.access.role import Role
from rag.assistant import Assistant
from rag.chat import local_servers
from rag.settings import Settings
from rag.settings_file import change_settings


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "footnote.toml"
    path.write_text("# by hand\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(path))
    return path


@pytest.fixture
def model() -> Iterator[LocalModel]:
    with running(LocalModel("tiny", "large")) as server:
        yield server


def test_thresholds_are_in_force_at_once_and_written(client: httpx.Client, file: Path) -> None:
    before = client.get("/v1/settings").json()
    assert (before["min_confidence"], before["chat_url"], before["changeable"]) == (
        *(None, None, True),
    )
    assert before["file"] == str(file)
    changed = client.post("/v1/settings", json={"min_confidence": 0.9, "strict": True}).json()
    assert (changed["min_confidence"], changed["least_confidence"], changed["strict"]) == (
        *(0.9, 0.9, True),
    )
    assert client.get("/v1/settings").json() == changed
    assert 'data-threshold="0.9"' in client.get("/").text
    assert file.read_text(encoding="utf-8") == "# by hand\nmin_confidence = 0.9\nstrict = true\n"
    back = client.post("/v1/settings", json={"min_confidence": None}).json()
    assert back["least_confidence"] == before["least_confidence"]
    assert file.read_text(encoding="utf-8") == "# by hand\nstrict = true\n"


def test_a_model_of_this_machine_is_found_tried_and_answers(
    client: httpx.Client, founding: str, model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = int(str(client.base_url).rsplit(":", 1)[1].strip("/"))
    with running(LocalModel()) as other, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        other.listed = "<html>no list</html>"
        known = {model.server_port: "Ollama", other.server_port: "vLLM", ours: "vLLM"}
        known[closed.getsockname()[1]] = "llama.cpp"
        monkeypatch.setattr(local_servers, "KNOWN", MappingProxyType(known))
        found = client.post("/v1/settings/servers").json()
    assert found == {"servers": [{"name": "Ollama", "url": model.url, "models": ["tiny", "large"]}]}
    tried = client.post("/v1/settings/try", json={"url": model.url, "model": "large"}).json()
    assert tried["answer"] == "Blue."
    assert tried["seconds"] >= 0
    assert model.asked[-1]["model"] == "large"
    wanted = {"chat_url": model.url, "chat_model": "large", "answerer": "chat"}
    assert client.post("/v1/settings", json=wanted).status_code == 200
    answer = client.post("/v1/ask", json={"question": "What is the capital of Australia?"}).json()
    assert model.asked[-1]["model"] == "large"
    assert "timings_ms" in answer
    assert "(large)" in client.get("/").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"chat_url": "http://192.0.2.7/v1"}, "is no address of this machine"),
        ({"chat_url": "http://127.0.0.1.example.org/v1"}, "is no address of this machine"),
        ({"chat_url": "http://[::1"}, "is no address of this machine"),
        ({"chat_model": "a/folder"}, "there is no chat_url"),
        ({"answerer": "chat"}, "there is no language model"),
        ({"min_confidence": 1.5}, "min_confidence"),
        ({"port": 1}, "port"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_written(
    client: httpx.Client, file: Path, changes: dict[str, object], told: str
) -> None:
    refused = client.post("/v1/settings", json=changes)
    assert refused.status_code == 422
    assert told in refused.json()["detail"]
    assert file.read_text(encoding="utf-8") == "# by hand\n"


def test_what_cannot_be_written_is_not_in_force(
    client: httpx.Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CONFIG", str(file / "footnote.toml"))
    refused = client.post("/v1/settings", json={"min_confidence": 0.9})
    assert refused.status_code == 422
    assert "cannot be written" in refused.json()["detail"]
    assert client.get("/v1/settings").json()["min_confidence"] is None


def test_settings_are_an_admins_alone(client: httpx.Client, settings: Settings) -> None:
    keys = keys_of(settings)
    paths = (("GET", ""), ("POST", ""), ("POST", "/servers"), ("POST", "/try"))
    for role in (Role.READER, Role.EDITOR):
        _, secret = keys.create(role.value, role)
        headers = {"Authorization": f"Bearer {secret}"}
        for method, path in paths:
            refused = client.request(method, f"/v1/settings{path}", headers=headers, json={})
            assert refused.status_code == 403
            assert client.request(method, f"/v1/settings{path}", json={}).status_code == 401
    _, secret = keys.create("boss", Role.ADMIN)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.post("/v1/settings", headers=headers, json={"strict": True}).status_code == 200


def test_a_server_that_others_reach_without_a_key_is_not_changed(
    serve: Callable[..., str], assistant: Assistant, file: Path
) -> None:
    address = serve(assistant, host="0.0.0.0", allow_anonymous=True)
    assert httpx.get(f"{address}/v1/settings", timeout=60).json()["changeable"] is False
    tried = {"url": "http://127.0.0.1:9/v1", "model": "m"}
    for path, body in (("", {"strict": True}), ("/servers", {}), ("/try", tried)):
        refused = httpx.post(f"{address}/v1/settings{path}", json=body, timeout=60)
        assert refused.status_code == 403
        assert "footnote key create" in refused.json()["detail"]
    assert file.read_text(encoding="utf-8") == "# by hand\n"


def test_a_model_elsewhere_or_nowhere_is_not_tried(client: httpx.Client) -> None:
    elsewhere = {"url": "http://192.0.2.7:11434/v1", "model": "m"}
    assert client.post("/v1/settings/try", json=elsewhere).status_code == 422
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        nowhere = client.post("/v1/settings/try", json={"url": url, "model": "m"})
    assert nowhere.status_code == 502
    assert "cannot be reached" in nowhere.json()["detail"]


def test_a_model_of_a_server_is_not_loaded_here_when_its_address_goes(
    client: httpx.Client, model: LocalModel
) -> None:
    wanted = {"chat_url": model.url, "chat_model": "large"}
    assert client.post("/v1/settings", json=wanted).status_code == 200
    refused = client.post("/v1/settings", json={"chat_url": None})
    assert refused.status_code == 422
    assert "there is no chat_url" in refused.json()["detail"]
    both = client.post("/v1/settings", json=dict.fromkeys(wanted)).json()
    assert (both["chat_url"], both["chat_model"]) == (None, None)


def test_a_key_is_not_sent_to_another_server(
    serve: Callable[..., str], assistant: Assistant, file: Path
) -> None:
    theirs = "http://127.0.0.1:9/v1"
    address = serve(assistant, chat_url=theirs, chat_model="large", chat_key=SecretStr("s3cret"))
    changed = {"chat_url": "http://127.0.0.1:8/v1"}
    refused = httpx.post(f"{address}/v1/settings", json=changed, timeout=60)
    assert refused.status_code == 422
    assert f"chat_key is set, for {theirs} that is not" in refused.json()["detail"]
    assert "s3cret" not in refused.text
    assert file.read_text(encoding="utf-8") == "# by hand\n"
    same = httpx.post(f"{address}/v1/settings", json={"chat_url": theirs}, timeout=60)
    assert same.status_code == 200


def test_of_two_changes_at_once_none_is_lost(
    client: httpx.Client, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(changes: dict[str, float]) -> None:
        time.sleep(0.5)  # for the other one to come
        change_settings(changes)

    monkeypatch.setattr("api.routes.settings.change_settings", slowly)
    changes: list[dict[str, object]] = [{"strict": True}, {"min_confidence": 0.9}]
    with ThreadPoolExecutor(2) as threads:
        sent = threads.map(lambda each: client.post("/v1/settings", json=each), changes)
        assert [each.status_code for each in sent] == [200, 200]
    now = client.get("/v1/settings").json()
    assert (now["strict"], now["min_confidence"]) == (True, 0.9)
