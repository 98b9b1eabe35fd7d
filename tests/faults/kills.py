"""kill -9 of a whole run, with all that it has started, at random moments: the same command finishes it.

A run is killed several times in its course, each time when a random number of its results is there and a random part of
a second later. So the moments are spread over the run, however fast the machine is.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from faults import _project, _runs
from faults._tally import Tally

FULL = 30
SHORT = 2

COURSES = 10
"""Kills of one run."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Kill runs so many times."""
    tally, chance = Tally("kill -9 of the whole run, at a random moment"), random.Random(1)  # noqa: S311 - no secrets
    while tally.tried < count:
        kills = min(COURSES, count - tally.tried)
        moments = [(moment, chance.uniform(0, 1)) for moment in sorted(chance.uniform(0, 0.9) for _ in range(kills))]
        project = _project.copy(folder / f"run{tally.tried}", fresh=True)
        failure = ""
        try:
            _survives(project, moments)
        except AssertionError as error:
            failure = str(error)
        for moment, later in moments:
            with tally.attempt(f"{later:.2f} s after {moment:.0%} of its results were there") as one:
                assert not failure, failure
                one.how = "the same command ends with the bytes of an undisturbed run"
        shutil.rmtree(project)
    return [tally]


def _survives(project: Path, moments: list[tuple[float, float]]) -> None:
    expected = len(_project.content(_project.finished()))
    for share, later in moments:
        with _runs.begun(project) as run:
            _runs.until(lambda: _runs.visible(project) >= share * expected or run.poll() is not None)  # noqa: B023 - now
            time.sleep(later)
            assert run.poll() is None, f"it ended by itself:\n{_runs.said(project)}"
            _runs.kill(run)
        _project.whole_or_absent(project)
    code, said = _runs.whole(project)
    assert code == 0, said
    assert "the last run was killed: removing its lock" in said, said
    _project.as_undisturbed(project)
