"""All that is wrong with tasks before their first job: in the config, in the files, and in both together."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from snakeroot import plan
from snakeroot.config import ntuples, references, urls
from snakeroot.config.read import TaskFile, examine, read_config, read_task, task_files
from snakeroot.config.schema import Task
from snakeroot.config.source import Source
from snakeroot.errors import SnakerootError
from snakeroot.features.transfers import remote
from snakeroot.physics.expressions.language import conjuncts, parse
from snakeroot.plan.features import read
from snakeroot.plotting.headlines import checked
from snakeroot.settings import Mistake
from snakeroot.split.__main__ import stated
from snakeroot.split.settings import Predefined, carried
from snakeroot.survey import suspects, varied
from snakeroot.survey.content import ENTRIES
from snakeroot.survey.project import CONFIG, FOLDER
from snakeroot.survey.rows import Fault, FirstRows, Keys, first_rows

ALTOGETHER, LEAST = 200_000, 1_000
"""Entries of a sample that are looked at; of each of its files at least the other number."""


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass
class Findings:
    """What was found, a line each.

    Attributes:
        mistakes: with which no run would end well.
        warnings: of what would mislead.
        notes: of what could not be looked at.
    """

    mistakes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check(tasks: Sequence[str], *, remotely: bool = True, told: Callable[[str], None] = lambda _: None) -> Findings:
    """Look at tasks, by default those that config.yaml names.

    Args:
        remotely: whether remote files are copied here and looked at too.
        told: is called with each file that is opened.
    """
    found = Findings()
    values = _values(found, tasks)
    folder = Path(str(values.get("task_folder", FOLDER)))
    names = values.get("tasks")
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str):
            _check_task(name, folder, found, remotely=remotely, told=told)
    if not found.mistakes:
        try:
            plan.load(values)
        except SnakerootError as error:
            found.mistakes += str(error).splitlines()
    return found


def _values(found: Findings, tasks: Sequence[str]) -> dict[str, Any]:
    """Return what config.yaml says, for these tasks; its mistakes are noted."""
    values: dict[str, Any] = {}
    try:
        if CONFIG.exists():
            said = Source.read(CONFIG).values
            values = said if isinstance(said, dict) else {}
            read_config(values, [CONFIG])
        elif not tasks:
            raise SnakerootError(f"{CONFIG}: there is none: `snakeroot init` writes one, or name the tasks to check")
    except SnakerootError as error:
        found.mistakes += str(error).splitlines()
    return {**values, "tasks": list(dict.fromkeys(tasks))} if tasks else values


def _check_task(name: str, folder: Path, found: Findings, *, remotely: bool, told: Callable[[str], None]) -> None:
    try:
        file, mistakes = examine(name, folder)
    except SnakerootError as error:
        found.mistakes += str(error).splitlines()
        return
    task = _without(file.source, mistakes) if mistakes else file.task
    try:
        mistakes += (
            []
            if mistakes
            else references.mistakes(name, task_files(folder), functools.partial(read_task, folder=folder))
        )
    except SnakerootError as error:  # in another task, that this one refers to
        found.mistakes += [line for line in str(error).splitlines() if line not in found.mistakes]
    mistakes += _labels(task) if task else []
    found.mistakes += file.source.explain(dict.fromkeys(mistakes))
    if task:
        _check_files(name, TaskFile(task, {}, file.source), found, remotely=remotely, told=told)


def _without(source: Source, mistakes: Iterable[Mistake]) -> Task | None:
    """Return the task without what is wrong in it, so that the rest is looked at too; None if that is no task."""
    values: Any = copy.deepcopy(source.values)
    values["models"] = {"any": {"architecture": "linear"}}
    for at in sorted(
        (mistake.at for mistake in mistakes if mistake.at), key=lambda at: list(map(str, at)), reverse=True
    ):
        place: Any = values
        holder: Any = values
        last: Any = at[0]
        try:
            for key in at:
                if not isinstance(place, dict | list):
                    break  # a value that stands for a list of one
                holder, last = place, key
                place = holder[key]
            del holder[last]
        except (KeyError, IndexError, TypeError):
            continue  # gone already, with what it stands in
    try:
        return Task.model_validate(values)
    except ValidationError:
        return None


def _labels(task: Task) -> list[Mistake]:
    """Find labels that cannot be typeset, which else only the figures' jobs would find."""
    shown = task.evaluation
    labels: dict[Keys, str] = {("evaluation", "labels", name): label for name, label in shown.labels.items()}
    for name, axis in shown.axes.items():
        labels |= {("evaluation", "axes", name, "label"): axis.label, ("evaluation", "axes", name, "unit"): axis.unit}
    labels |= {("evaluation", key): getattr(shown, key) or "" for key in ("experiment", "status", "origin")}
    found = []
    for keys, label in labels.items():
        key = ".".join(map(str, keys))
        try:
            checked(label, key)
        except SnakerootError as error:
            found.append(Mistake(keys, str(error).removeprefix(f"{key}: ")))
    return found


