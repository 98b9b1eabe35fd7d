"""What a user may write in config.yaml and in a task file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from snakeroot import paths
from snakeroot.config.resources import Resources, TaskResources
from snakeroot.devices import Accelerator
from snakeroot.errors import SnakerootError, hint
from snakeroot.evaluate.settings import Evaluation
from snakeroot.expressions.language import parse
from snakeroot.features.inputs import Columns, Expression
from snakeroot.features.settings import NegativeWeights, NonFinite, Normalisation, belongs
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.objectives import Kind
from snakeroot.settings import ID, Column, Name, Settings
from snakeroot.split.settings import Fractions
from snakeroot.train.settings import Training
from snakeroot.tune.settings import Tuning

RESERVED_COLUMNS = ("entry", "object", "part", "sample", "score", "split", "target", "weight")
"""Columns that every table has, so no input or spectator can be called so."""


Checksum = Annotated[str, StringConstraints(pattern=r"^(adler32:[0-9a-f]{8}|sha256:[0-9a-f]{64})$")]


class Config(Settings):
    """config.yaml."""

    tasks: list[Name] = Field(min_length=1, description="tasks to run: files in task_folder, without .yaml")
    seed: int = Field(1, ge=0, lt=2**32, description="seed of all that is random, but the split's, which has its own")
    accelerator: Accelerator = Field(
        "auto", description="where networks run; auto: on GPUs if there are any, else on the CPU"
    )
    gpus: int = Field(1, ge=1, le=64, description="GPUs of one training, where there are as many")
    resources: Resources = Field(Resources(), description="what jobs ask a scheduler for, by stage")
    container: str | None = Field(
        None, min_length=1, description="image of the jobs with `--sdm apptainer`, as envs/apptainer.def makes one"
    )
    task_folder: str = Field("config/tasks", description="folder of the task files")

    @field_validator("tasks")
    @classmethod
    def _usable(cls, tasks: list[str]) -> list[str]:
        _refuse_twins("task", _refuse_repeats(tasks))
        for task in tasks:
            if task.lower() in paths.RESERVED_TASKS:
                raise ValueError(f"a task cannot be called {task!r}: results/{task} has another meaning")
        return tasks


class Generate(Settings):
    """Monte Carlo made by the workflow itself."""

    process: str = Field(description="name of a process: a file in workflow/snakeroot/generate/processes")
    events: int = Field(gt=0, lt=2**31, description="events to generate, before any selection")
    events_per_part: int = Field(10_000, gt=0, description="events in one job and file; more events are more parts")
    multiparton: bool = Field(False, description="simulate multiparton interactions: 8 times slower")

    @field_validator("process")
    @classmethod
    def _known(cls, process: str) -> str:
        try:
            RECONSTRUCTIONS.module(getattr(PROCESSES.load(process), "RECONSTRUCTION", ""))
        except SnakerootError as error:
            raise ValueError(str(error)) from error
        return process

    @property
    def parts(self) -> int:
        """Number of parts, the last of which may be smaller."""
        return math.ceil(self.events / self.events_per_part)

    @property
    def reconstruction(self) -> str:
        """How the events of the process are reconstructed: a file in workflow/snakeroot/generate/reconstructions."""
        return str(PROCESSES.load(self.process).RECONSTRUCTION)

    @property
    def tree(self) -> str:
        """Name of the tree that the ntuples have."""
        return str(RECONSTRUCTIONS.load(self.reconstruction).TREE)


class Sample(Normalisation):
    """Events of one kind: from files, or generated."""

    role: Name | None = Field(
        None,
        alias="class",
        description="what the sample is trained as: signal or background of a binary task, any name of a multiclass "
        "one; without a class it is only shown in plots",
    )
    files: list[str] | None = Field(
        None, min_length=1, description="ROOT or HDF5 (.h5, .hdf5) files: paths, globs, and https:// and root:// URLs"
    )
    generate: Generate | None = Field(None, description="Monte Carlo made by the workflow, instead of files")
    data: bool = Field(False, description="whether its events are recorded, not simulated: figures then say Data")
    tree: str | None = Field(None, min_length=1, description="where its tree is called otherwise than the task's")
    selection: Expression | None = Field(None, description="what an entry must pass first to be of this sample")
    checksum: dict[str, Checksum] = Field({}, description="path or URL: adler32:… or sha256:… that the file must have")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.files is None) == (self.generate is None):
            raise ValueError("a sample has either 'files' or 'generate'")
        if (self.cross_section is None) != (self.generated is None):
            raise ValueError("'cross_section' and 'generated' come together: one alone does not normalise")
        if self.generate and (self.generated or self.checksum):
            raise ValueError("a generated sample knows its cross-section, its events and its files")
        if self.data and (self.generate or self.cross_section):
            raise ValueError("data: recorded events are not generated and have no cross_section; remove one of the two")
        return self


class Model(Settings):
    """What all models have; the settings of the architecture stand beside these keys."""

    architecture: str = Field(description="name of an architecture: a file in workflow/snakeroot/architectures")
    inputs: list[Column] | None = Field(None, min_length=1, description="features that it takes; all by default")
    replicas: int = Field(1, ge=1, le=100, description="networks that differ in their seed alone; metrics get a spread")
    training: Training = Field(Training(), description="how it is trained")
    tuning: Tuning | None = Field(None, description="a search for better settings, which the training then has")

    @field_validator("inputs")
    @classmethod
    def _no_repeats(cls, names: list[str] | None) -> list[str] | None:
        return names and _refuse_repeats(names)


class Task(Columns):
    """A task file."""

    kind: Kind = Field(
        description="what is learned: signal against background, several classes, a number, or the events themselves"
    )
    tree: str = Field(
        min_length=1,
        description="name of the TTree or RNTuple, with its folder; of an HDF5 file, the group (`/`) or table of its "
        "branches, or a dataset, which is the branch `data`",
    )
    rows: Column | None = Field(
        None,
        description="collection, as `Jet` of branches `Jet_…`, whose objects are the rows; by default entries are",
    )
    samples: dict[Name, Sample] = Field(min_length=1, description="name: where its events come from")
    event_id: list[str] = Field(
        min_length=1, description="branches that together identify an event; arrays, as images, by their exact numbers"
    )
    target: Expression | None = Field(None, description="what a regression learns")
    weight: Expression | None = Field(None, description="the event weight; 1 by default")
    negative_weights: NegativeWeights = Field("keep", description="what to do with negative weights; always counted")
    non_finite: NonFinite = Field("error", description="what to do with NaN and infinity in an input or the weight")
    selection: Expression | None = Field(None, description="condition that an entry must pass; & makes cut-flow steps")
    spectators: list[Column] = Field(
        [], description="branches carried along, never trained on; drawn if they have an axis"
    )
    split: Fractions = Field(Fractions(), description="which events train, validate and test")
    luminosity: float | None = Field(
        None,
        gt=0,
        description="integrated luminosity [fb^-1] of the yields; where a cross-section is known it must be given, or "
        "`null` to take the weights as they are",
    )
    energy: float | None = Field(
        None, gt=0, description="centre-of-mass energy [TeV] that is shown; generated at, 13 by default"
    )
    chunk: int = Field(100_000, gt=0, description="entries of an ntuple that are in memory at once")
    models: dict[Name, dict[str, Any]] = Field(min_length=1, description="name: architecture, inputs, training, …")
    evaluation: Evaluation = Field(Evaluation(), description="how results are shown")
    resources: TaskResources = Field(
        TaskResources(), description="what the task's jobs ask a scheduler for, by stage, whatever config.yaml says"
    )

    @property
    def classes(self) -> list[str]:
        """The classes by target; none where targets are no classes."""
        if self.kind == "binary":
            return ["background", "signal"]
        return sorted({sample.role for sample in self.samples.values() if sample.role})

    @property
    def row_name(self) -> str:
        """What figures and tables call the rows."""
        return f"{self.rows} objects" if self.rows else "events"

    def labelled(self, sample: str) -> bool:
        """Whether a sample has targets, or needs none: it is split, trained on and scored."""
        return self.kind in ("regression", "unsupervised") or self.samples[sample].role is not None

    def origin(self, samples: Iterable[str]) -> str:
        """What figures say of the events of these samples."""
        if self.evaluation.origin is not None:
            return self.evaluation.origin
        found = {self.samples[name].data for name in samples}
        return {frozenset({True}): "Data", frozenset({False}): "Simulation"}.get(
            frozenset(found), "Data and simulation"
        )

    @field_validator("event_id", "spectators")
    @classmethod
    def _no_repeats(cls, names: list[str]) -> list[str]:
        return _refuse_repeats(names)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_names()
        for kind, names in (("sample", self.samples), ("model", self.models), ("input", self._names())):
            _refuse_twins(kind, names)
        self._check_rows()
        self._check_target()
        self._check_evaluation()
        self._check_normalisation()
        return self

    def _names(self) -> list[str]:
        return [*self.features, *self.images, *self.sequences, *self.trees]

    def _check_names(self) -> None:
        names = self._names()
        if not names:
            raise ValueError("there is nothing to learn from: give 'features', 'images', 'sequences' or 'trees'")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} stands in two of features, images, sequences and trees: rename one")
        for name in (*names, *self.spectators):
            if name.lower() in RESERVED_COLUMNS or name.lower().startswith(ID):
                raise ValueError(f"features and spectators cannot be called {name!r}: every table has its own {name!r}")
        if both := sorted(set(names) & set(self.spectators)):
            raise ValueError(f"{both[0]!r} is a feature and a spectator; the feature is in all tables already")

    def _check_rows(self) -> None:
        """An event's objects share its identity, or they would fall into different splits."""
        if self.rows is None:
            return
        if inside := [name for name in self.event_id if belongs(name, self.rows)]:
            raise ValueError(f"event_id: {inside[0]!r} is of the objects {self.rows!r}, which do not identify an event")
        of_samples = [sample.selection for sample in self.samples.values()]
        of_blocks = [text for block in self.blocks.values() for text in block.expressions().values()]
        texts = [*self.features.values(), *of_blocks, *of_samples, self.selection, self.weight, self.target]
        used = {branch for text in texts if text for branch in parse(text).branches} | set(self.spectators)
        if not any(belongs(branch, self.rows) for branch in used):
            raise ValueError(f"rows: no branch {self.rows}_… is used, so it is not known how many there are")

    def _check_target(self) -> None:
        roles = {name: sample.role for name, sample in self.samples.items() if sample.role}
        if (self.target is None) == (self.kind == "regression"):
            raise ValueError("'target' is missing" if self.kind == "regression" else "'target' is for a regression")
        if self.kind in ("regression", "unsupervised") and roles:
            raise ValueError(f"samples.{next(iter(roles))}.class: a task of kind {self.kind!r} has no classes")
        if self.kind == "binary":
            for name, role in roles.items():
                if role not in ("signal", "background"):
                    raise ValueError(f"samples.{name}.class: {role!r} is neither 'signal' nor 'background'")
            for role in ("signal", "background"):
                if role not in roles.values():
                    raise ValueError(f"no sample has 'class: {role}'")
        if self.kind == "multiclass" and len(set(roles.values())) < 3:
            raise ValueError(f"a multiclass task has three classes or more, not {len(set(roles.values()))}")

    def _check_evaluation(self) -> None:
        columns = [*self.features, *self.spectators, *(["target"] if self.target else [])]
        for name in self.evaluation.axes:
            if name not in columns:
                raise ValueError(f"evaluation.axes.{name}: no such feature or spectator: {hint(name, columns)}")
        reference = self.evaluation.reference
        if reference and self.kind != "regression":
            raise ValueError("evaluation.reference: an estimate of the target of a regression, which this task is not")
        if reference and reference not in (*self.features, *self.spectators):
            known = hint(reference, [*self.features, *self.spectators])
            raise ValueError(f"evaluation.reference: {reference!r} is no feature or spectator: {known}")
        named = [*self.samples, *self.models, *self.classes, *([reference] if reference else [])]
        for name in self.evaluation.labels:
            if name not in named:
                raise ValueError(f"evaluation.labels.{name}: no such sample, model or class: {hint(name, named)}")

    def _check_normalisation(self) -> None:
        """Yields of several samples can only be added if all of them are yields."""
        simulated = {n: s for n, s in self.samples.items() if self.labelled(n) and not s.data}
        known = {n: bool(s.generate or s.cross_section) for n, s in simulated.items()}
        if any(known.values()) and not all(known.values()):
            bare = next(name for name, normalised in known.items() if not normalised)
            raise ValueError(
                f"the sample {bare!r} has no cross_section and generated, but others are normalised by theirs: give "
                "them for all samples with a class, or for none (weights are then taken to be yields)"
            )
        normalised = any(s.generate or s.cross_section for s in self.samples.values())
        if normalised and "luminosity" not in self.model_fields_set:
            raise ValueError(
                "'luminosity' is missing: with cross-sections, yields are for a luminosity [fb^-1]; or write null to "
                "take the weights as they are"
            )
        for name, sample in self.samples.items():
            if (made := sample.generate) and (tree := sample.tree or self.tree) != made.tree:
                raise ValueError(f"tree: the generated sample {name!r} has the tree {made.tree!r}, not {tree!r}")


def _refuse_repeats(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is listed twice")
    return names


def _refuse_twins(kind: str, names: Iterable[str]) -> None:
    """Names that differ only in case are one folder on some file systems."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(name.casefold(), name)) is not name:
            raise ValueError(f"the {kind}s {other!r} and {name!r} are the same file where case does not count")
