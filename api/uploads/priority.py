"""Which process waits for which."""

from __future__ import annotations

import os

_STEPS = 10  # a process at this niceness gets a tenth of what one that answers questions gets


def step_back() -> None:
    """Lets every process that answers questions go before this one, where the system knows
    priorities. It cannot be undone."""
    if hasattr(os, "nice"):
        os.nice(_STEPS)
