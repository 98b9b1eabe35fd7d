"""Figures of generated events, which belong to no task."""

from __future__ import annotations

from dataclasses import dataclass

from snakeroot.config.project import Project
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.validated import VALIDATED
from snakeroot.plan import facts
from snakeroot.plotting.settings import Axis, Sample


def variables(project: Project) -> list[str]:
    """The quantities of which something was generated."""
    return [variable for variable in VALIDATED if ntuples(project, variable)]


def ntuples(project: Project, variable: str) -> list[tuple[str, str]]:
    """Sample and path of every generated ntuple that a figure of a quantity shows."""
    return list(project.generated(VALIDATED[variable].reconstruction))


@dataclass(frozen=True)
class Facts:
    """What is known of the figure of a quantity: each property is a fact, see `snakeroot.plan.facts`."""

    _project: Project
    _variable: str

    @property
    def origin(self) -> str:
        return "Simulation"

    @property
    def luminosity(self) -> None:
        return None

    @property
    def energy(self) -> float:
        first, _ = ntuples(self._project, self._variable)[0]
        return next(task.energy for task in self._project.tasks.values() if first in task.samples) or 13.0

    @property
    def variable(self) -> str:
        return self._variable

    @property
    def expression(self) -> str:
        return VALIDATED[self._variable].expression

    @property
    def tree(self) -> str:
        return str(RECONSTRUCTIONS.load(VALIDATED[self._variable].reconstruction).TREE)

    @property
    def axis(self) -> Axis:
        return VALIDATED[self._variable].axis

    @property
    def samples(self) -> list[Sample]:
        """One for each ntuple, as the first task that has it shows it."""
        shown = [name for name, _ in ntuples(self._project, self._variable)]
        of_tasks = {
            one.name: one
            for task in reversed(list(self._project.tasks))
            for one in facts.samples(self._project, task)
            if one.name in shown
        }
        return [of_tasks[name] for name in shown]
