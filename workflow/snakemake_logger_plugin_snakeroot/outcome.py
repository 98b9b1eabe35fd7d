"""A job, what became of it, and where the results of a run are."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

REPORT = "results/report.html"
TAIL = 12
"""Lines of a log that are shown where it does not say what was wrong."""
LONGEST = 100_000
"""Bytes at the end of a log that are looked at."""

_REASONS = {
    "Missing output files": "not made yet",
    "Input files updated by another job": "after another job",
    "Updated input files": "changed input",
    "Set of input files has changed since last execution": "other inputs",
    "Params have changed since last execution": "changed config or code",
    "Code has changed since last execution": "changed rule",
    "Software environment definition has changed since last execution": "changed environment",
    "Forced execution": "forced",
    "Incomplete output files": "stopped before",
}


@dataclass(frozen=True)
class Job:
    """A job as Snakemake tells of it."""

    rule: str
    wildcards: tuple[str, ...]
    outputs: tuple[str, ...]
    logs: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read a record."""
        wildcards = facts.get("wildcards") or {}
        return cls(facts["rule_name"], tuple(map(str, wildcards.values())), tuple(facts.get("output") or ()))

    def with_logs(self, logs: Sequence[str]) -> Self:
        """Return the job with the files that say what was wrong."""
        return replace(self, logs=tuple(log.removesuffix(" (retrieve from storage)") for log in logs))

    def __str__(self) -> str:
        """The rule, and what it is about."""
        return " ".join([self.rule, *self.wildcards])

    def message(self) -> list[str]:
        """Return the one message that the log of a failed job ends with, and where the log is."""
        lines = [line for log in self.logs for line in _end(Path(log))]
        return [f"failed: {self}", *(f"  {line}" for line in lines), *(f"  log: {log}" for log in self.logs)]


def _end(log: Path) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LONGEST))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    last = max((place for place, line in enumerate(lines) if line.startswith("error: ")), default=None)
    return lines[-TAIL:] if last is None else lines[last:]


def reason(text: str) -> str:
    """Return why a job runs, in few words."""
    first = text.partition(";")[0].partition(":")[0].strip()
    return _REASONS.get(first, first.lower())


def where(made: Sequence[str]) -> list[str]:
    """Return where to look: the report if there is one, else the last files that were made."""
    reports = [file for file in made if file.endswith(REPORT)] or ([REPORT] if Path(REPORT).exists() else [])
    if reports:
        return [f"Report: {reports[0]}"]
    return [f"Made: {', '.join(made[-3:])}"] if made else []


def counted(number: int, what: str) -> str:
    """Return "1 job", "2 jobs"."""
    return f"{number} {what}{'s' * (number != 1)}"


def duration(seconds: float) -> str:
    """Return seconds as a person says them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def on_terminal() -> bool:
    """Whether someone watches: bars would fill a log with themselves."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
