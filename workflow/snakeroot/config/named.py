"""What a job's path names is in the config, or an error says what is: targets on the command line can be misspelt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any

from snakeroot.config.jobs import Jobs
from snakeroot.config.tasks import ByTask
from snakeroot.errors import SnakerootError, hint
from snakeroot.generate.validation_settings import VALIDATED

ORDER = ("model", "sample", "part", "fold", "replica", "round", "trials", "rung", "variable")
"""The wildcards that are checked, each after those that it depends on. A task's name is, where its file is read; splits
are three always; a feature is the name of a figure."""


class Named(Jobs):
    """The one check of the wildcards of all rules."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._names: ByTask[set[str]] = ByTask((), self._of_figures)

    def check(self, wildcards: Mapping[str, str], figure: str | None = None, *, search: bool = False) -> None:
        """Check what a job is of, that the figure it draws is one of its task's, and that its model is searched.

        Raises:
            SnakerootError: naming what there is not, and the nearest of what there is.
        """
        of = dict(wildcards)
        where = ""
        if "task" in of:
            self.tasks[of["task"]]
            where = f"{of['task']}: "
        elif "sample" in of:  # a generated one, which all tasks share
            of["task"] = self.generating(of["sample"])
        for name in ORDER:
            if name in of and of[name] not in (known := self._known(name, of)):
                raise SnakerootError(f"{where}there is no {name} {of[name]!r}: {hint(of[name], known)}")
        if figure and (drawn := figure.format(**of)) not in (figures := self._names[of["task"]]):
            raise SnakerootError(f"{where}there is no figure {drawn!r}: {hint(drawn, sorted(figures))}")
        if search:
            self._tuning(of["task"], of["model"])

    def generating(self, sample: str) -> str:
        """The task, of those that the config names or of all, whose sample of this name is generated here.

        Raises:
            SnakerootError: if there is none.
        """
        known: dict[str, str] = {}
        for tasks in (lambda: self.tasks, self.all_tasks):
            found = [(name, task, given) for task, it in tasks().items() for name, given in it.samples.items()]
            known = {name: task for name, task, given in found if given.generate}
            if sample in known:
                return known[sample]
        raise SnakerootError(f"no task generates a sample {sample!r}: {hint(sample, known)}")

    def _known(self, name: str, of: Mapping[str, str]) -> Collection[str]:
        """What a wildcard can be, given those before it."""
        if name == "variable":
            return [variable for variable in VALIDATED if self.validated(variable)]
        task = of["task"]
        if name == "model":
            return self.models[task]
        if name == "sample":
            return self.tasks[task].samples
        if name == "part":
            return self.parts[task][of["sample"]]
        if name == "fold":
            return self.folds(task)
        model = of["model"]
        if name == "replica":
            return _numbers(range(self.models[task][model].replicas))
        tuning = self._tuning(task, model)
        if name == "round":
            return _numbers(range(len(tuning.trials())))
        if name == "trials":
            return tuning.jobs(int(of["round"]))
        return _numbers(range(len(self.rungs(task, model))))

    def _of_figures(self, task: str) -> set[str]:
        return {PurePath(svg).stem for _, svg in self.figures(task)}


def _numbers(numbers: Iterable[int]) -> list[str]:
    return [str(number) for number in numbers]
