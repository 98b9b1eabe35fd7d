"""Ntuples that change while they are read: the table is of one state of the file or there is none, never of two.

The job is stopped at a random moment of its course, the file is changed, and the job goes on. If that came before it
had looked at the file, the table is that of the new file; if it came after the last look, that of the old one.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import kinds
import starter
from faults._tally import Attempt, Tally
from helpers import features_settings
from snakeroot.data.files import to_json
from snakeroot.errors import FaultError
from snakeroot.features.__main__ import features

FULL = 12
SHORT = 3

ENTRIES = 40_000
MODULE = "snakeroot.features"


def _replaced(path: Path, other: Path) -> None:
    shutil.copy(other, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def _removed(path: Path, other: Path) -> None:
    path.unlink()


def _overwritten(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def _cut(path: Path, other: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def _continued(path: Path, other: Path) -> None:
    with path.open("ab") as file:
        file.write(other.read_bytes())


ACCIDENTS: dict[str, Callable[[Path, Path], None]] = {
    "another file takes the ntuple's place while it is read": _replaced,
    "the ntuple is removed while it is read": _removed,
    "the ntuple is overwritten in place while it is read": _overwritten,
    "the ntuple is cut short in place while it is read": _cut,
    "the ntuple is appended to while it is read": _continued,
}


def try_all(count: int, folder: Path) -> list[Tally]:
    """Have each of these happen to ntuples of all kinds in turn."""
    ntuples = [(_made(folder / "one", suffix, 0), _made(folder / "other", suffix, 1)) for suffix in kinds.SUFFIXES]
    chance = random.Random(1)  # noqa: S311 - moments, no secrets
    tallies = []
    with starter.started() as socket:
        for accident, happen in ACCIDENTS.items():
            tally = Tally(accident)
            for number in range(count):
                one, other = ntuples[number % len(ntuples)]
                with tally.attempt(f"{one.name}, attempt {number}") as attempt:
                    _happen(happen, one, other, folder / f"{len(tallies)}-{number}", socket, chance, attempt)
            tallies.append(tally)
    return tallies


def _made(folder: Path, suffix: str, seed: int) -> Path:
    """Write an ntuple; beside it the table that it gives, and how long that took."""
    path = kinds.write(folder / f"ntuple{suffix}", kinds.columns(ENTRIES, seed))
    table = _table_of(path)
    start = time.monotonic()
    features(_settings(path), [path], [], table, table.with_suffix(".json"))
    table.with_suffix(".seconds").write_text(str(time.monotonic() - start))
    return path


def _table_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.table.parquet")


def _settings(path: Path):
    suffix = next(suffix for suffix in kinds.SUFFIXES if path.name.endswith(suffix))
    return features_settings(tree=kinds.TREES.get(suffix), features={"n": "n", "x": "x"}, chunk=1000)


def _happen(
    accident: Callable[[Path, Path], None],
    one: Path,
    other: Path,
    folder: Path,
    socket: Path,
    chance: random.Random,
    attempt: Attempt,
) -> None:
    folder.mkdir()
    path, table = shutil.copy(one, folder / one.name), folder / "table.parquet"
    words = ["--spec", to_json({"settings": _settings(path).model_dump(mode="json")}), "--ntuple", str(path)]
    words += ["--metadata", "--table", str(table), "--cut-flow", str(folder / "flow.json"), "--threads", "1"]
    job = starter.begin(socket, MODULE, *words, "--provenance", str(folder / "provenance.json"))
    time.sleep(chance.uniform(0, 0.4 + float(_table_of(one).with_suffix(".seconds").read_text())))
    job.send_signal(signal.SIGSTOP)
    accident(path, other)
    job.send_signal(signal.SIGCONT)
    _, said = job.communicate()
    left = {found.name for found in folder.iterdir()} - {path.name}
    assert not [name for name in left if name.startswith(".")], f"half-written: {left}"
    states = [_table_of(state).read_bytes() for state in (one, other)]
    assert not table.exists() or table.read_bytes() in states, "a table of neither file"
    assert "Traceback" not in said, said
    if job.returncode:
        [error] = [line for line in said.splitlines() if line.startswith("error: ")]
        attempt.refused(error, path, *(["while this job read it"] if job.returncode == FaultError.code else []))
    else:
        assert table.exists()
        attempt.how = "the table of one state"
