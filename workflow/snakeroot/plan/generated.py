"""Figures of generated events, which belong to no task."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.generate.validated import VALIDATED


def variables(project: Project) -> list[str]:
    """The quantities of which something was generated."""
    return [variable for variable in VALIDATED if ntuples(project, variable)]


def ntuples(project: Project, variable: str) -> list[tuple[str, str]]:
    """Sample and path of every generated ntuple that a figure of a quantity shows."""
    return list(project.generated(VALIDATED[variable].reconstruction))


def energy(project: Project, variable: str) -> float:
    """The centre-of-mass energy, as the first task that has them says."""
    first, _ = ntuples(project, variable)[0]
    return next(task.energy for task in project.tasks.values() if first in task.samples) or 13.0
