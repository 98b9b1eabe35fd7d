"""`python -IS ended.py CODE words`: what to say of a job that a signal has ended, as it cannot say it itself.

The shell's function `python` (Snakefile) calls it with the exit code and the words of the job, be it a process or a
fork of snakeroot/jobs/starter.py. Its one message stands at the end of the job's log, where a run shows it.
"""

from __future__ import annotations

import json
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOT_READ = ("--spec", "--provenance")
"""Options whose words are no files that the job reads."""

MOST = 5
"""Files that are named."""

FAULTS = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")
"""Signals of code that went astray."""


def message(code: int, words: Sequence[str]) -> str:
    """Return what to say of a job `python words` with an exit code above 128, as a shell has it after a signal."""
    name = _name(code - 128)
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else "python"
    said = f"error: the job ({module}) was ended by {name}{_why(name)}"
    files = list(dict.fromkeys(_files(words)))
    if not files:
        return said
    more = f", … ({len(files)} in all)" if len(files) > MOST else ""
    return f"{said}; it was reading {', '.join(files[:MOST])}{more}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _why(name: str) -> str:
    if name == "SIGKILL":
        return (
            ", most likely for want of memory (see dmesg, or what the scheduler says): give it more "
            "(resources in config.yaml), or have fewer jobs at once (--cores)"
        )
    if name in FAULTS:
        return (
            ", a fault within a library, as damaged files lead to: fetch its files again, and give their checksums "
            "(snakeroot checksum), by which damage is told before anything is read"
        )
    return ", by a scheduler at a limit, or by somebody" if name == "SIGTERM" else ""


def _files(words: Sequence[str]) -> Iterator[str]:
    """Yield the files that are there among the words behind options, and the URL that the spec has."""
    option = ""
    for word in words:
        if word.startswith("--"):
            option = word
        elif option == "--spec":
            yield from _url(word)
        elif option and option not in NOT_READ and os.path.isfile(word):  # noqa: PTH113 - pathlib takes longer to import
            yield word


def _url(spec: str) -> Iterator[str]:
    try:
        settings = json.loads(spec)["settings"]
    except (ValueError, KeyError, TypeError):
        return
    for one in [settings, *(settings.get("samples") or [])] if isinstance(settings, dict) else []:
        if isinstance(one, dict) and isinstance(url := one.get("url"), str):
            yield url


if __name__ == "__main__":
    print(message(int(sys.argv[1]), sys.argv[2:]), file=sys.stderr)  # noqa: T201
