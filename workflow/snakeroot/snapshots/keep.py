"""A finished run kept in a folder of its own: hard links to its files, which cost next to nothing.

A link stays what it is when the next run makes a file anew, as outputs of jobs appear by a rename, and Snakemake
removes old ones before it runs a job. What users edit (the config) is copied. Logs, which a shell writes in place, and
records for other programs, which these may write to, are not kept.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from snakeroot.data import paths
from snakeroot.data.files import atomic_folder, make_folder, write_json
from snakeroot.errors import SnakerootError
from snakeroot.origins import payload
from snakeroot.origins.finished import Made, finished
from snakeroot.origins.workflow import Workflow

FOLDER = Path("snapshots")
MANIFEST = "snapshot.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LEFT_OUT = f"{Path(paths.RECORDS).parts[0]}/"


@dataclass
class Kept:
    """What a snapshot holds.

    Attributes:
        path: of its folder.
        linked, copied: how many files.
        size: of the copied ones [bytes].
    """

    path: Path
    linked: int = 0
    copied: int = 0
    size: int = 0


def place(name: str) -> Path:
    """Return where a snapshot of this name lies.

    Raises:
        SnakerootError: if it is no name.
    """
    if not NAME.fullmatch(name):
        raise SnakerootError(f"{name!r} is no name of a snapshot: take letters, digits, '_', '.' and '-'")
    return FOLDER / name


def keep(workflow: Workflow, name: str) -> Kept:
    """Keep all that the jobs of a finished run have made, their records, and the config.

    Raises:
        SnakerootError: if there is a snapshot of this name, the run is not finished, or a file is not as it was made.
    """
    path = free(name)
    jobs = [made for made in finished(workflow) if not made.job.outputs[0].startswith(LEFT_OUT)]
    config = payload.config(workflow)
    files = {name: facts for made in jobs for name, facts in made.record.outputs.items()}
    _check(files)
    kept = Kept(path)
    with atomic_folder(path) as part:
        for file in sorted([*files, *(str(made.record.path) for made in jobs)]):
            _link(Path(file), part / file, kept)
        for written, source in config.items():
            _copy(source, part / written, kept)
        write_json(_manifest(name, workflow, jobs, files), part / MANIFEST)
    return kept


def free(name: str) -> Path:
    """Return where a new snapshot of this name goes.

    Raises:
        SnakerootError: if there is one.
    """
    path = place(name)
    if path.exists():
        raise SnakerootError(f"{path} is there already: take another name, or remove it: rm -r {path}")
    return path


def _check(files: dict[str, dict[str, Any]]) -> None:
    """Check that files are there, and as large as they were when they were made."""
    changed = [name for name, facts in files.items() if _size(Path(name)) != facts["bytes"]]
    if changed:
        raise SnakerootError(
            f"{payload.listed(changed)}: edited, damaged or removed after it was made: snakeroot explain {changed[0]}"
        )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _link(source: Path, target: Path, kept: Kept) -> None:
    make_folder(target.parent)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links: then there is a copy, or an error that says why
        _copy(source, target, kept)
    else:
        kept.linked += 1


def _copy(source: Path, target: Path, kept: Kept) -> None:
    make_folder(target.parent)
    shutil.copy2(source, target)
    kept.copied += 1
    kept.size += source.stat().st_size


def _manifest(name: str, workflow: Workflow, jobs: list[Made], files: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "kept": datetime.now(UTC).isoformat(timespec="seconds"),
        "tasks": _tasks(files),
        "task_folder": workflow.task_folder,
        "configfiles": list(workflow.configfiles),
        "commits": sorted({made.record.facts["commit"] or "unknown" for made in jobs}),
        "files": files,
    }


def _tasks(files: Iterable[str]) -> list[str]:
    return sorted(_measured(files))


def _measured(files: Iterable[str]) -> Iterator[str]:
    pattern = re.compile(re.escape(paths.METRICS).replace(r"\{task\}", "([^/]+)"))
    for file in files:
        if found := pattern.fullmatch(file):
            yield found[1]
