"""Searches: which jobs a model's tuning has, what each of them waits for, and what it may know."""

from __future__ import annotations

import functools

from snakeroot.config.models import trial_training
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.networks.metrics import METRICS
from snakeroot.plan import ancestors
from snakeroot.plan.train import training
from snakeroot.train.settings import TrainSettings
from snakeroot.tune.allocation import Origin
from snakeroot.tune.samplers import SAMPLERS
from snakeroot.tune.settings import (
    BestSettings,
    CollectSettings,
    Promotion,
    ProposeSettings,
    ShortlistSettings,
    TrialSettings,
    Tuning,
)


def searched(project: Project, task: str) -> list[str]:
    """The models of a task whose settings are searched."""
    return [name for name, model in project.models[task].items() if model.tuning]


def tuned(project: Project, task: str, model: str) -> list[str]:
    """The best point of a model's search, if it has one."""
    return [paths.BEST.format(task=task, model=model)] if project.models[task][model].tuning else []


def results(project: Project, task: str, model: str, number: str) -> list[str]:
    """The results of a round, by job."""
    jobs = tuning_of(project, task, model).jobs(int(number))
    return [paths.RESULTS.format(task=task, model=model, round=number, trials=trials) for trials in jobs]


def trials_of(project: Project, task: str, model: str, number: str, trials: str) -> list[int]:
    """The numbers in their round of the trials that a job has."""
    return tuning_of(project, task, model).jobs(int(number))[trials]


def rungs(project: Project, task: str, model: str) -> list[int]:
    """The epochs after which trials of a round are compared and the worse ones stopped; none without pruning."""
    pruning = tuning_of(project, task, model).pruning
    return pruning.rungs(trial_training(project.models[task][model]).max_epochs) if pruning else []


def before_rung(project: Project, task: str, model: str, number: str, rung: str | None = None) -> list[str]:
    """The results of all trials of a round at the rung before this one, by default before the trials' end."""
    return [
        paths.RUNG.format(task=task, model=model, round=number, trials=trials, rung=before)
        for before in _before(project, task, model, rung)
        for trials in tuning_of(project, task, model).jobs(int(number))
    ]


def begin(project: Project, task: str, model: str, number: str, trials: str, rung: str | None = None) -> list[str]:
    """The states that a job's trials go on from at a rung, by default at their last."""
    return [
        paths.RUNG_STATES.format(task=task, model=model, round=number, trials=trials, rung=before)
        for before in _before(project, task, model, rung)
    ]


def _before(project: Project, task: str, model: str, rung: str | None) -> list[int]:
    """The number of the rung before, if there is one."""
    at = len(rungs(project, task, model)) if rung is None else int(rung)
    return [at - 1] if at else []


def finished(project: Project, task: str, model: str, number: int | None = None) -> list[str]:
    """The trials of all rounds up to this one, by default the last; none before the first round."""
    last = len(tuning_of(project, task, model).trials()) - 1 if number is None else number
    return [paths.TUNING_HISTORY.format(task=task, model=model, round=last)] if last >= 0 else []


def known(project: Project, task: str, model: str, number: int) -> list[str]:
    """The trials whose results the proposals of a round follow from; none for the first rounds."""
    return finished(project, task, model, number - tuning_of(project, task, model).lag)


def pending(project: Project, task: str, model: str, number: int) -> list[str]:
    """The proposals whose results a round does not wait for."""
    first = max(number - tuning_of(project, task, model).lag + 1, 0)
    return [paths.PROPOSALS.format(task=task, model=model, round=other) for other in range(first, number)]


def _origin(project: Project, task: str, model: str, number: int) -> tuple[str, str] | None:
    """The search, by task and model, whose best points are among those of a round; None if that has none of them."""
    tuning = tuning_of(project, task, model)
    if not tuning.start or sum(tuning.trials()[:number]) >= tuning.starting:
        return None
    of_task, of_model = tuning.start.search.split("/")
    return of_task, of_model


def start(project: Project, task: str, model: str, number: int) -> list[str]:
    """All trials of the search whose best points are among those of a round, if they are another search's."""
    origin = _origin(project, task, model, number)
    return finished(project, *origin) if origin else []


