"""Keeps the process that follows folders running, and knows how each of them stands."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace

from api.folders.standing import Standing
from api.uploads.background import PASSED_ON
from api.uploads.beside import end, tell
from rag.settings import Settings

_MOST_SECONDS = 60.0  # between two starts, where the process keeps failing
logger = logging.getLogger(__name__)


class Following:
    """Starts `api.folders.follower` for the folders of the settings, and anew when it fails. Where
    there are none, nothing runs; `process` is what does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stands = {
            each.as_posix(): Standing(each.as_posix()) for each in settings.sync_folders
        }
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folders", daemon=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._stands:
            self._thread.start()

    def stop(self) -> None:
        """Ends the process; what it was doing goes on at the next start."""
        with self._lock:
            self._stopping.set()
            process = self.process
        if process is not None:
            end(process)
        if self._thread.is_alive():
            self._thread.join()

    def stands(self) -> list[Standing]:
        """How each folder stands, in the order of the settings."""
        with self._lock:
            return list(self._stands.values())

    def _run(self) -> None:
        failures = 0
        while (process := self._started()) is not None:
            begun = time.monotonic()
            assert process.stdout is not None
            for line in process.stdout:
                self._note(line)
            code = process.wait()
            process.stdout.close()
            end(process)
            if not self._stopping.is_set():
                logger.error("the process that follows folders ended: %s", code)
                if time.monotonic() - begun > _MOST_SECONDS:
                    failures = 0
                self._stopping.wait(min(2**failures, _MOST_SECONDS))
                failures += 1

    def _started(self) -> subprocess.Popen[bytes] | None:
        """None once it is over."""
        with self._lock:
            if self._stopping.is_set():
                return None
            for folder, stands in self._stands.items():
                self._stands[folder] = replace(stands, status="waiting", share=None)
            command = [sys.executable, "-m", f"{__package__}.follower"]
            pipe = subprocess.PIPE
            self.process = process = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        given = self._settings.model_dump(mode="json", include={*PASSED_ON, "sync_folders"})
        with suppress(ValueError):  # it was told to end meanwhile
            tell(process, json.dumps(given).encode())
        return process

    def _note(self, line: bytes) -> None:
        told = json.loads(line)
        errors = tuple((uri, reason) for uri, reason in told.pop("errors"))
        stands = Standing(errors=errors, **told)
        with self._lock:
            self._stands[stands.folder] = stands
