"""How long adding waits for questions: a while, not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_SECONDS = 0.01
_QUIET_SECONDS = 0.1  # who asks one question after the other pauses for less
_RECENT_SECONDS = 2.0
_MOST_WAITING = 4.0  # times what the last batch took: unceasing questions leave it a fifth


class GivingWay:
    """What one that adds in batches remembers of the questions it has met."""

    def __init__(self) -> None:
        self._asked = -_RECENT_SECONDS  # when a question was last seen
        self._took = 0.0  # the last batch, in seconds

    def wait(self, is_asked: Callable[[], bool]) -> None:
        """Returns once no question is being answered, by what `is_asked` says, or after four times
        as long as the last batch took."""
        begin = now = time.monotonic()
        quiet_from = begin if begin - self._asked < _RECENT_SECONDS + self._took else 0.0
        while now - begin <= _MOST_WAITING * self._took:
            if is_asked():
                self._asked = quiet_from = now
            elif now - quiet_from > _QUIET_SECONDS:
                return
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """While the block runs, a batch is worked on."""
        begin = time.monotonic()
        yield
        self._took = time.monotonic() - begin
