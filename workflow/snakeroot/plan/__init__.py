"""The plan: for each job what it is made from, and its spec, which is exactly what it may know.

A module for each stage, of functions from the names in the config. Those that are called as a rule return the spec of
its job; the others return names and paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from snakeroot.config.project import Project
from snakeroot.plan import (
    ancestors,
    calibrate,
    card,
    export,
    features,
    figures,
    friends,
    generate,
    generated,
    importance,
    jobs,
    metrics,
    names,
    predict,
    records,
    report,
    reweight,
    scale,
    split,
    systematics,
    targets,
    templates,
    train,
    tune,
    variations,
)

__all__ = [
    "ancestors",
    "calibrate",
    "card",
    "export",
    "features",
    "figures",
    "friends",
    "generate",
    "generated",
    "importance",
    "jobs",
    "load",
    "metrics",
    "names",
    "predict",
    "records",
    "report",
    "reweight",
    "scale",
    "split",
    "systematics",
    "targets",
    "templates",
    "train",
    "tune",
    "variations",
]


def load(values: Mapping[str, Any], files: Iterable[Path] = (), *, deployed: bool = False) -> Project:
    """Read the config, given as values and the files that these are from, and check that it can be planned.

    Args:
        deployed: whether jobs run in environments that are made for them, and not in this one.

    Raises:
        SnakerootError: for all mistakes, each in a line of its own with the file and the keys where it stands; for
            more jobs than `max_jobs`; or for packages that are not installed.
    """
    project = Project.load(values, files)
    jobs.check(project, project.tasks)
    if not deployed:
        records.check(project)
    return project
