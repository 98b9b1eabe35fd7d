"""All tasks with their samples, parts and models, by name and by path."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from snakeroot import paths
from snakeroot.architectures import ARCHITECTURES
from snakeroot.config import inputs
from snakeroot.config.models import inputs_of
from snakeroot.config.read import read_config, read_task
from snakeroot.config.resources import NetworkResources, merged
from snakeroot.config.schema import Config, Model, Task
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import settings as evaluate
from snakeroot.features.transfers import remote
from snakeroot.inputs import Input
from snakeroot.objectives import OBJECTIVES
from snakeroot.settings import listed

T = TypeVar("T")


class ByTask(dict[str, T]):
    """Something of each task that the config names; of any other task in the folder it is found when asked for."""

    def __init__(self, names: Iterable[str], find: Callable[[str], T]) -> None:
        super().__init__({name: find(name) for name in names})
        self._find = functools.cache(find)

    def __missing__(self, name: str) -> T:
        return self._find(name)


class Catalogue:
    """The checked config.

    Attributes:
        config: config.yaml.
        tasks: by name.
        models: by task and name.
        parts: by task and sample: part to ntuple, a path or a URL.
        checksums: by task and sample: those that are given, by ntuple.
    """

    def __init__(self, config: Config) -> None:
        self._read = functools.cache(lambda task: read_task(task, Path(config.task_folder)))
        self.config = config
        self._check(config.tasks)
        self.tasks: ByTask[Task] = ByTask(config.tasks, lambda task: self._read(task).task)
        self.models: ByTask[dict[str, Model]] = ByTask(config.tasks, lambda task: self._read(task).models)
        self.parts: ByTask[dict[str, dict[str, str]]] = ByTask(config.tasks, self._parts)
        self.checksums: ByTask[dict[str, dict[str, str]]] = ByTask(config.tasks, self._checksums)
        inputs.check_generated(self.tasks)

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
        folder = Path(self.config.task_folder)
        names = dict.fromkeys([*self.tasks, *sorted(path.stem for path in folder.glob("*.yaml"))])
        self._check(names)
        found = {name: self.tasks[name] for name in names}
        inputs.check_generated(found)
        return found

    def _check(self, tasks: Iterable[str]) -> None:
        """Read tasks and look for their files.

        Raises:
            SnakerootError: for all mistakes in any of them.
        """
        errors = []
        for task in tasks:
            try:
                self._parts(task)
            except SnakerootError as error:
                errors += str(error).splitlines()
        if errors:
            raise SnakerootError(listed(errors))

    def _parts(self, task: str) -> dict[str, dict[str, str]]:
        taken: dict[inputs.Source, str] = {}
        found, errors = {}, []
        for name, sample in self._read(task).task.samples.items():
            where = self._where(task, name)
            if (made := sample.generate) and made.parts > self.config.max_jobs:
                errors.append(
                    f"{where('generate')}.generate: {made.parts:,} parts are more jobs than max_jobs, "
                    f"{self.config.max_jobs:,}: have more events_per_part, or raise max_jobs in config.yaml"
                )
                continue
            try:
                found[name] = inputs.parts(where, name, sample, taken)
            except SnakerootError as error:
                errors.append(str(error))
        if errors:
            raise SnakerootError("\n".join(errors))
        return found

    def _checksums(self, task: str) -> dict[str, dict[str, str]]:
        samples = self.tasks[task].samples.items()
        return {name: inputs.checksums(self._where(task, name), sample) for name, sample in samples}

    def _where(self, task: str, sample: str) -> inputs.Where:
        source = self._read(task).source
        return lambda *keys: f"{source.place('samples', sample, *keys)}: samples.{sample}"

    def ntuple(self, task: str, sample: str, part: str) -> list[str]:
        """The file of a part; none of a remote one, which the spec knows of."""
        found = self.parts[task][sample][part]
        return [] if remote(found) else [found]

    def ntuple_facts(self, task: str, sample: str, part: str) -> list[str]:
        """The facts beside a generated ntuple; none beside a user's own."""
        generated = self.tasks[task].samples[sample].generate
        return [paths.NTUPLE_FACTS.format(sample=sample, part=part)] if generated else []

    def each_part(self, task: str, pattern: str, *, labelled: bool, **wildcards: str) -> list[str]:
        """The pattern for all parts of all samples, or of those with a class only.

        Sorted by sample: Snakemake sees no changed order of inputs, so the order in the task file must not matter.
        """
        return [
            pattern.format(task=task, sample=sample, part=part, **wildcards)
            for sample in sorted(self.tasks[task].samples)
            if not labelled or self.tasks[task].labelled(sample)
            for part in self.parts[task][sample]
        ]

    def unlabelled(self, task: str) -> list[str]:
        """The samples without a class of a task that has classes: no network is trained on them, and all score them."""
        return [sample for sample in sorted(self.tasks[task].samples) if not self.tasks[task].labelled(sample)]

    def scored(self, task: str, split: str, fold: str) -> list[str]:
        """What the networks of a fold score: a split of the samples with a class or, `unlabelled`, rows of the others.

        With several folds these are the rows that would be in the fold's test split, so that each is scored once, by
        networks that have not seen a copy of it in another sample.
        """
        if split != "unlabelled":
            return self.each_part(task, paths.SPLIT, labelled=True, split=split, fold=fold)
        if not (samples := self.unlabelled(task)):
            raise SnakerootError(f"{task}: there are no predictions without labels: no sample is without a class")
        pattern = paths.SPLIT if self.tasks[task].split.folds > 1 else paths.FEATURES
        return [
            pattern.format(task=task, sample=sample, part=part, split="test", fold=fold)
            for sample in samples
            for part in self.parts[task][sample]
        ]

    def each_model(self, task: str, pattern: str, **wildcards: str) -> list[str]:
        """The pattern for all models of a task."""
        return [pattern.format(task=task, model=model, **wildcards) for model in self.models[task]]

    def each_network(self, task: str, model: str, pattern: str, **wildcards: str) -> list[str]:
        """The pattern for all networks of a model: fold by fold, replica by replica."""
        return [
            pattern.format(task=task, model=model, fold=fold, replica=replica, **wildcards)
            for fold in self.folds(task)
            for replica in range(self.models[task][model].replicas)
        ]

    def folds(self, task: str) -> list[str]:
        """The folds of a task, as wildcards."""
        return [str(fold) for fold in range(self.tasks[task].split.folds)]

    def generated(self, reconstruction: str) -> Iterator[tuple[str, str]]:
        """Sample and path of every ntuple that the workflow makes in this way, each once."""
        found = {
            path: sample
            for task, settings in self.tasks.items()
            for sample in settings.samples
            if (made := settings.samples[sample].generate) and made.reconstruction == reconstruction
            for path in self.parts[task][sample].values()
        }
        return ((sample, path) for path, sample in found.items())

    def fitted(self, task: str, model: str) -> bool:
        """Whether a model is fitted without gradients, and so without a GPU."""
        return hasattr(ARCHITECTURES.load(self.models[task][model].architecture), "fit")

    def trained(self, task: str) -> list[str]:
        """The models of a task that are trained by gradients."""
        return [model for model in self.models[task] if not self.fitted(task, model)]

    def threads(self, task: str, model: str) -> int:
        """CPU threads of a model's jobs."""
        return self.models[task][model].training.threads

    def resources(self, stage: str, task: str | None) -> NetworkResources:
        """What the first attempt of a stage's job asks a scheduler for; without a task where the job has none."""
        return merged(stage, self.config.resources, *([self.tasks[task].resources] if task else []))

    def network_inputs(self, task: str, model: str) -> list[Input]:
        """What a model takes: what it names, or all of the kind that its architecture is made for."""
        return inputs_of(self.models[task][model], self.tasks[task])

    def clusters(self, task: str, model: str) -> bool:
        """Whether what a model finds are memberships of clusters: its architecture says so."""
        return bool(getattr(ARCHITECTURES.load(self.models[task][model].architecture), "CLUSTERS", False))

    def kind_modules(self, task: str, model: str) -> list[str]:
        """The modules of a task's kind and a model's architecture, whose code counts for whatever uses the network."""
        return [OBJECTIVES.module(self.tasks[task].kind), ARCHITECTURES.module(self.models[task][model].architecture)]

    def seed(self, *words: str) -> int:
        """A seed of 63 bits for one purpose: the config's seed and the words that name the purpose, hashed."""
        text = "\0".join([str(self.config.seed), *words])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1

    def _stated(self, task: str, samples: Iterable[str] | None = None) -> dict[str, Any]:
        """What stands above a figure of these samples' events, by default of those that models see."""
        known = self.tasks[task]
        shown = [name for name in known.samples if known.labelled(name)] if samples is None else samples
        return {
            "experiment": known.evaluation.experiment,
            "origin": known.origin(shown),
            "status": known.evaluation.status,
            "luminosity": known.luminosity,
            "energy": known.energy,
            "rows": known.row_name,
        }

    def _labelled(self, task: str, name: str) -> evaluate.Labelled:
        return evaluate.Labelled(name=name, label=self.tasks[task].evaluation.label(name))

    def _model(self, task: str, name: str) -> evaluate.Model:
        number = list(self.models[task]).index(name)
        return evaluate.Model(**self._labelled(task, name).model_dump(), number=number)
