"""A Ray cluster, as this process uses it: all that knows Ray."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Literal

from index.cluster.address import ClusterAddress, unanswered
from index.cluster.tasks import Terms, niceness, work
from index.errors import ClusterUnavailable, FootnoteError
from index.extras import require
from index.inference.session import cores
from index.versions import fingerprint

Kind = Literal["parse", "embed"]
Ref = Any
"""What a task will give."""

_RETRIES = 5  # of a task whose worker was killed
_STORE_BYTES = 1_000_000_000  # of a local cluster's memory, for what is under way
_HANDSHAKE_SECONDS = 10.0
_AGREE_SECONDS = 120.0  # for each machine to say which Footnote it has
_SIZE_SECONDS = 10.0  # between two looks at how many machines there are
_LOOK_SECONDS = 0.1
_DELIBERATE = {"RAY_ENABLE_AUTO_CONNECT": "0"}  # no call starts a cluster but the one that is to


class Cluster:
    """Connected from the beginning until `close`; may be used by many threads. A local one has
    `cpus` processors, by default all that this process may use. What embeds asks for `gpus` GPUs;
    None is one where the cluster has any, and else none.

    Raises `NotInstalled` without the extra, `InvalidSetting` for what is no address, and
    `ClusterUnavailable`.
    """

    def __init__(self, address: str, gpus: float | None = 0.0, cpus: int | None = None) -> None:
        require("ray", "`--ray`")
        self._address = ClusterAddress(address)
        self._address.require_answer()
        self._folder = ""
        self._ray: Any = None
        self._size: tuple[float, dict[str, float]] = (0.0, {})
        with _environment(_private() if self._address.is_local else _DELIBERATE):
            import ray  # reads the environment, and never again
            from ray._private import worker
        worker.print_to_stdstream = _unsaid  # the deaths of workers, amid what this program prints
        if not self._address.is_local:
            self._require_grpc()
        self._ray = ray
        try:
            if self._address.is_local:
                self._start(cpus)
            else:
                self._join()
            self.gpus = float(self._resources().get("GPU", 0) > 0) if gpus is None else gpus
            self._require_processors()
            if not self._address.is_local:
                self.require_agreement()
        except BaseException:
            self.close()
            raise
        options = {"num_cpus": 1, "max_retries": _RETRIES, "max_calls": 0}
        self._remote = {
            "parse": ray.remote(**options)(work),
            "embed": ray.remote(**options, num_gpus=self.gpus)(work),
        }

    def slots(self, kind: Kind) -> int:
        """How many tasks of a kind the cluster does at once, as it is now."""
        found = self._resources()
        if kind == "embed" and self.gpus:
            return max(1, int(found.get("GPU", 0) / self.gpus))
        return max(1, int(found.get("CPU", 0)))

    def submit(self, kind: Kind, do: Callable[..., object], *given: object) -> Ref:
        """Begins a task. One whose worker ends amid it is done anew by another."""
        nice = niceness() if self._address.is_local else 0
        terms = Terms(fingerprint(), nice, hide_gpus=kind == "embed" and not self.gpus)
        with self._told():
            return self._remote[kind].remote(terms, do, *given)

    def keep(self, value: object) -> Ref:
        """What many tasks are given, sent once."""
        with self._told():
            return self._ray.put(value)

    def result(self, ref: Ref) -> Any:
        """What a task gave, once it is done. Raises what it raised, and `ClusterUnavailable` where
        its workers were killed too often."""
        with self._told():
            return self._ray.get(ref)

    def done(self, refs: Sequence[Ref], seconds: float = 0.0) -> set[Ref]:
        """Those that are done within `seconds`, all or at least one; none is raised."""
        if not refs:
            return set()
        with self._told():
            ready, _ = self._ray.wait(refs, num_returns=1, timeout=seconds)
            if ready:
                ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        return set(ready)

    def wait(self, ref: Ref, stopped: Callable[[], bool]) -> bool:
        """Whether the task was done before `stopped` said that nobody wants it."""
        while not stopped():
            if self.done([ref], _LOOK_SECONDS):
                return True
        return False

    def cancel(self, refs: Iterable[Ref]) -> None:
        """Nobody wants these any more."""
        for ref in refs if self._ray.is_initialized() else ():
            with suppress(self._ray.exceptions.RayError, ConnectionError):
                self._ray.cancel(ref)

    def require_agreement(self) -> None:
        """Refuses machines that would make something else of a file than this one, with
        `ClusterUnavailable`."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        probe = self._ray.remote(num_cpus=0, max_retries=0)(_probe())
        asked = {}
        for node in self._ray.nodes():
            if node["Alive"]:
                there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                ref = probe.options(scheduling_strategy=there).remote(fingerprint.__module__)
                asked[ref] = node["NodeManagerAddress"]
        refs = list(asked)
        answered, _ = self._ray.wait(refs, num_returns=len(refs), timeout=_AGREE_SECONDS)
        for ref in answered:
            with self._told():
                found = self._ray.get(ref)
            if found != fingerprint():
                runs = f"runs Footnote {found}" if found else "has no Footnote of this kind"
                raise ClusterUnavailable(
                    f"{asked[ref]} of the Ray cluster at {self._address.text} {runs}, and this is "
                    f"Footnote {fingerprint()}; install the same one on both"
                )

    def close(self) -> None:
        """Leaves the cluster, and ends a local one."""
        self._ray.shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, cpus: int | None) -> None:
        """Starts a cluster of this machine alone, which no one else can use."""
        self._folder = tempfile.mkdtemp(prefix="footnote-ray-")
        try:
            with _environment(_private()):
                self._ray.init(
                    address="local",
                    num_cpus=cpus or cores(),
                    include_dashboard=False,
                    object_store_memory=_STORE_BYTES,
                    log_to_driver=False,
                    logging_level=logging.CRITICAL,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=self._folder,
                )
        except Exception as error:  # Ray raises no other where half a minute was not enough
            _end_what_was_begun(error)
            raise ClusterUnavailable(
                f"a local Ray cluster does not start ({_line(error)}); where the machine is busy, "
                "try again later, or leave out --ray"
            ) from error

    def _join(self) -> None:
        try:
            self._ray.init(
                address=self._address.text, log_to_driver=False, logging_level=logging.CRITICAL
            )
        except (Exception, SystemExit) as error:  # Ray's have no base, and it may end the program
            if "ersion" in str(error):
                raise ClusterUnavailable(
                    f"the Ray cluster at {self._address.text} has another Python or Ray than this "
                    f"process ({_line(error)}); install the same ones on both"
                ) from error
            reason = "none runs on this machine" if "any running" in str(error) else _line(error)
            raise unanswered(self._address, reason) from error

    def _require_grpc(self) -> None:
        """Refuses what listens and is no Ray, for which Ray would wait for minutes."""
        if self._address.endpoint is None or os.environ.get("RAY_USE_TLS") == "1":
            return
        import grpc

        host, port = self._address.endpoint
        with grpc.insecure_channel(f"[{host}]:{port}" if ":" in host else f"{host}:{port}") as own:
            try:
                grpc.channel_ready_future(own).result(timeout=_HANDSHAKE_SECONDS)
            except grpc.FutureTimeoutError as error:
                raise unanswered(self._address, "what listens there is no Ray") from error

    def _require_processors(self) -> None:
        found = self._resources()
        if found.get("CPU", 0) < 1 or found.get("GPU", 0) < self.gpus:
            raise ClusterUnavailable(
                f"the Ray cluster at {self._address.text} has {found.get('CPU', 0):g} processors "
                f"and {found.get('GPU', 0):g} GPUs, and what embeds asks for 1 and {self.gpus:g}; "
                "add machines, or set FOOTNOTE_RAY_GPUS"
            )

    def _resources(self) -> dict[str, float]:
        read_at, found = self._size
        if not found or time.monotonic() - read_at > _SIZE_SECONDS:
            with self._told():
                found = self._ray.cluster_resources()
            self._size = time.monotonic(), found
        return found

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells what goes wrong in one line."""
        errors = self._ray.exceptions
        try:
            yield
        except errors.RayTaskError as error:
            if isinstance(error.cause, (FootnoteError, ImportError)):
                raise error.cause from None
            raise ClusterUnavailable(
                f"a task failed in the Ray cluster at {self._address.text} ({_line(error.cause)}); "
                "what is stored is kept"
            ) from error
        except (errors.RayError, ConnectionError) as error:
            raise ClusterUnavailable(
                f"the Ray cluster at {self._address.text} has lost what it was given "
                f"({_line(error)}); what is stored is kept, and the same command goes on"
            ) from error


@cache
def _private() -> dict[str, str]:
    """What keeps a local cluster from others: Ray listens on every interface of the machine, and
    does what it is told by who knows the token."""
    given = {
        **_DELIBERATE,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    return {name: os.environ.get(name, value) for name, value in given.items()}


def _probe() -> Callable[[str], str]:
    """A function that is sent whole, for there may be no Footnote where it runs."""

    def probe(module: str) -> str:
        import importlib

        try:
            found: str = importlib.import_module(module).fingerprint()
        except (ImportError, AttributeError):
            return ""
        return found

    return probe


def _end_what_was_begun(error: Exception) -> None:
    """Ends the processes of a node that did not come up, which only the failed call knows."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        node: Any = frame.f_locals.get("self")
        if hasattr(node, "kill_all_processes"):
            node.kill_all_processes(check_alive=False, allow_graceful=False, wait=True)


def _unsaid(*_: object, **__: object) -> None:
    """What was done anew is no news."""


def _line(error: BaseException) -> str:
    """An error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:300] or type(error).__name__


@contextmanager
def _environment(given: dict[str, str]) -> Iterator[None]:
    """Has what is started within find these in its environment."""
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
