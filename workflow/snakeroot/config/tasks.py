"""The tasks that the config names, read and checked, with the parts of their samples."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from snakeroot.config import ntuples, references
from snakeroot.config.model import Model
from snakeroot.config.read import read_config, read_task, task_files
from snakeroot.config.schema import Config, Task
from snakeroot.config.variations import Varied, variations
from snakeroot.errors import SnakerootError
from snakeroot.settings import listed
from snakeroot.split.settings import Split

T = TypeVar("T")


class ByTask(dict[str, T]):
    """Something of each task that the config names; of any other task in the folder it is found when asked for."""

    def __init__(self, names: Iterable[str], find: Callable[[str], T]) -> None:
        super().__init__({name: find(name) for name in names})
        self._find = functools.cache(find)

    def __missing__(self, name: str) -> T:
        return self._find(name)


class Tasks:
    """The checked config, with all mistakes in it told of at once.

    Attributes:
        config: config.yaml.
        tasks: by name.
        models: by task and name.
        parts: by task and sample: part to ntuple, a path or a URL.
        splits: by task and sample: the split that a part is of as a whole, if its sample's files say so.
        checksums: by task and sample: those that are given, by ntuple.
        variations: by task: the systematic variations that have rows of their own, by the names of their folders.
        varied_parts: by task, variation and sample: as `parts`.
    """

    def __init__(self, config: Config) -> None:
        self._read = functools.cache(lambda task: read_task(task, Path(config.task_folder)))
        self._found = functools.cache(self._find_parts)  # looks at each file, so once
        self.config = config
        self._check(config.tasks)
        self.tasks: ByTask[Task] = ByTask(config.tasks, lambda task: self._read(task).task)
        self.models: ByTask[dict[str, Model]] = ByTask(config.tasks, lambda task: self._read(task).models)
        self.parts: ByTask[dict[str, dict[str, str]]] = ByTask(config.tasks, lambda task: self._found(task)[0])
        self.splits: ByTask[dict[str, dict[str, Split]]] = ByTask(config.tasks, lambda task: self._found(task)[1])
        self.checksums: ByTask[dict[str, dict[str, str]]] = ByTask(config.tasks, self._checksums)
        self.variations: ByTask[dict[str, Varied]] = ByTask(
            config.tasks, lambda task: variations(self._read(task).task)
        )
        self.varied_parts: ByTask[dict[str, dict[str, dict[str, str]]]] = ByTask(
            config.tasks, lambda task: self._found(task)[2]
        )
        ntuples.check_generated(self.referred())

    @classmethod
    def load(cls, values: Mapping[str, Any], files: Iterable[Path] = ()) -> Self:
        """Read the task files that the config, read from `files` and the command line, names.

        Raises:
            SnakerootError: for all mistakes, each in a line of its own with the file and the keys where it stands.
        """
        try:
            config = read_config(values, files)
        except SnakerootError as error:
            raise SnakerootError(listed([*str(error).splitlines(), *cls._mistakes_of_tasks(values)])) from error
        return cls(config)

    @classmethod
    def _mistakes_of_tasks(cls, values: Mapping[str, Any]) -> list[str]:
        """What is wrong in the tasks of a config that cannot be read itself, if it says at least which they are."""
        try:
            cls(Config.model_validate({key: values[key] for key in ("tasks", "task_folder") if key in values}))
        except SnakerootError as error:
            return str(error).splitlines()
        except ValidationError:
            pass
        return []

    def all_tasks(self) -> dict[str, Task]:
        """All tasks in the folder, those that the config names first.

        Raises:
            SnakerootError: for all mistakes in any of them.
        """
        names = dict.fromkeys([*self.tasks, *task_files(Path(self.config.task_folder))])
        self._check(names)
        tasks = {name: self.tasks[name] for name in names}
        ntuples.check_generated(tasks)
        return tasks

    def referred(self) -> dict[str, Task]:
        """The tasks that the config names, and then those that their models take something from, directly or not."""
        return {name: self.tasks[name] for name in self._with_referred(self.tasks)}

    def _with_referred(self, tasks: Iterable[str], failed: Callable[[SnakerootError], None] | None = None) -> list[str]:
        """Return these tasks and those that they refer to; of one that cannot be read, `failed` is told."""
        names = list(tasks)
        for name in names:  # which grows meanwhile
            try:
                self._found(name)
                further = references.tasks(self._read(name).models)
                known = task_files(Path(self.config.task_folder)) if further else []
            except SnakerootError as error:
                if not failed:
                    raise
                failed(error)
                continue
            names += [other for other in further if other in known and other not in names]
        return names

    def _check(self, tasks: Iterable[str]) -> None:
        """Read tasks and those that they refer to, and look for their files.

        Raises:
            SnakerootError: for all mistakes in any of them.
        """
        errors: list[str] = []
        names = self._with_referred(tasks, lambda error: errors.extend(str(error).splitlines()))
        known = task_files(Path(self.config.task_folder)) if not errors else []
        for name in names if not errors else ():
            mistaken = list(references.mistakes(name, known, self._read))
            errors += self._read(name).source.explain(mistaken)
        if errors:
            raise SnakerootError(listed(errors))

    def _find_parts(
        self, task: str
    ) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, Split]], dict[str, dict[str, dict[str, str]]]]:
        """Return the ntuple and, if it is said, the split of each part, by sample; and the ntuples of variations."""
        taken: dict[ntuples.Source, str] = {}
        splits: dict[str, dict[str, Split]] = {}
        parts, errors = {}, []
        for name, sample in self._read(task).task.samples.items():
            where = self._where(task, name)
            if (made := sample.generate) and made.parts > self.config.max_jobs:
                errors.append(
                    f"{where('generate')}.generate: {made.parts:,} parts are more jobs than max_jobs, "
                    f"{self.config.max_jobs:,}: have more events_per_part, or raise max_jobs in config.yaml"
                )
                continue
            try:
                parts[name] = ntuples.parts(where, name, sample, taken, splits.setdefault(name, {}))
            except SnakerootError as error:
                errors.append(str(error))
        read = self._read(task)
        errors += ntuples.check_trees(lambda *keys: f"{read.source.place(*keys)}: {'.'.join(keys)}", read.task, parts)
        varied: dict[str, dict[str, dict[str, str]]] = {}
        for name, one in variations(read.task).items():
            try:
                varied[name] = self._varied_parts(task, one, parts)
            except SnakerootError as error:
                errors.append(str(error))
        if errors:
            raise SnakerootError("\n".join(errors))
        return parts, splits, varied

    def _varied_parts(
        self, task: str, varied: Varied, parts: Mapping[str, dict[str, str]]
    ) -> dict[str, dict[str, str]]:
        """Return the parts of a variation by sample: its own files, or those of the samples."""
        source, at = self._read(task).source, varied.keys
        if not varied.variation.files:
            return {name: parts[name] for name in varied.samples if name in parts}

        def where(*keys: str | int) -> str:
            return f"{source.place(*at, *keys)}: {'.'.join(at)}"

        [name] = varied.samples
        return {name: ntuples.parts(where, name, varied.task.samples[name], {}, {})}

    def _checksums(self, task: str) -> dict[str, dict[str, str]]:
        samples = self.tasks[task].samples.items()
        return {name: ntuples.checksums(self._where(task, name), sample) for name, sample in samples}

    def _where(self, task: str, sample: str) -> ntuples.Where:
        source = self._read(task).source
        return lambda *keys: f"{source.place('samples', sample, *keys)}: samples.{sample}"
