"""The `footnote` command, also as `python -m footnote`."""

from __future__ import annotations

from api.cli.main import main

if __name__ == "__main__":
    main()
