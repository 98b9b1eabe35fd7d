"""What figures can be told, by the names of the fields in their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from snakeroot.config.project import Project
from snakeroot.errors import SnakerootError, hint
from snakeroot.evaluate.catalogue import Figure
from snakeroot.evaluate.common.convergence import Trained
from snakeroot.evaluate.common.history import Quantity
from snakeroot.features.inputs import StoredImage
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import METRICS, of_kind
from snakeroot.networks.objectives import Residual
from snakeroot.plan import tune
from snakeroot.plotting.settings import Axis, Labelled, Model, Sample
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter


@dataclass(frozen=True)
class Facts:
    """What is known of one figure of a task: each property is a fact."""

    _project: Project
    _figure: Figure
    _task: str
    _subject: str

    @property
    def experiment(self) -> str:
        return self._project.tasks[self._task].evaluation.experiment

    @property
    def status(self) -> str:
        return self._project.tasks[self._task].evaluation.status

    @property
    def origin(self) -> str:
        """What its events are: of all samples, or of those that models see; trials are no events."""
        known = self._project.tasks[self._task]
        if self._figure.subject == "search":
            return ""
        every = self._figure.subject in ("feature", "block")
        return known.origin([name for name in known.samples if every or known.labelled(name)])

    @property
    def luminosity(self) -> float | None:
        return None if self._figure.subject == "search" else self._project.tasks[self._task].luminosity

    @property
    def energy(self) -> float | None:
        return None if self._figure.subject == "search" else self._project.tasks[self._task].energy

    @property
    def rows(self) -> str:
        return self._project.tasks[self._task].row_name

    @property
    def seed(self) -> int:
        return self._project.seed(self._figure.name, self._task, self._subject)

    @property
    def models(self) -> list[Model]:
        return [
            Model(**self._labelled(name).model_dump(), number=number)
            for number, name in enumerate(self._project.models[self._task])
        ]

    @property
    def trained(self) -> list[Trained]:
        """The models that are trained by gradients."""
        networks = {
            model: len(list(self._project.each_network(self._task, model, "")))
            for model in self._project.trained(self._task)
        }
        return [
            Trained(**model.model_dump(), networks=networks[model.name])
            for model in self.models
            if model.name in networks
        ]

    @property
    def model(self) -> Labelled:
        return self._labelled(self._subject)

    @property
    def number(self) -> int:
        """The place of the model among the task's."""
        return list(self._project.models[self._task]).index(self._subject)

    @property
    def networks(self) -> list[str]:
        """Those of the model."""
        return self._project.each_network(self._task, self._subject, "fold{fold}-replica{replica}")

    @property
    def inputs(self) -> list[Input]:
        """What the model takes."""
        return self._project.network_inputs(self._task, self._subject)

    @property
    def axes(self) -> dict[str, Axis]:
        """Of the model's inputs."""
        return {one.name: self._axis(one.name) for one in self.inputs}

    @property
    def clusters(self) -> bool:
        """Whether what the model finds are memberships of clusters."""
        return self._project.clusters(self._task, self._subject)

    @property
    def metrics(self) -> list[Quantity]:
        """What is measured after each epoch."""
        names = of_kind(self._project.tasks[self._task].kind)
        found = {name: METRICS.load(name) for name in names}
        return [
            Quantity(name=name, title=one.TITLE, of_target=one.OF_TARGET, decades=one.DECADES)
            for name, one in found.items()
        ]

    @property
    def classes(self) -> list[Labelled]:
        return [self._labelled(name) for name in self._project.tasks[self._task].classes]

    @property
    def signal(self) -> str:
        return self._project.tasks[self._task].evaluation.label("signal")

    @property
    def background(self) -> str:
        return self._project.tasks[self._task].evaluation.label("background")

    @property
    def samples(self) -> list[Sample]:
        return samples(self._project, self._task)

    @property
    def feature(self) -> str:
        return self._subject

    @property
    def axis(self) -> Axis:
        """Of the feature."""
        return self._axis(self._subject)

    @property
    def input(self) -> Input:
        """The image, sequence or tree."""
        return self._project.tasks[self._task].inputs[self._subject]

    @property
    def directions(self) -> tuple[str, str]:
        """Of an image's pixels; those that are in the file already have no η and φ that we know of."""
        stored = isinstance(self._project.tasks[self._task].blocks[self._subject], StoredImage)
        return ("row", "column") if stored else ("η", "φ")

    @property
    def labels(self) -> dict[str, str]:
        """Of classes, and of samples without one."""
        known = self._project.tasks[self._task]
        shown = {sample.role or name for name, sample in known.samples.items()}
        return {name: known.evaluation.label(name) for name in sorted(shown)}

    @property
    def target(self) -> Axis:
        """Of a regression: the axis of what is to be predicted."""
        return self._axis("target")

    @property
    def unit(self) -> str:
        """Of the target."""
        return self.target.unit

    @property
    def reference(self) -> Labelled | None:
        """Of a regression: the column that models are compared with."""
        reference = self._project.tasks[self._task].evaluation.reference
        return self._labelled(reference) if reference else None

    @property
    def residual(self) -> Residual:
        return self._project.tasks[self._task].evaluation.residual

    @property
    def space(self) -> dict[str, Parameter]:
        """Where the model's settings are searched."""
        return tune.tuning_of(self._project, self._task, self._subject).space

    @property
    def objective(self) -> list[Objective]:
        """What a search is for."""
        return tune.tuning_of(self._project, self._task, self._subject).objective

    @property
    def jobs(self) -> list[list[str]]:
        """The trials that each job of each round has."""
        tuning = tune.tuning_of(self._project, self._task, self._subject)
        return [list(tuning.jobs(number)) for number in range(len(tuning.trials()))]

    @property
    def rungs(self) -> int:
        """Jobs of each trial before its last one."""
        return len(tune.rungs(self._project, self._task, self._subject))

    def _labelled(self, name: str) -> Labelled:
        return Labelled(name=name, label=self._project.tasks[self._task].evaluation.label(name))

    def _axis(self, feature: str) -> Axis:
        return self._project.tasks[self._task].evaluation.axis(feature)


def samples(project: Project, task: str) -> list[Sample]:
    """All samples of a task; where there are no classes, each has a role of its own."""
    known = project.tasks[task]
    return [
        Sample(
            name=name,
            label=known.evaluation.label(name),
            role=sample.role or (name if known.labelled(name) else None),
        )
        for name, sample in known.samples.items()
    ]


def filled(figure: Figure, facts: Any) -> dict[str, Any]:
    """Return the facts that a figure's settings have fields for.

    Raises:
        SnakerootError: if a field without a default is none of them.
    """
    known = [name for name in dir(type(facts)) if not name.startswith("_")]
    for name, field in figure.settings.model_fields.items():
        if name not in known and field.is_required():
            raise SnakerootError(
                f"{figure.module.__name__}: there is no fact {name!r} for its settings: {hint(name, known)}"
            )
    return {name: getattr(facts, name) for name in figure.settings.model_fields if name in known}
