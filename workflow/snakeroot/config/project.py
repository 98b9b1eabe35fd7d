"""All tasks with their samples, parts and models, by name and by path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from snakeroot.config import auxiliary, parameters
from snakeroot.config.models import inputs_of
from snakeroot.config.resources import NetworkResources, merged
from snakeroot.config.tasks import Tasks
from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint
from snakeroot.features.transfers import remote
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import METRICS, of_kind
from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.others import Other


class Project(Tasks):
    """What the tasks have: files and jobs' wildcards by pattern, models, seeds."""

    def ntuple(self, task: str, sample: str, part: str) -> list[str]:
        """The file of a part; none of a remote one, which the spec knows of."""
        source = self.parts[task][sample][part]
        return [] if remote(source) else [source]

    def ntuple_metadata(self, task: str, sample: str, part: str) -> list[str]:
        """The metadata beside a generated ntuple; none beside a user's own."""
        generated = self.tasks[task].samples[sample].generate
        return [paths.NTUPLE_METADATA.format(sample=sample, part=part)] if generated else []

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
        if split != paths.UNLABELLED:
            return self.each_part(task, paths.SPLIT, labelled=True, split=split, fold=fold)
        if not (samples := self.unlabelled(task)):
            raise SnakerootError(f"{task}: there are no predictions without labels: no sample is without a class")
        known = self.tasks[task]
        pattern = paths.SPLIT if known.split.folds > 1 or known.parameters else paths.FEATURES
        return [
            pattern.format(task=task, sample=sample, part=part, split="test", fold=fold)
            for sample in samples
            for part in self.parts[task][sample]
        ]

    def is_unsplit(self, task: str, sample: str) -> bool:
        """Whether the split stage, which adds parameters, is to leave a sample whole: no network has seen any of it."""
        known = self.tasks[task]
        return bool(known.parameters) and known.split.folds == 1 and not known.labelled(sample)

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
        samples = {
            path: sample
            for task, settings in self.tasks.items()
            for sample in settings.samples
            if (made := settings.samples[sample].generate) and made.reconstruction == reconstruction
            for path in self.parts[task][sample].values()
        }
        return ((sample, path) for path, sample in samples.items())

    def generating(self, sample: str) -> str:
        """The task whose sample of this name is generated here: one that the config names or refers to, or any.

        Raises:
            SnakerootError: if there is none.
        """
        known: dict[str, str] = {}
        for tasks in (self.referred, self.all_tasks):
            samples = [(name, task, given) for task, it in tasks().items() for name, given in it.samples.items()]
            known = {name: task for name, task, given in samples if given.generate}
            if sample in known:
                return known[sample]
        raise SnakerootError(f"no task generates a sample {sample!r}: {hint(sample, known)}")

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

    def told(self, task: str, model: str) -> bool:
        """Whether a model is told the physics parameters of its task."""
        return parameters.told(self.tasks[task], [one.name for one in self.network_inputs(task, model)])

    def clusters(self, task: str, model: str) -> bool:
        """Whether what a model finds are memberships of clusters: its architecture says so."""
        return bool(getattr(ARCHITECTURES.load(self.models[task][model].architecture), "CLUSTERS", False))

    def others(self, task: str, model: str) -> list[Other]:
        """What a model learns beside the main target."""
        return auxiliary.others(self.models[task][model], self.tasks[task])

    def learners(self, task: str, other: str) -> list[str]:
        """The models that learn a target beside the main one."""
        return [name for name in self.models[task] if other in self.models[task][name].training.auxiliary]

    def kinds(self, task: str, model: str) -> list[str]:
        """The kinds of all targets that a model learns, the main one's first."""
        return list(dict.fromkeys([self.tasks[task].kind, *(one.kind for one in self.others(task, model))]))

    def kind_modules(self, task: str, model: str) -> list[str]:
        """The modules of its targets' kinds and a model's architecture, whose code counts for what uses the network."""
        kinds = [OBJECTIVES.module(kind) for kind in self.kinds(task, model)]
        return [*kinds, ARCHITECTURES.module(self.models[task][model].architecture)]

    def metric_modules(self, task: str, model: str) -> list[str]:
        """The modules of what is measured after each epoch."""
        names = [name for kind in self.kinds(task, model) for name in of_kind(kind)]
        return [METRICS.module(name) for name in dict.fromkeys(names)]

    def seed(self, *words: str) -> int:
        """A seed of 63 bits for one purpose: the config's seed and the words that name the purpose, hashed."""
        text = "\0".join([str(self.config.seed), *words])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
