"""Searches: which jobs a model's tuning has, what each of them waits for, and the figures that show it."""

from __future__ import annotations

from typing import Any

from snakeroot import paths
from snakeroot.config.catalogue import Catalogue
from snakeroot.config.models import trial_training
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.search import settings as search
from snakeroot.report.settings import FigureEntry
from snakeroot.spec import spec
from snakeroot.tune.settings import Tuning


class Searches(Catalogue):
    """Names and paths of tune.smk, and the specs of evaluate_searches.smk."""

    def searched(self, task: str) -> list[str]:
        """The models of a task whose settings are searched."""
        return [name for name, model in self.models[task].items() if model.tuning]

    def tuned(self, task: str, model: str) -> list[str]:
        """The best point of a model's search, if it has one."""
        return [paths.BEST.format(task=task, model=model)] if self.models[task][model].tuning else []

    def results(self, task: str, model: str, number: str) -> list[str]:
        """The results of a round, by job."""
        jobs = self._tuning(task, model).jobs(int(number))
        return [paths.RESULTS.format(task=task, model=model, round=number, trials=trials) for trials in jobs]

    def trials_of(self, task: str, model: str, number: str, trials: str) -> list[int]:
        """The numbers in their round of the trials that a job has."""
        return self._tuning(task, model).jobs(int(number))[trials]

    def rungs(self, task: str, model: str) -> list[int]:
        """The epochs after which trials of a round are compared and the worse ones stopped; none without pruning."""
        pruning = self._tuning(task, model).pruning
        return pruning.rungs(trial_training(self.models[task][model]).max_epochs) if pruning else []

    def before_rung(self, task: str, model: str, number: str, rung: str | None = None) -> list[str]:
        """The results of all trials of a round at the rung before this one, by default before the trials' end."""
        return [
            paths.RUNG.format(task=task, model=model, round=number, trials=trials, rung=before)
            for before in self._before(task, model, rung)
            for trials in self._tuning(task, model).jobs(int(number))
        ]

    def begin(self, task: str, model: str, number: str, trials: str, rung: str | None = None) -> list[str]:
        """The states that a job's trials go on from at a rung, by default at their last."""
        return [
            paths.RUNG_STATES.format(task=task, model=model, round=number, trials=trials, rung=before)
            for before in self._before(task, model, rung)
        ]

    def _before(self, task: str, model: str, rung: str | None) -> list[int]:
        """The number of the rung before, if there is one."""
        at = len(self.rungs(task, model)) if rung is None else int(rung)
        return [at - 1] if at else []

    def finished(self, task: str, model: str, number: int | None = None) -> list[str]:
        """The trials of all rounds up to this one, by default the last; none before the first round."""
        last = len(self._tuning(task, model).trials()) - 1 if number is None else number
        return [paths.TUNING_HISTORY.format(task=task, model=model, round=last)] if last >= 0 else []

    def known(self, task: str, model: str, number: int) -> list[str]:
        """The trials whose results the proposals of a round follow from; none for the first rounds."""
        return self.finished(task, model, number - self._tuning(task, model).lag)

    def pending(self, task: str, model: str, number: int) -> list[str]:
        """The proposals whose results a round does not wait for."""
        first = max(number - self._tuning(task, model).lag + 1, 0)
        return [paths.PROPOSALS.format(task=task, model=model, round=other) for other in range(first, number)]

    def search(self, task: str, model: str, figure: str) -> str:
        """Of one figure of a search."""
        tuning = self._tuning(task, model)
        known = {"model": self._labelled(task, model), "space": tuning.space, "objective": tuning.objective}
        settings = search.Search(**known, **self._of_trials(task))
        return spec(settings, f"snakeroot.evaluate.search.{figure}")

    def timeline(self, task: str, model: str) -> str:
        """Of the figure of a search's jobs."""
        tuning = self._tuning(task, model)
        jobs = [list(tuning.jobs(number)) for number in range(len(tuning.trials()))]
        rungs = len(self.rungs(task, model))
        settings = search.Timeline(model=self._labelled(task, model), jobs=jobs, rungs=rungs, **self._of_trials(task))
        return spec(settings, "snakeroot.evaluate.search.timeline")

    def search_figures(self, task: str, model: str) -> list[FigureEntry]:
        front = ["tuning-front"] if len(self._tuning(task, model).objective) > 1 else []
        kinds = ["tuning-history", *front, "tuning-parallel", "tuning-importance", "tuning-slices"]
        return [FigureEntry.model_validate({"kind": kind, "subject": model}) for kind in kinds]

    def _of_trials(self, task: str) -> dict[str, Any]:
        """What stands above a figure of trials, which are no events: neither whose nor how many."""
        return self._stated(task) | {"origin": "", "luminosity": None, "energy": None}

    def _tuning(self, task: str, model: str) -> Tuning:
        if not (tuning := self.models[task][model].tuning):
            raise SnakerootError(f"{task}: the model {model!r} has no 'tuning'")
        return tuning
