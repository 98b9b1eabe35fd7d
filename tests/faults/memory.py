"""No memory for a trial: the kernel kills it, that is its result, and the others are what they would be."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import projects
from faults import _project, _runs
from faults._tally import SkippedError, Tally
from snakeroot.data.files import read_json

FULL = 5
SHORT = 1

LIMIT = 2_500_000_000
"""Bytes that the run may have, several times what all that is small in it takes."""

HUGE = 12_000
"""Units of two layers: 0.6 GB of weights between them, four times that with gradients and the optimizer's moments."""

SAME = ("state", "metrics", "validation_loss", "point")
"""What of a trial does not depend on the others."""

HISTORY = "results/mine/models/net/tuning/history0.json"
GROUPS = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
"""Where Linux counts the memory of groups of processes, by its first or by its second version."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Let the kernel kill so many trials."""
    tally, chance = Tally("out of memory in one trial of a search"), random.Random(1)  # noqa: S311 - no secrets
    units = [3, 4, 5, 6]
    expected = {one["point"]["hidden.units"]: one for one in _searched(folder / "small", units, None)}
    for number in range(count):
        place = chance.randrange(len(units))
        with tally.attempt(f"trial {place}") as one:
            given = [*units[:place], HUGE, *units[place + 1 :]]
            found = _searched(folder / f"{number}", given, LIMIT)
            for trial in found:
                size = trial["point"]["hidden.units"]
                if size == HUGE:
                    assert trial["state"] == "fail", trial
                    assert "memory" in trial["reason"], trial
                else:
                    other = {
                        key: (trial[key], expected[size][key]) for key in SAME if trial[key] != expected[size][key]
                    }
                    assert not other, f"trial {trial['number']} is another one: {other}"
            assert sorted(trial["point"]["hidden.units"] for trial in found) == sorted(given), found
            one.how = "it is a failed trial with its reason, the others are as without it"
    return [tally]


def _searched(folder: Path, units: list[int], limit: int | None) -> list[dict[str, Any]]:
    """Return the trials of a search over these numbers of units, all in one job."""
    grid = {"sampler": "grid", "trials_per_round": len(units), "trials_per_job": len(units)}
    search = {**grid, "space": {"hidden.units": {"choices": units}}}
    model = {"architecture": "mlp", "hidden": {"layers": 2}, "training": {"max_epochs": 2}, "tuning": search}
    project = _project.create(folder)
    projects.write_yaml(project / "config/tasks/mine.yaml", projects.task(models={"net": model}))
    words = [*_runs.COMMAND, HISTORY]
    if limit is None:
        done = _run(project, words)
    else:
        with _group(limit) as group:
            done = _run(project, ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", *words])
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stdout}"
    found: list[dict[str, Any]] = read_json(project / HISTORY)["trials"]
    shutil.rmtree(project)
    return found


def _run(project: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=project,
        env=_runs.environment(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@contextmanager
def _group(limit: int) -> Iterator[Path]:
    """Make a group of processes that may have so much memory together."""
    for root, name in zip(GROUPS, ("memory.limit_in_bytes", "memory.max"), strict=True):
        group = root / "snakeroot-faults"
        try:
            group.mkdir()
            (group / name).write_text(str(limit))
        except OSError:
            continue
        try:
            yield group
        finally:
            group.rmdir()
        return
    raise SkippedError("no permission to limit the memory of a group of processes")
