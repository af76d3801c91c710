"""Keeps the process that adds uploads running while there is something to add."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading

from api.uploads.beside import end, tell
from api.uploads.jobs import Jobs
from index.errors import FootnoteError
from rag.settings import Settings

_LOOK_SECONDS = 1.0
_MOST_SECONDS = 60.0  # between two starts, where the process keeps failing
PASSED_ON = (
    *("store", "embedder", "precision", "cache", "chunk_tokens", "chunk_overlap"),
    *("ocr", "ocr_languages", "parse_seconds", "parse_memory_mb", "parse_file_mb"),
    *("parse_pages", "parse_characters"),
    *("originals", "original_file_mb", "originals_mb", "undo_minutes"),
    *("uploads_mb", "job_lease_seconds"),
)
"""The settings that a process beside the server is given."""
logger = logging.getLogger(__name__)


class Background:
    """Starts `api.uploads.worker` when there are open jobs, and anew when it fails. Nothing runs
    before `start`, or while there is nothing to do; `process` is what runs. Where other servers
    bring jobs too, it looks for them every second."""

    def __init__(self, settings: Settings, jobs: Jobs) -> None:
        self._settings = settings
        self._jobs = jobs
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Takes up what was left open when the server last ended."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def stop(self) -> None:
        """Ends the process; what it was working on is taken up at the next start."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if self.process is not None and self.process.poll() is not None:
                failures = failures + 1 if self.process.returncode else 0
                if self.process.returncode:
                    logger.error("the process that adds uploads ended: %s", self.process.returncode)
                end(self.process)
                self.process = None
            if self.process is None and self._is_open():
                self._stopping.wait(min(2**failures - 1, _MOST_SECONDS))
                self.process = self._started()
            elif self.process is not None and self._woken.is_set():
                tell(self.process, b"")
            self._woken.clear()
            if not self._stopping.is_set():
                looks = self.process is not None or self._jobs.is_shared
                self._woken.wait(_LOOK_SECONDS if looks else None)
        if self.process is not None:
            end(self.process)

    def _is_open(self) -> bool:
        try:
            found, problem = self._jobs.is_open(), ""
        except FootnoteError as error:
            found, problem = False, str(error)
        if problem not in ("", self._problem):
            logger.error("%s", problem)
        self._problem = problem
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"{__package__}.worker", self._jobs.holder]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        settings = self._settings.model_dump(mode="json", include=set(PASSED_ON))
        tell(process, json.dumps(settings).encode())
        return process
