"""When trainings and trials ran, from the provenance of their jobs, which is outside of the promise of equal bytes.

It may be gone, as no rule makes it. What it says nothing of ran when its result was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from snakeroot.data.files import read_json
from snakeroot.records.runs import Times


def of_training(noted: Path, result: Path) -> Times:
    """Return the times of the job that wrote a result, whose provenance is `noted`."""
    if not noted.exists():
        return written(result)
    known = read_json(noted)
    return Times(_read(known["start"]), _read(known["end"]))


def of_trials(folder: Path, jobs: Sequence[Sequence[str]], rungs: int) -> dict[int, Times]:
    """Return the times of the trials of a search by number, as far as they are known: from first rung to last.

    Args:
        folder: with the provenance of the search's jobs.
        jobs: the names of each round's jobs.
        rungs: how many each trial has before its last.
    """
    found: dict[int, Times] = {}
    for number, names in enumerate(jobs):
        for place in (folder / f"round{number}" / f"trial{name}" for name in names):
            for part in (*(place / f"rung{rung}" for rung in range(rungs)), place):
                path = part / "result.json.json"
                for trial in read_json(path)["trials"] if path.exists() else ():
                    times = Times(_read(trial["start"]), _read(trial["end"]))
                    found[trial["number"]] = Times.around([times, found.get(trial["number"], times)])
    return found


def written(path: Path) -> Times:
    """Return when a file was written, as a start and an end."""
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Times(time, time)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
