"""`python -m snakeroot.records`: finished trainings and searches in the format of another tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from snakeroot.data import tables
from snakeroot.data.files import atomic_folder, read_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.records import runs, times
from snakeroot.records.formats import FORMATS, missing
from snakeroot.records.runs import Run
from snakeroot.records.settings import ModelEntry, RecordsSettings, SearchEntry, TaskEntry
from snakeroot.tune.results import judged


class Files(NamedTuple):
    """What there is still to read, each in the order of the settings."""

    metadata: Iterator[Path]
    histories: Iterator[Path]
    trials: Iterator[Path]
    figures: Iterator[Path]
    trained: Iterator[Path]
    searched: Iterator[Path]


def record(
    settings: RecordsSettings,
    *,
    metrics: Annotated[list[Path], "metrics, one file per task (JSON)"],
    metadata: Annotated[list[Path], "what is known of each network (model.json)"],
    histories: Annotated[list[Path], "the metrics of each epoch of each network (Parquet)"],
    trials: Annotated[list[Path], "all trials of each search (JSON)"],
    figures: Annotated[list[Path], "figures (PNG)"],
    trained: Annotated[list[Path], "provenance of the job of each network, which may be gone (JSON)"],
    searched: Annotated[list[Path], "folder with the provenance of each search, which may be gone"],
    records: Annotated[Path, "folder to write"],
) -> None:
    """Write a run for each task, model, training and trial.

    Raises:
        SnakerootError: if the package that writes the format is not installed.
    """
    if advice := missing(settings.format):
        raise SnakerootError(f"{settings.format}: {advice}")
    files = Files(*map(iter, (metadata, histories, trials, figures, trained, searched)))
    found = [
        run
        for task, measured in zip(settings.tasks, metrics, strict=True)
        for run in of_task(task, read_json(measured)["models"], files)
    ]
    with atomic_folder(records) as part:
        FORMATS.load(settings.format).write(found, part)


def of_task(task: TaskEntry, measured: Mapping[str, Any], files: Files) -> list[Run]:
    """Return the runs of a task, a parent before its children."""
    figures = drawn(task.figures, files)
    models = [of_model((task.name, model.name), model, measured[model.name], files) for model in task.models]
    whole = runs.task((task.name,), [of_one[0] for of_one in models], figures)
    return [whole, *(run for of_one in models for run in of_one)]


def of_model(path: tuple[str, ...], model: ModelEntry, measured: Mapping[str, Any], files: Files) -> list[Run]:
    """Return the run of a model, those of its networks, and those of its trials."""
    parts = []
    for network in model.networks:
        metadata, history = next(files.metadata), tables.read(next(files.histories)).to_pydict()
        ran = times.of_training(next(files.trained), metadata)
        parts.append(runs.training((*path, network), read_json(metadata), history, ran))
    if model.search:
        parts += of_search(path, model.search, next(files.trials), next(files.searched))
    return [runs.model(path, parts, measured, drawn(model.figures, files)), *parts]


def of_search(path: tuple[str, ...], search: SearchEntry, history: Path, noted: Path) -> list[Run]:
    """Return the runs of the trials of a search."""
    known = times.of_trials(noted, search.jobs, search.rungs)
    return [
        runs.trial(
            (*path, f"trial{trial['number']}"),
            trial,
            search.settings,
            known.get(trial["number"]) or times.written(history),
        )
        for trial in judged(read_json(history)["trials"], search.objective)
    ]


def drawn(names: Sequence[str], files: Files) -> dict[str, Path]:
    """Return the next figures by name."""
    return {name: next(files.figures) for name in names}


if __name__ == "__main__":
    main(record)
