"""Folders of results that are shared, or links to other disks: the bytes are the same."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from faults import _project, _runs
from faults._tally import Tally

FULL = 5
SHORT = 1

TARGET = "results/mine/metrics.json"


def try_all(count: int, folder: Path) -> list[Tally]:
    """Try each kind of folder so many times."""
    tallies = []
    for accident, trial in ACCIDENTS.items():
        tally, chance = Tally(accident), random.Random(1)  # noqa: S311 - moments, no secrets
        for number in range(count):
            with tally.attempt(f"{number}") as one:
                one.how = trial(folder / f"{len(tallies)}-{number}", chance)
        tallies.append(tally)
    return tallies


def _second(folder: Path, chance: random.Random) -> str:
    """Start a second run in the middle of the first."""
    project = _project.copy(folder, fresh=True)
    share = chance.uniform(0, 0.9)
    with _runs.begun(project) as first:
        _runs.until(lambda: _runs.visible(project) >= share * len(_project.content(_project.finished())))
        done = subprocess.run(
            [*_runs.COMMAND, TARGET],
            cwd=project,
            env=_runs.environment(project),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert done.stderr.startswith(f"error: another run is at work in this folder (process {first.pid} on "), done
        _runs.until(lambda: first.poll() is not None)
    assert first.returncode == 0, _runs.said(project)
    _project.as_undisturbed(project)
    return "the second is refused, the first ends with its bytes"


def _shared(folder: Path, chance: random.Random) -> str:
    """Have two projects whose results are one folder run at once, which the locks of neither can know."""
    folder.mkdir()
    (folder / "results").mkdir()
    projects = [_linked(folder / name, folder / "results") for name in ("one", "other")]
    with _runs.begun(projects[0]) as first:
        share = chance.uniform(0, 0.5)
        _runs.until(lambda: _runs.visible(projects[0]) >= share * len(_project.content(_project.finished())))
        with _runs.begun(projects[1]) as second:
            _runs.until(lambda: first.poll() is not None and second.poll() is not None)
    ended = [run.returncode for run in (first, second)]
    for project in projects:
        if ended != [0, 0]:
            assert "Traceback" not in _runs.said(project), _runs.said(project)
        code, said = _runs.whole(project)
        assert code == 0, said
        _project.as_undisturbed(project)
    return (
        "both end with the same bytes" if ended == [0, 0] else "one stops with an error, and goes on to the same bytes"
    )


def _symlinked(folder: Path, chance: random.Random) -> str:
    """Have the results elsewhere, on another disk, kill a run there and go on."""
    folder.mkdir()
    with _project.small_disk(folder / "elsewhere", 2**28) as disk:
        project = _linked(folder / "project", disk)
        share = chance.uniform(0, 0.9)
        with _runs.begun(project) as run:
            _runs.until(lambda: _runs.visible(project) >= share * len(_project.content(_project.finished())))
            _runs.kill(run)
        code, said = _runs.whole(project)
        assert code == 0, said
        _project.as_undisturbed(project)
        assert _runs.whole(project, "-n")[1].count("Nothing to be done") == 1
    return "killed on the way, and on to the same bytes"


def _linked(project: Path, results: Path) -> Path:
    _project.copy(project, fresh=True)
    (project / "results").symlink_to(results)
    return project


ACCIDENTS = {
    "a second run in the same folder": _second,
    "two runs of two folders whose results are one": _shared,
    "the results are a link to another disk": _symlinked,
}
