"""What Python does while something hostile is read: an audit hook sees all imports, files, processes and sockets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_watched: list[list[str]] = []
_PLAIN = ("compile", "object.__getattr__", "object.__setattr__", "sys._getframe", "builtins.id")
"""Events of computing: `compile` is also that of a text that is read as a tree; `exec` follows if it runs."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched and event not in _PLAIN:
        for events in _watched:
            events.append(f"{event} {str(arguments)[:200]}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """Yield a list that is filled with the audit events of the block, but for those of plain computing."""
    if _hook not in _installed:
        sys.addaudithook(_hook)
        _installed.append(_hook)
    events: list[str] = []
    _watched.append(events)
    try:
        yield events
    finally:
        _watched.remove(events)


_installed: list[Any] = []
"""A hook stays for as long as the process, and so there is one."""
