"""The one error that a user is meant to read, and hints at what they may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SnakerootError(Exception):
    """Something in the input or config that its owner can mend.

    The message is all that is shown, so it names the file, the key or the branch, and says what to do.
    """


def hint(name: str, known: Iterable[str], most: int = 8) -> str:
    """Return "did you mean 'x'? Known: a, b, c": the nearest known name, and a few of them in order."""
    names = list(known)
    folded = {known_name.casefold(): known_name for known_name in reversed(names)}
    near = [folded[found] for found in difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)]
    shown = ", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")
    question = f"did you mean {near[0]!r}? " if near else ""
    return f"{question}Known: {shown or 'none'}"
