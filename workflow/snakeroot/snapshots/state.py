"""One of two runs that are compared: a snapshot, or the present state of a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from snakeroot.data import paths
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError, hint, reading
from snakeroot.origins import records
from snakeroot.origins.records import Record
from snakeroot.snapshots.keep import FOLDER, MANIFEST, place

CONFIG = "config/config.yaml"


@dataclass(frozen=True)
class State:
    """A run's files.

    Attributes:
        name: as it was given; "present" of the working folder.
        folder: with results/ in it.
        manifest: of a snapshot; empty of a present state.
    """

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def kept(self) -> str:
        """When it was kept; of a present state, that it is one."""
        return self.manifest["kept"][:16].replace("T", " ") + " UTC" if self.manifest else "the present state"

    @cached_property
    def tasks(self) -> list[str]:
        """The tasks that were measured."""
        return sorted(path.parent.name for path in self.folder.glob(paths.METRICS.format(task="*")))

    def json(self, pattern: str, task: str) -> dict[str, Any]:
        """Return what a file of a task says."""
        return read_json(self.folder / pattern.format(task=task))

    @cached_property
    def figures(self) -> dict[str, Path]:
        """The figures, by their paths below results/."""
        results = self.folder / Path(paths.REPORT).parent
        return {str(path.relative_to(results)): path for path in sorted(results.glob("*/plots/*.svg"))}

    @cached_property
    def config(self) -> dict[str, str]:
        """The text of each file of the config, by its path; those that are not there are left out."""
        main = self.manifest.get("configfiles", [CONFIG])
        folder = self.manifest.get("task_folder") or self._task_folder()
        names = [*main, *(f"{folder}/{task}.yaml" for task in self.tasks)]
        return {name: _text(self.folder / name) for name in names if (self.folder / name).is_file()}

    def _task_folder(self) -> str:
        path = self.folder / CONFIG
        values = yaml.safe_load(_text(path)) if path.is_file() else {}
        return str(values.get("task_folder", "config/tasks")) if isinstance(values, dict) else "config/tasks"

    @cached_property
    def records(self) -> list[Record]:
        """Those of all of its jobs."""
        return list(records.every(self.folder / records.FOLDER))

    def facts(self) -> dict[str, str]:
        """Return what made it, by what it is: versions, commits, and how long it took."""
        every = [record.facts for record in self.records]
        packages: dict[str, set[str]] = {}
        for record in self.records:
            for name, version in record.spec["packages"].items():
                packages.setdefault(name, set()).add(version)
        known = {
            "Commit": _joined(facts["commit"] for facts in every),
            "Snakeroot": _joined(facts["snakeroot"] for facts in every),
            "Python": _joined(facts["python"] for facts in every),
            "Machine": _joined(facts["machine"] for facts in every),
            "Jobs": str(len(every)),
            "CPU time [s]": f"{sum(facts['cpu_seconds'] for facts in every):.0f}",
        }
        if every:
            first, last = (pick(datetime.fromisoformat(one["end"]) for one in every) for pick in (min, max))
            known |= {"First job": f"{first:%Y-%m-%d %H:%M} UTC", "Last job": f"{last:%Y-%m-%d %H:%M} UTC"}
        return known | {name: ", ".join(sorted(versions)) for name, versions in sorted(packages.items())}


def find(name: str) -> State:
    """Return the snapshot of this name or, of "." or another path, the present state there.

    Raises:
        SnakerootError: if there is neither.
    """
    path = Path(name)
    folder = path if name in (".", "..") or "/" in name else place(name)
    if not folder.is_dir():
        known = sorted(one.name for one in FOLDER.glob("*") if (one / MANIFEST).exists())
        raise SnakerootError(f"there is no snapshot {name!r}: {hint(name, known)}; '.' is the present state")
    manifest = read_json(folder / MANIFEST) if (folder / MANIFEST).exists() else {}
    found = State("present" if name == "." else name, folder, manifest)
    if not found.tasks:
        raise SnakerootError(f"{folder}: no task was measured there: results/<task>/metrics.json")
    return found


def _text(path: Path) -> str:
    with reading(path):
        return path.read_text(encoding="utf-8")


def _joined(values: Any) -> str:
    return ", ".join(sorted({str(value or "unknown") for value in values})) or "unknown"
