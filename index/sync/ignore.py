"""Which files of a folder are left out: what `.footnoteignore` files say in gitignore's syntax, and
the files that editors, word processors and downloads leave behind while they work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from index.errors import UnreadableFile

FILE_NAME = ".footnoteignore"

_TEMPORARY = r"""
.DS_Store
Thumbs.db
desktop.ini
~$*
.~lock.*
.#*
\#*#
*~
.*.sw[a-p]
4913
*.tmp
*.part
*.partial
*.crdownload
.goutputstream-*
.nfs*
""".split("\n")


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of one file, for the paths below `folder` (relative, ending with a slash, or
    empty)."""

    folder: str
    spec: GitIgnoreSpec

    def verdict(self, path: str) -> bool | None:
        """Whether `path`, which ends with a slash where it is a folder, is left out; None where no
        pattern is about it. Its parents are not looked at."""
        below = path[len(self.folder) :]
        for pattern in reversed(self.spec.patterns):
            found = pattern.match_file(below) if pattern.include is not None else None
            if found and _is_whole(found.match, below):
                return pattern.include
        return None


def _is_whole(match: re.Match[str], path: str) -> bool:
    """Whether a pattern matched `path` itself and not only a folder above it. pathspec marks with
    a group where a pattern ends, except for patterns that take all there is (`*`, `x/**`)."""
    if match.re.groups:
        return match.lastindex is None or match.end() == len(path)
    return not match.group().endswith("/") or match.end() < len(path)


def usual_rules() -> Rules:
    """What is left out unless a `.footnoteignore` asks for it (`!*.tmp`)."""
    return Rules("", GitIgnoreSpec.from_lines(_TEMPORARY))


def rules_in(path: Path, folder: str) -> Rules:
    """Those of the `.footnoteignore` at `path`. Raises `UnreadableFile`."""
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return Rules(folder, GitIgnoreSpec.from_lines(lines))
    except OSError as error:
        raise UnreadableFile(f"{path.as_posix()} cannot be read: {error.strerror}") from error
    except GitIgnorePatternError as error:
        raise UnreadableFile(f"{path.as_posix()}: {error}; mend the line") from error


def is_left_out(path: str, rules: Sequence[Rules]) -> bool:
    """What the innermost of `rules`, outermost first, says of `path`."""
    verdicts = (each.verdict(path) for each in reversed(rules))
    return next((verdict for verdict in verdicts if verdict is not None), False)