def propose(project: Project, task: str, model: str, number: str) -> str:
    """Of one round of a search. It knows nothing of how many there are, so that more of them change none."""
    tuning, origin = tuning_of(project, task, model), None
    if there := _origin(project, task, model, int(number)):
        objective = tuning_of(project, *there).objective[0]
        origin = Origin(name="/".join(there), objective=objective, trials=tuning.starting)
    settings = ProposeSettings(
        sampler=tuning.sampler,
        space=tuning.space,
        objective=tuning.objective,
        count=tuning.trials()[int(number)],
        round=int(number),
        trials_per_round=tuning.trials_per_round,
        seed=project.seed("propose", task, model),
        start=origin,
    )
    modules = [SAMPLERS.module(tuning.sampler.name), *metric_modules(tuning)]
    return spec(
        settings, "snakeroot.tune.propose", *modules, *(metric_modules(tuning_of(project, *there)) if there else ())
    )


def trials(project: Project, task: str, model: str, number: str, trials: str, rung: str | None = None) -> str:
    """Of one job's trials of a round, up to a rung or, by default, from the last rung to their end.

    All start from the same seed, so that they differ by their settings alone. It knows nothing of the round but how
    many of its trials go on.
    """
    tuning, places = tuning_of(project, task, model), rungs(project, task, model)
    at = len(places) if rung is None else int(rung)
    promotion = None
    if tuning.pruning and at:
        count = tuning.pruning.promoted(tuning.trials()[int(number)], at - 1)
        promotion = Promotion(objective=tuning.objective[0], count=count)
    settings = TrialSettings(
        trials=trials_of(project, task, model, number, trials),
        space=tuning.space,
        training=tuning.training,
        model=_trained(project, task, model, None if rung is None else places[at]),
        promotion=promotion,
    )
    modules = [*project.kind_modules(task, model), *project.metric_modules(task, model)]
    return spec(settings, "snakeroot.tune.trials", "snakeroot.train", *modules)


@functools.cache
def _trained(project: Project, task: str, model: str, until: int | None) -> TrainSettings:
    """What all trials of a search begin with, of which there may be thousands."""
    return training(project, task, model, "trial", until=until, initial=ancestors.of_network(project, task, model))


def shortlisted(project: Project, task: str, model: str) -> list[str]:
    """The trials of a search that are trained again, if any are."""
    return [paths.SHORTLIST.format(task=task, model=model)] if tuning_of(project, task, model).confirm else []


def confirmed(project: Project, task: str, model: str) -> list[str]:
    """What came of the trainings again, seed by seed, of all of these trials."""
    if not (confirm := tuning_of(project, task, model).confirm):
        return []
    return [
        paths.CONFIRMED.format(task=task, model=model, place=place, seed=seed)
        for seed in range(confirm.seeds)
        for place in range(confirm.trials)
    ]


def shortlist(project: Project, task: str, model: str) -> str:
    """Of all rounds of a search.

    Raises:
        SnakerootError: if none of its trials is trained again.
    """
    tuning = tuning_of(project, task, model)
    if not tuning.confirm:
        raise SnakerootError(f"{task}: the search of {model!r} has no 'confirm'")
    settings = ShortlistSettings(objective=tuning.objective, count=tuning.confirm.trials)
    return spec(settings, "snakeroot.tune.shortlist", *metric_modules(tuning))


def confirm(project: Project, task: str, model: str, place: str, seed: str) -> str:
    """Of the training again of one trial, as it was trained, but with another seed, and to its end at once."""
    tuning = tuning_of(project, task, model)
    settings = TrialSettings(
        trials=[int(place)],
        space=tuning.space,
        training=tuning.training,
        model=training(
            project, task, model, "trial", f"confirm{seed}", initial=ancestors.of_network(project, task, model)
        ),
        promotion=None,
    )
    modules = [*project.kind_modules(task, model), *project.metric_modules(task, model)]
    return spec(settings, "snakeroot.tune.trials", "snakeroot.train", *modules)


def collect(number: str) -> str:
    """Of one round of any search."""
    return spec(CollectSettings(round=int(number)), "snakeroot.tune.collect")


def best(project: Project, task: str, model: str) -> str:
    """Of all rounds of a search."""
    tuning = tuning_of(project, task, model)
    settings = BestSettings(objective=tuning.objective, space=tuning.space, name=f"{task} {model}")
    return spec(settings, "snakeroot.tune.best", *metric_modules(tuning))


def metric_modules(tuning: Tuning) -> list[str]:
    """The modules of what a search is for."""
    return [METRICS.module(name) for name in tuning.objective if name in METRICS.names()]


def tuning_of(project: Project, task: str, model: str) -> Tuning:
    """A model's search.

    Raises:
        SnakerootError: if it has none.
    """
    if not (tuning := project.models[task][model].tuning):
        raise SnakerootError(f"{task}: the model {model!r} has no 'tuning'")
    return tuning
