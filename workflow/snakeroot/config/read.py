"""YAML to checked models: every mistake of a file at once, each with its line and the keys where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from snakeroot.config.consistency import inconsistencies
from snakeroot.config.model import Model
from snakeroot.config.models import read_model
from snakeroot.config.partial import UnreadError, each, readable
from snakeroot.config.schema import Config, Task
from snakeroot.config.source import Source
from snakeroot.config.wildcards import told
from snakeroot.errors import SnakerootError, hint, reading
from snakeroot.settings import Mistake, mistakes


@dataclass(frozen=True)
class TaskFile:
    """What a task file says, and where."""

    task: Task
    models: dict[str, Model]
    source: Source


def check_file(path: Path) -> None:
    """Check that a config file is YAML and no more than a config can need, before anything else reads it.

    Raises:
        SnakerootError: if it is not, or if its values would have to be computed.
    """
    with reading(path):
        if not path.exists():  # Snakemake says where it looks for it
            return
    source = Source.read(path)
    mistaken = list(source.mistakes)
    if source.has("__use_yte__"):
        mistaken.append(Mistake((), "a config is no template: write out its values", "__use_yte__"))
    if mistaken:
        raise SnakerootError("\n".join(source.explain(mistaken)))


def read_config(values: Mapping[str, Any], files: Iterable[Path]) -> Config:
    """Check what Snakemake read from config files and the command line, and the files themselves.

    Raises:
        SnakerootError: with all mistakes, those of a file with their lines.
    """
    known = list(files)
    for path in known:
        check_file(_shown(path))
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        sources = [Source.read(_shown(path)) for path in known]
        raise SnakerootError("\n".join(_line(mistake, values, sources) for mistake in mistakes(error))) from error


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _line(mistake: Mistake, values: Mapping[str, Any], sources: list[Source]) -> str:
    """A mistake with the place of the value that counts; one of the command line has none."""
    for source in sources:
        if source.has(*mistake.at) and _at(values, mistake.at) == _at(source.values, mistake.at):
            return source.explain([mistake])[0]
    return f"config: {mistake}"


def _at(values: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        try:
            values = values[key]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def task_files(folder: Path) -> list[str]:
    """Return the names of all tasks in a folder; none of a folder that there is not."""
    with reading(folder):
        files = folder.iterdir() if folder.exists() else ()
        return sorted(path.stem for path in files if path.suffix == ".yaml")


def read_task(task_name: str, folder: Path) -> TaskFile:
    """Read and check one task file and the models in it.

    Raises:
        SnakerootError: with all mistakes and their lines.
    """
    task_file, mistaken = examine(task_name, folder)
    if mistaken:
        raise SnakerootError("\n".join(task_file.source.explain(mistaken)))
    return task_file


def examine(task_name: str, folder: Path) -> tuple[TaskFile, list[Mistake]]:
    """Read a task file; return what can be read of it, and all mistakes.

    Raises:
        SnakerootError: if it is no mapping of keys to values.
    """
    path = folder / f"{task_name}.yaml"
    with reading(path):
        there = path.exists()
    if not there:
        known = task_files(folder)
        raise SnakerootError(f"{path}: no such task file: {hint(task_name, known)}")
    source = Source.read(path)
    values = source.values
    if not isinstance(values, dict):
        what = "the file is empty" if values is None else "not a mapping of keys to values"
        raise SnakerootError(f"{path}: {what}; docs/config.md has the keys of a task")
    mistaken = list(source.mistakes)
    try:
        task = Task.model_validate(values)
    except ValidationError as error:
        mistaken += [told(mistake, values) for mistake in mistakes(error)]
        task = readable(values, mistakes(error))
    mistaken += inconsistencies(task)
    models = {}
    with suppress(UnreadError):
        for name, given in each(task.models):
            models[name], wrong = read_model(name, given, task)
            mistaken += [mistake.below("models", name) for mistake in wrong]
    return TaskFile(task, {name: model for name, model in models.items() if model}, source), mistaken
