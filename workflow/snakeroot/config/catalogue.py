"""All tasks with their samples, parts and models, by name and by path."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from snakeroot import paths
from snakeroot.architectures import ARCHITECTURES
from snakeroot.config import inputs
from snakeroot.config.read import read_config, read_task
from snakeroot.config.resources import NetworkResources, merged
from snakeroot.config.schema import Config, Model, Task
from snakeroot.evaluate import settings as evaluate
from snakeroot.features.transfers import remote
from snakeroot.inputs import Input
from snakeroot.objectives import OBJECTIVES

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
    """

    def __init__(self, config: Config) -> None:
        read = functools.cache(lambda task: read_task(task, Path(config.task_folder)))
        self.config = config
        self.tasks: ByTask[Task] = ByTask(config.tasks, lambda task: read(task)[0])
        self.models: ByTask[dict[str, Model]] = ByTask(config.tasks, lambda task: read(task)[1])
        inputs.check_generated(self.tasks)
        self.parts: ByTask[dict[str, dict[str, str]]] = ByTask(config.tasks, self._parts)

    @classmethod
    def load(cls, values: Mapping[str, Any], files: Iterable[Path] = ()) -> Self:
        """Read the task files that the config, read from `files` and the command line, names.

        Raises:
            SnakerootError: for the first mistake found, with the file and the keys where it stands.
        """
        return cls(read_config(values, files))

    def all_tasks(self) -> dict[str, Task]:
        """All tasks in the folder, those that the config names first.

        Raises:
            SnakerootError: for the first mistake found in any of them.
        """
        folder = Path(self.config.task_folder)
        names = dict.fromkeys([*self.tasks, *sorted(path.stem for path in folder.glob("*.yaml"))])
        found = {name: self.tasks[name] for name in names}
        inputs.check_generated(found)
        return found

    def _parts(self, task: str) -> dict[str, dict[str, str]]:
        taken: dict[inputs.Source, str] = {}
        where = f"{self.config.task_folder}/{task}.yaml: samples"
        samples = self.tasks[task].samples.items()
        return {name: inputs.parts(f"{where}.{name}", name, sample, taken) for name, sample in samples}

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
        known = self.tasks[task].inputs
        if names := self.models[task][model].inputs:
            return [known[name] for name in names]
        kind = ARCHITECTURES.load(self.models[task][model].architecture).TAKES[0]
        return [one for one in known.values() if one.kind == kind]

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
