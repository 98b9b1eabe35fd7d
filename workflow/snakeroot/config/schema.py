"""What a user may write in config.yaml and in a task file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from snakeroot.config.auxiliary import OtherTargets
from snakeroot.config.evaluation import Evaluation
from snakeroot.config.files import AnyFiles, SplitFiles
from snakeroot.config.friends import Friends
from snakeroot.config.generate import Generate
from snakeroot.config.repeated import Distinct, repeats, twins
from snakeroot.config.resources import Resources, TaskResources
from snakeroot.data import paths
from snakeroot.features.inputs import Columns, Expression, ExpressionOrNumber
from snakeroot.features.settings import NegativeWeights, NonFinite, Normalisation
from snakeroot.jobs.devices import Accelerator
from snakeroot.networks.inputs import Input
from snakeroot.networks.objectives import Kind
from snakeroot.records.formats import Format
from snakeroot.reweight.settings import Reweighting
from snakeroot.settings import ENTRY, FILE, Column, Duplicates, Mistake, Name, Settings, raise_all
from snakeroot.split.settings import AnySplit, Fractions, Split
from snakeroot.systematics.choices import Systematic
from snakeroot.templates.choices import Templates

Checksum = Annotated[str, StringConstraints(pattern=r"^(adler32:[0-9a-f]{8}|sha256:[0-9a-f]{64})$")]
Image = Annotated[str, StringConstraints(pattern=r"^[\w./][\w./:@%+=,-]*$")]  # Snakemake hands it to a shell


def _of_entry(value: Any) -> Any:
    return [FILE, ENTRY] if value == "entry" else value


Value = Annotated[float, Field(allow_inf_nan=False)]
Branches = Annotated[list[str], Field(min_length=1)]
EventId = Annotated[Branches, BeforeValidator(_of_entry, json_schema_input_type=Branches | Literal["entry"]), Distinct]


class Config(Settings):
    """config.yaml."""

    tasks: list[Name] = Field(min_length=1, description="tasks to run: files in task_folder, without .yaml")
    seed: int = Field(1, ge=0, lt=2**32, description="seed of all that is random, but the split's, which has its own")
    accelerator: Accelerator = Field(
        "auto", description="where networks run; auto: on GPUs if there are any, or the CPU"
    )
    gpus: int = Field(1, ge=1, le=64, description="GPUs of one training, where there are as many; of each of its nodes")
    nodes: int = Field(
        1,
        ge=1,
        le=64,
        description="machines of one training, each with `gpus` GPUs, or without any one process: "
        "[on SLURM or HTCondor](farms.md#several-nodes)",
    )
    records: Annotated[list[Format], Distinct] = Field(
        [],
        description="tools that finished trainings and searches are [recorded for](records.md), each with the extra "
        "of its name",
    )
    resources: Resources = Field(Resources(), description="what jobs ask a scheduler for, by stage")
    max_jobs: int = Field(
        20_000, gt=0, description="jobs, at most: Snakemake plans some hundred in a second ([measured](scaling.md))"
    )
    container: Image | None = Field(None, description="image for `--sdm apptainer`, as envs/apptainer.def makes one")
    task_folder: str = Field("config/tasks", description="folder of the task files, relative to the working folder")

    @field_validator("tasks")
    @classmethod
    def _usable(cls, tasks: list[str]) -> list[str]:
        reserved = (
            Mistake((place,), f"a task cannot be called {task!r}: results/{task} has another meaning")
            for place, task in enumerate(tasks)
            if task.lower() in paths.RESERVED_TASKS
        )
        raise_all([*repeats(tasks), *twins("task", {task: (place,) for place, task in enumerate(tasks)}), *reserved])
        return tasks


class Sample(Normalisation):
    """Events of one kind: from files, or generated."""

    class_name: Name | None = Field(
        None,
        alias="class",
        description="what the sample is trained as: signal or background of a binary task, any name of a multiclass "
        "one; without a class it is shown in plots and scored, and nothing is trained on it",
    )
    files: AnyFiles | None = Field(
        None,
        description="ROOT, HDF5 (.h5, .hdf5), Parquet (.parquet, .pq), CSV (.csv, .csv.gz) or NumPy (.npz) files: "
        "paths, globs and folders, in which `~` and `$VARIABLES` are replaced (which a farm's nodes must have "
        "too), https:// and root:// URLs, and texts (.txt, .list) that list such entries; or lists of them for each "
        "split: `{train: […], validation: […], test: […]}`",
    )
    generate: Generate | None = Field(None, description="Monte Carlo made by the workflow, instead of files")
    data: bool = Field(False, description="whether its events are recorded, not simulated: figures then say Data")
    tree: str | None = Field(None, min_length=1, description="where its tree is called otherwise than the task's")
    selection: Expression | None = Field(None, description="what an entry must pass first to be of this sample")
    weight: ExpressionOrNumber | None = Field(
        None, description="its event weight in place of the task's, such as 1 of data, or where its files have none"
    )
    parameters: dict[Column, Value | Expression] = Field(
        {}, description="of signal: its value of each of the task's `parameters`, or an expression that gives it"
    )
    branches: dict[Column, str] = Field(
        {}, description="name in the task's expressions, event_id and spectators: what its files call this branch"
    )
    limit: int | None = Field(None, gt=0, description="entries of the sample, in place of the task's")
    checksum: dict[str, Checksum] = Field({}, description="path or URL: adler32:… or sha256:… that the file must have")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        raise_all(self._mistakes())
        return self

    @property
    def patterns(self) -> Iterator[tuple[tuple[str | int, ...], str, Split | None]]:
        """The entries of `files`: where each stands, what it is, and the split that its files are of, if it says so."""
        if isinstance(self.files, SplitFiles):
            yield from self.files.patterns
        else:
            yield from ((("files", place), pattern, None) for place, pattern in enumerate(self.files or []))

    def _mistakes(self) -> Iterator[Mistake]:
        if (self.files is None) == (self.generate is None):
            yield Mistake((), "a sample has either 'files' or 'generate'")
        if (self.cross_section is None) != (self.generated is None):
            yield Mistake((), "'cross_section' and 'generated' come together: one alone does not normalise")
        if self.generate and (self.generated or self.checksum):
            yield Mistake((), "a generated sample knows its cross-section, its events and its files")
        if self.data and (self.generate or self.cross_section):
            text = "recorded events are not generated and have no cross_section; remove one of the two"
            yield Mistake(("data",), text)


class Task(Columns):
    """A task file."""

    kind: Kind = Field(
        description="what is learned: signal against background, several classes, a number, or the events themselves"
    )
    tree: str | None = Field(
        None,
        min_length=1,
        description="name of the TTree or RNTuple, with its folder; of an HDF5 file, the group (`/`) or table of its "
        "branches, or a dataset, which is the branch `data`; files of other kinds have none",
    )
    rows: Column | None = Field(
        None,
        description="collection, as `Jet` of branches `Jet_…`, whose objects are the rows; by default entries are",
    )
    samples: dict[Name, Sample] = Field(min_length=1, description="name: where its events come from")
    event_id: EventId = Field(
        description="branches that together identify an event; arrays, as images, by their exact numbers; or `entry`: "
        "its file and the number of its entry there, which is [safe only while files stay](ntuples.md#rows)",
    )
    group: Annotated[list[str], Distinct] = Field(
        [],
        description="branches of event_id whose equal values keep rows together, in one split and in resampling: of a "
        "flat ntuple of jets those of the event, as [run, event] of [run, event, jet]; by default all of event_id",
    )
    duplicates: Duplicates = Field(
        "error",
        description="what to do if more than 3 % of the rows of a sample have the event_id of another row that differs "
        "from them: event_id is a poor one (error), or copies of an event may differ (keep)",
    )
    target: Expression | None = Field(None, description="what a regression learns, as float32")
    auxiliary: OtherTargets = Field({})
    weight: ExpressionOrNumber | None = Field(None, description="the event weight; 1 by default")
    negative_weights: NegativeWeights = Field("keep", description="what to do with negative weights; always counted")
    non_finite: NonFinite = Field("error", description="what to do with NaN and infinity in an input or the weight")
    selection: Expression | None = Field(None, description="condition that an entry must pass; & makes cut-flow steps")
    limit: int | None = Field(
        None,
        gt=0,
        description="entries of each sample that are read, for a first look: the same number of each of its files; "
        "their weights stand for all, so yields stay what they are",
    )
    spectators: Annotated[list[Column], Distinct] = Field(
        [], description="branches and definitions carried along, never trained on; drawn if they have an axis"
    )
    split: AnySplit = Field(
        Fractions(),
        description="which events train, validate and test: shares of them, or what a branch says (`column`); or see "
        "`samples.<sample>.files`",
    )
    parameters: dict[Column, Annotated[list[Value], Field(min_length=2)]] = Field(
        {}, description="name: values of a [physics parameter](parameterised.md) that the signal has, as of its mass"
    )
    reweighting: dict[Name, Reweighting] = Field({}, description="name: [weights of trainings](reweighting.md)")
    luminosity: float | None = Field(
        None,
        gt=0,
        description="integrated luminosity [fb^-1] of the yields; where a cross-section is known it must be given, or "
        "`null` to take the weights as they are",
    )
    energy: float | None = Field(
        None, gt=0, description="centre-of-mass energy [TeV] shown; generated at, 13 by default"
    )
    chunk: int = Field(100_000, gt=0, le=10_000_000, description="entries of an ntuple that are in memory at once")
    models: dict[Name, dict[str, Any]] = Field(min_length=1, description="name: architecture, inputs, training, …")
    friends: Friends | None = Field(
        None, description="whether, and how, scores are written back: a ROOT file beside each ntuple, entry by entry"
    )
    evaluation: Evaluation = Field(Evaluation(), description="how results are shown")
    systematics: dict[Column, Systematic] = Field(
        {},
        description="name: an uncertainty, what it changes, of which samples; all models are "
        "[evaluated under it](systematics.md), can be trained with it, and templates have it",
    )
    templates: Templates | None = Field(None, description="histograms for a fit, [with uncertainties](templates.md)")
    resources: TaskResources = Field(
        TaskResources(), description="what the task's jobs ask a scheduler for, by stage, whatever config.yaml says"
    )

    @property
    def inputs(self) -> dict[str, Input]:
        """All that a network can take, by name: also the physics parameters, which the split stage adds."""
        return super().inputs | {name: Input(name=name) for name in self.parameters}

    @property
    def classes(self) -> list[str]:
        """The classes by target; none where targets are no classes."""
        if self.kind == "binary":
            return ["background", "signal"]
        return sorted({sample.class_name for sample in self.samples.values() if sample.class_name})

    @property
    def row_name(self) -> str:
        """What figures and tables call the rows."""
        return f"{self.rows} objects" if self.rows else "events"

    def labelled(self, sample: str) -> bool:
        """Whether a sample has targets, or needs none: it is split, trained on and scored."""
        return self.kind in ("regression", "unsupervised") or self.samples[sample].class_name is not None

    def origin(self, samples: Iterable[str]) -> str:
        """What figures say of the events of these samples."""
        if self.evaluation.origin is not None:
            return self.evaluation.origin
        are_data = {self.samples[name].data for name in samples}
        called = {frozenset({True}): "Data", frozenset({False}): "Simulation"}
        return called.get(frozenset(are_data), "Data and simulation")