def _check_files(name: str, file: TaskFile, found: Findings, *, remotely: bool, told: Callable[[str], None]) -> None:
    task = file.task
    taken: dict[ntuples.Source, str] = {}
    faults: dict[tuple[Keys, str], list[tuple[str, str]]] = {}
    looked: dict[str, list[FirstRows]] = {}
    sound: dict[str, dict[str, str]] = {}
    for sample, settings in task.samples.items():
        if settings.generate:
            found.notes.append(
                f"{name}: the sample {sample!r} is generated by the run: there is nothing to look at yet"
            )
            continue

        def where(*keys: str | int, sample: str = sample) -> str:
            return f"{file.source.place('samples', sample, *keys)}: samples.{sample}"

        try:
            parts = ntuples.parts(where, sample, settings, taken, {})
        except SnakerootError as error:
            found.mistakes += str(error).splitlines()
            continue
        most = min(ENTRIES, max(LEAST, ALTOGETHER // len(parts)))
        before = len(faults)
        for part, ntuple in parts.items():
            if remote(ntuple) and not remotely:
                found.notes.append(f"{name}: {urls.without_secrets(ntuple)} is remote and was not looked at")
                continue
            told(ntuple)
            rows = first_rows(read(task, sample, part, ntuple, None, len(parts)), ntuple, most)
            looked.setdefault(sample, []).append(rows)
            for keys, text in [*rows.faults, *_of_no_split(task, rows, ntuple)]:
                alike = (_placed(keys, sample, task), _NUMBER.sub("#", text.replace(f"{ntuple}: ", "")))
                faults.setdefault(alike, []).append((ntuple, text.replace(f"{ntuple}: ", "")))
        if len(faults) == before:
            sound[sample] = parts
    mistakes = [Mistake(keys, _those(of_files)) for (keys, _), of_files in faults.items()]
    mistakes += varied.faults(task, file.source, sound, told)
    found.mistakes += file.source.explain(mistakes)
    warnings = suspects.traps_in(task, looked)
    found.warnings += file.source.explain(warnings)


def _of_no_split(task: Task, rows: FirstRows, ntuple: str) -> Iterator[Fault]:
    """Yield what the branch that says the splits says of rows, if it is none of them."""
    if isinstance(task.split, Predefined) and rows.table is not None and "split" in rows.table.column_names:
        try:
            stated(rows.table["split"], task.split, Path(ntuple))
        except SnakerootError as error:
            yield ("split",), str(error)


def _placed(keys: Keys, sample: str, task: Task) -> Keys:
    """Return where in the file the keys of what a sample is read with stand: with it, or with the task."""
    settings = task.samples[sample]
    computed = sorted(name for name, value in settings.parameters.items() if isinstance(value, str))
    of_parameters: dict[Keys, str] = {("definitions", carried(name)): name for name in computed}
    of_parameters |= {("spectators", len(task.spectators) + place): name for place, name in enumerate(computed)}
    if keys in of_parameters:
        return ("samples", sample, "parameters", of_parameters[keys])
    if keys[:1] == ("selection",):
        own = [cut.text for cut in conjuncts(parse(settings.selection))] if settings.selection else []
        return ("samples", sample, "selection") if keys[1] in own else ("selection",)
    of_sample = keys[:1] == ("files",) or (
        len(keys) == 1 and keys[0] in ("tree", "weight") and getattr(settings, str(keys[0]))
    )
    return ("samples", sample, *keys) if of_sample else keys


def _those(faults: Sequence[tuple[str, str]]) -> str:
    """Return what is wrong with the first of some files, and of how many more nearly the same is true."""
    file, text = faults[0]
    more = {other for other, _ in faults} - {file}
    others = f" and {len(more)} more file{'s' * (len(more) > 1)}" if more else ""
    return f"{file}{others}: {text}"
