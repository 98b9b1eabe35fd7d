"""How many jobs the tasks are, counted before Snakemake plans them: it takes milliseconds and kilobytes for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from snakeroot.config.figures import Figures
from snakeroot.config.schema import Task
from snakeroot.errors import SnakerootError
from snakeroot.split.settings import SPLITS


class Jobs(Figures):
    """Tasks that can be planned."""

    @classmethod
    def load(cls, values: Mapping[str, Any], files: Iterable[Path] = ()) -> Self:
        """Read the task files that the config, read from `files` and the command line, names.

        Raises:
            SnakerootError: for all mistakes, each in a line of its own with the file and the keys where it stands; or
                for more jobs than `max_jobs`.
        """
        project = super().load(values, files)
        project.check_jobs(project.tasks)
        return project

    def all_tasks(self) -> dict[str, Task]:
        """All tasks in the folder, those that the config names first.

        Raises:
            SnakerootError: for all mistakes in any of them, or for more jobs than `max_jobs`.
        """
        found = super().all_tasks()
        self.check_jobs(found)
        return found

    def jobs(self, task: str) -> dict[str, int]:
        """How many jobs a task has, by the keys that they are for; generated samples are not among them."""
        folds, parts, unlabelled = len(self.folds(task)), self.parts[task], self.unlabelled(task)
        predicted = len(SPLITS) + bool(unlabelled)
        found = {}
        for name in parts:
            found[f"samples.{name}"] = len(parts[name]) * (1 + folds * (name not in unlabelled or folds > 1))
        for name, model in self.models[task].items():
            found[f"models.{name}"] = folds * model.replicas * (1 + predicted) + predicted
            if tuning := model.tuning:
                rounds = tuning.trials()
                trainings = sum(math.ceil(trials / tuning.trials_per_job) for trials in rounds)
                own = trainings * (1 + len(self.rungs(task, name))) + len(rounds) * len(("propose", "collect"))
                found[f"models.{name}.tuning"] = own + len(("best", "timeline"))
        return found | {"figures": len(self.figures(task)), "split": folds + len(("normalise", "audit", "metrics"))}

    def check_jobs(self, tasks: Iterable[str]) -> None:
        """Check that there are no more jobs than the config allows.

        Raises:
            SnakerootError: with their number, and what has most of them.
        """
        names = list(tasks)
        found = {f"{task}: {key}": count for task in names for key, count in self.jobs(task).items()}
        made = {
            path
            for task in names
            for name, sample in self.tasks[task].samples.items()
            if sample.generate
            for path in self.parts[task][name].values()
        }
        total = sum(found.values()) + len(made) + len(self.general_figures()) + len(("report", "all"))
        if total > self.config.max_jobs:
            most = sorted(found.items(), key=lambda item: -item[1])[:3]
            raise SnakerootError(
                f"{total:,} jobs are more than max_jobs, {self.config.max_jobs:,}: most are of "
                f"{', '.join(f'{key} ({count:,})' for key, count in most)}. Have fewer, or raise max_jobs in "
                "config.yaml: Snakemake plans some hundred jobs in a second, and takes 0.1 MB for each"
            )
