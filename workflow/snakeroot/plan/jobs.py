"""How many jobs the tasks are, counted before Snakemake plans them: it takes milliseconds and kilobytes for each."""

from __future__ import annotations

import math
from collections.abc import Iterable

from snakeroot.config.project import Project
from snakeroot.errors import SnakerootError
from snakeroot.plan import ancestors, features, figures, importance, systematics, templates, tune, variations


def of_task(project: Project, task: str) -> dict[str, int]:
    """How many jobs a task has, by the keys that they are for; generated samples are not among them."""
    folds, parts, unlabelled = len(project.folds(task)), project.parts[task], project.unlabelled(task)
    predicted = 1 + bool(unlabelled)
    counts, every = {}, folds > 1 or bool(project.tasks[task].parameters)
    for name in parts:
        counts[f"samples.{name}"] = len(parts[name]) * (1 + folds * (every or name not in unlabelled))
    for one in features.of_task(project, task):
        for name in one.samples[1:]:  # their rows are made with those of the first
            counts[f"samples.{name}"] -= len(one.parts)
    for name, model in project.models[task].items():
        befriended = len(parts) if project.tasks[task].friends else 0
        counts[f"models.{name}"] = folds * model.replicas * (1 + predicted) + predicted + folds + befriended
        counts[f"models.{name}"] += len(("card",)) + folds * model.replicas * bool(model.calibration)
        counts[f"models.{name}"] += name in importance.models(project, task)
        counts[f"models.{name}"] += len(ancestors.audits(project, task, name))
        if tuning := model.tuning:
            rounds = tuning.trials()
            trainings = sum(math.ceil(trials / tuning.trials_per_job) for trials in rounds)
            own = trainings * (1 + len(tune.rungs(project, task, name))) + len(rounds) * len(("propose", "collect"))
            counts[f"models.{name}.tuning"] = own + len(("best",))
    if models := len(templates.of_task(project, task)):
        counts["templates"] = models * len(("templates", "fit"))
    if (own := _of_variations(project, task) + len(systematics.of_task(project, task))) > 0:
        counts["systematics"] = own
    return counts | {
        "figures": len(figures.of_task(project, task)),
        "split": folds + len(("normalise", "audit", "metrics")),
    }


def _of_variations(project: Project, task: str) -> int:
    """How many of them are for the rows of variations: reading, splitting and scoring these."""
    folds, networks = len(project.folds(task)), sum(model.replicas for model in project.models[task].values())
    count = 0
    for varied in project.variations[task].values():
        for sample in varied.samples:
            parts = len(variations.parts(project, task, varied.name, sample))
            count += parts * (1 + folds * variations.is_split(varied.task, sample))
        count += folds * networks + len(project.models[task]) + len(("normalise",))
    return count


def check(project: Project, tasks: Iterable[str]) -> None:
    """Check that there are no more jobs than the config allows.

    Raises:
        SnakerootError: with their number, and what has most of them.
    """
    names = list(tasks)
    counts = {f"{task}: {key}": count for task in names for key, count in of_task(project, task).items()}
    for task in [task for task in ancestors.with_referred(project, names) if task not in names]:  # no figures of these
        own = {key: count for key, count in of_task(project, task).items() if key.startswith(("samples", "models"))}
        counts |= {f"{task}: {key}": count for key, count in own.items()}
    made = {
        path
        for task in names
        for name, sample in project.tasks[task].samples.items()
        if sample.generate
        for path in project.parts[task][name].values()
    }
    of_all = [*figures.of_no_task(project), *project.config.records, "report", "all"]
    total = sum(counts.values()) + len(made) + len(of_all)
    if total > project.config.max_jobs:
        most = sorted(counts.items(), key=lambda item: -item[1])[:3]
        raise SnakerootError(
            f"{total:,} jobs are more than max_jobs, {project.config.max_jobs:,}: most are of "
            f"{', '.join(f'{key} ({count:,})' for key, count in most)}. Have fewer, or raise max_jobs in "
            "config.yaml: Snakemake plans some hundred jobs in a second, and takes 0.1 MB for each"
        )
