"""What a job or a command says while it works, line by line, into a log or onto a terminal."""

from __future__ import annotations

import logging
import sys

from snakeroot.errors import printable


class Lines(logging.Formatter):
    """Messages alone, with nothing in them that a terminal would obey: they repeat names from files."""

    def format(self, record: logging.LogRecord) -> str:
        """Return what is said."""
        return printable(super().format(record))


def begin(level: int, anew: bool = False) -> None:
    """Have what is logged from this level on written to standard error.

    Args:
        anew: whatever this process has had for it before, as a fork of another one has.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=anew)
