from __future__ import annotations

import threading

import pytest

from rag.stop import Stop, Stopped


def test_what_is_registered_is_called_once_and_only_within_its_block() -> None:
    stop, calls = Stop(), []
    with stop.calling(lambda: calls.append("left")):
        pass
    with stop.calling(lambda: calls.append("inside")):
        assert not stop.is_set()
        stop.set()
        stop.set()
    assert stop.is_set()
    assert calls == ["inside"]
    with stop.calling(lambda: calls.append("late")):
        assert calls == ["inside", "late"]


def test_waiting_ends_when_it_is_set() -> None:
    stop = Stop()
    assert not stop.wait(0.001)
    threading.Timer(0.01, stop.set).start()
    assert stop.wait(30)


def test_whoever_checks_it_stops() -> None:
    stop = Stop()
    stop.check()
    stop.set()
    with pytest.raises(Stopped):
        stop.check()
