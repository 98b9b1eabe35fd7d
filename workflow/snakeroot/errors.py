"""The one error that a user is meant to read, and hints at what they may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager


class SnakerootError(Exception):
    """Something in the input or config that its owner can mend.

    The message is all that is shown, so it names the file, the key or the branch, and says what to do. Whatever it
    repeats of files or of a config, a terminal shows it and obeys nothing in it.

    Attributes:
        code: the exit code of a job that it ends.
    """

    code = 1

    def __str__(self) -> str:
        return printable(super().__str__())


class FaultError(SnakerootError):
    """A disk or a file is at fault, and not what was asked for: the next attempt may go well, with the same settings.

    So it is no result of a trial.
    """

    code = 74  # EX_IOERR of sysexits.h


@contextmanager
def reading(what: object) -> Iterator[None]:
    """Have whatever the system refuses within the block told in one line that begins with what was to be read.

    Raises:
        SnakerootError: in place of an OSError, with its reason.
    """
    try:
        yield
    except OSError as error:
        raise SnakerootError(f"{what}: cannot be read: {error.strerror or error}") from error


def hint(name: str, known: Iterable[str], most: int = 8) -> str:
    """Return "did you mean 'x'? Known: a, b, c": the nearest known name, and a few of them in order."""
    names = list(known)
    near = nearest(name, names)
    shown = ", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")
    question = f"did you mean {near!r}? " if near else ""
    return f"{question}Known: {shown or 'none'}"


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that is most like this one, whatever their case; None if none is like it."""
    folded = {known_name.casefold(): known_name for known_name in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else None


def shown(value: object, most: int = 80) -> str:
    """Return a value as a message repeats it: as Python writes it, cut off where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes out no whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """Return a text in which signs that are none to look at, as the commands of a terminal, are written out."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)
