"""Clocks that jump: what runs again follows from what files hold, whatever their times say.

The times of files are set as a clock that was wrong, or a copy that keeps times, would have left them.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import projects
from faults import _project
from faults._tally import Tally

FULL = 10
SHORT = 1

DAY = 86_400
TARGETS = ("results/mine/normalisation.json", "results/mine/split/audit.json")
NTUPLE = "ntuples/bkg_0.root"


def try_all(count: int, folder: Path) -> list[Tally]:
    """Have each of these so many times."""
    tallies = []
    for accident, trial in ACCIDENTS.items():
        tally, chance = Tally(accident), random.Random(1)  # noqa: S311 - times, no secrets
        for number in range(count):
            with tally.attempt(f"{number}") as one:
                one.how = trial(_project.copy(folder / f"{len(tallies)}-{number}"), chance)
        tallies.append(tally)
    return tallies


def _set(path: Path, seconds: float) -> None:
    """Move the time of a file."""
    facts = path.stat()
    os.utime(path, (facts.st_atime, facts.st_mtime + seconds))


def _ahead(project: Path, chance: random.Random) -> str:
    """Touch an ntuple in the future."""
    _set(project / NTUPLE, chance.uniform(1, 1000) * DAY)
    assert not projects.plan(project, *_project.TARGETS)
    return "nothing runs again"


def _back(project: Path, chance: random.Random) -> str:
    """Set the times of some results to long before those of what they are made from."""
    paths = sorted(path for path in (project / "results").rglob("*") if path.is_file())
    for path in chance.sample(paths, len(paths) // 2):
        _set(path, -chance.uniform(1, 1000) * DAY)
    assert not projects.plan(project, *_project.TARGETS)
    return "nothing runs again"


def _copied_back(project: Path, chance: random.Random) -> str:
    """Give an ntuple another, older time, as a backup might."""
    _set(project / NTUPLE, -chance.uniform(1, 1000) * DAY)
    assert not projects.plan(project, *_project.TARGETS)
    return "nothing runs again"


def _older(project: Path, chance: random.Random) -> str:
    """Put another file in the place of an ntuple, older than all that was made of the first."""
    projects.ntuple(project / NTUPLE, signal=False, events=chance.choice([600, 700]), first=chance.randrange(1, 1000))
    _set(project / NTUPLE, -chance.uniform(1, 1000) * DAY)
    plan = projects.plan(project, *TARGETS)
    assert plan["features mine bkg"] == 1, plan
    assert "features mine sig" not in plan, plan
    projects.run(project, *TARGETS)
    assert not projects.plan(project, *TARGETS)
    fresh = _project.copy(project.with_name(f"{project.name}-fresh"), fresh=True)
    shutil.copy(project / NTUPLE, fresh / NTUPLE)
    projects.run(fresh, *TARGETS)
    made, expected = _project.content(project), _project.content(fresh)
    assert {path: made[path] for path in expected} == expected
    return "what follows from it runs again"


def _between(project: Path, chance: random.Random) -> str:
    """Change what is read, and make the features anew while the clock is behind; the run ends before their split."""
    path = project / "config/tasks/mine.yaml"
    path.write_text(path.read_text().replace("x: x\n", f"x: x + {chance.random():.3f}\n", 1))
    tables = sorted((project / "results/mine/features").rglob("*.parquet"))
    projects.run(project, "--forcerun", "features", "--", *(str(table.relative_to(project)) for table in tables))
    for table in (project / "results/mine/features").rglob("*.*"):
        _set(table, -chance.uniform(1, 1000) * DAY)
    plan = projects.plan(project, *TARGETS)
    assert (plan["split mine bkg"], plan["split mine sig"]) == (1, 1), plan
    projects.run(project, *TARGETS)
    assert not projects.plan(project, *TARGETS)
    return "what follows from it runs again"


ACCIDENTS: dict[str, Callable[[Path, random.Random], str]] = {
    "an ntuple is touched in the future": _ahead,
    "results are older than what they are made from": _back,
    "an ntuple has an older time": _copied_back,
    "another ntuple takes a place, and is older than the results": _older,
    "a result is made anew while the clock is behind, and the run is stopped": _between,
}
