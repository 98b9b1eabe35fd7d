"""What figures can be told, by the names of the fields in their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.config.variations import evaluated
from snakeroot.errors import SnakerootError, hint
from snakeroot.evaluate.catalogue import Figure
from snakeroot.evaluate.common.convergence import Trained
from snakeroot.evaluate.common.fit_templates import Region
from snakeroot.features.inputs import StoredImage
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.validated import VALIDATED
from snakeroot.plan import generated, reweight, tune
from snakeroot.plan.colours import colours
from snakeroot.plan.other_facts import OF_OTHER, quantities
from snakeroot.plan.recorded import expected, recorded
from snakeroot.plotting.settings import Axis, Labelled, Model, Sample, Variable
from snakeroot.templates import choices
from snakeroot.tune.settings import Tuning


@dataclass(frozen=True)
class About:
    """A figure of a task, and the model or feature that it is about; or of no task, and a quantity.

    `other` is the target beside the main one that it is of, if it is of one.
    """

    project: Project
    figure: Figure
    task: str
    subject: str
    other: str = ""

    @property
    def known(self) -> Task:
        """The task's settings."""
        return self.project.tasks[self.task]

    @property
    def tuning(self) -> Tuning:
        """The model's search."""
        return tune.tuning_of(self.project, self.task, self.subject)

    @property
    def axes(self) -> dict[str, Axis]:
        """Those of the model's inputs."""
        inputs = self.project.network_inputs(self.task, self.subject)
        return {one.name: self.known.evaluation.axis(one.name) for one in inputs}

    def of_events(self, value: Any) -> Any:
        """Return what is stated of events; nothing where trials are shown."""
        return None if self.figure.subject == "search" else value

    def origin(self) -> str:
        """Return what the events are: of all samples, or of those that models see."""
        every = self.figure.subject in ("feature", "block") or "scored" in self.figure.reads
        return self.known.origin([name for name in self.known.samples if every or self.known.labelled(name)])

    def labelled(self, name: str) -> Labelled:
        """Return a model, a class or a column, and how it is called."""
        return Labelled(name=name, label=self.known.evaluation.label(name))

    def models(self) -> list[Model]:
        """Return all models of the task."""
        names = enumerate(self.project.models[self.task])
        return [Model(**self.labelled(name).model_dump(), number=number) for number, name in names]

    def trained(self) -> list[Trained]:
        """Return the models that are trained by gradients."""
        networks = {name: self.project.each_network(self.task, name, "") for name in self.project.trained(self.task)}
        shown = [model for model in self.models() if model.name in networks]
        return [Trained(**model.model_dump(), networks=len(networks[model.name])) for model in shown]

    def regions(self) -> list[Region]:
        """Return the regions of the templates, each with what its axis shows; none without templates."""
        known = self.known.templates.regions if self.known.templates else {}
        return [self._region(name, one) for name, one in known.items()]

    def _region(self, name: str, region: choices.Region) -> Region:
        shown, of_column = region.observable, {*self.known.features, *self.known.spectators}
        if region.label or shown not in of_column:
            return Region(name=name, label=region.label or shown)
        axis = self.known.evaluation.axis(shown)
        return Region(name=name, label=axis.label, unit=axis.unit)

    def profiled(self) -> list[Variable]:
        """Return the variables against which efficiencies, or residuals, are shown."""
        known = self.known.evaluation
        spectators = [name for name in self.known.spectators if name in known.axes]
        names = spectators if known.profiles is None else known.profiles
        return [Variable(name=name, axis=known.axis(name)) for name in names]

    def parameters(self) -> list[Variable]:
        """Return the physics parameters."""
        return [Variable(name=name, axis=self.known.evaluation.axis(name)) for name in self.known.parameters]

    def replicated(self) -> list[str]:
        """Return the models that have several replicas."""
        return [name for name, model in self.project.models[self.task].items() if model.replicas > 1]

    def uncertain(self, *losses: str) -> list[str]:
        """Return the models of a regression that are trained for one of these losses."""
        models = self.project.models[self.task] if self.known.kind == "regression" else {}
        return [name for name, model in models.items() if model.training.loss in losses]

    def classes(self) -> list[Labelled]:
        """Return the classes, each in the colour of its first sample."""
        shades = {one.class_name: one.colour for one in reversed(samples(self.project, self.task))}
        labelled = (self.labelled(name) for name in self.known.classes)
        return [one.model_copy(update={"colour": shades[one.name]}) for one in labelled]

    def scores(self) -> dict[str, str]:
        """Return the columns of predictions that are scores of classes, and how each is called."""
        if self.known.kind == "binary":
            return {"score": "Score"}
        classes = [name for name in self.known.classes if self.known.kind == "multiclass"]
        return {f"score.{name}": f"Score of {self.known.evaluation.label(name)}" for name in classes}

    def labels(self) -> dict[str, str]:
        """Return how classes, and samples without one, are called."""
        shown = {sample.class_name or name for name, sample in self.known.samples.items()}
        return {name: self.known.evaluation.label(name) for name in sorted(shown)}


def samples(project: Project, task: str) -> list[Sample]:
    """Return all samples of a task; where there are no classes, each has a class of its own."""
    known = project.tasks[task]
    classes = {name: one.class_name or (name if known.labelled(name) else None) for name, one in known.samples.items()}
    shades = colours(project, task)
    return [
        Sample(name=name, label=known.evaluation.label(name), class_name=of, colour=shades[name])
        for name, of in classes.items()
    ]


def generated_samples(project: Project, variable: str) -> list[Sample]:
    """Return the sample of each ntuple that a figure of a quantity shows, as the first task that has it shows it."""
    of_tasks = {one.name: one for task in reversed(list(project.tasks)) for one in samples(project, task)}
    return [of_tasks[name] for name, _ in generated.ntuples(project, variable)]


Facts = Mapping[str, Callable[[About], Any]]

OF_TASK: Facts = {
    "experiment": lambda about: about.known.evaluation.stated,
    "status": lambda about: about.known.evaluation.status,
    "origin": lambda about: about.of_events(about.origin()) or "",
    "luminosity": lambda about: about.of_events(about.known.luminosity),
    "energy": lambda about: about.of_events(about.known.energy),
    "rows": lambda about: about.known.row_name,
    "bootstrap": lambda about: about.known.evaluation.bootstrap,
    "seed": lambda about: about.project.seed(about.figure.name, about.task, about.subject),
    "samples": lambda about: samples(about.project, about.task),
    "classes": About.classes,
    "signal": lambda about: about.known.evaluation.label("signal"),
    "background": lambda about: about.known.evaluation.label("background"),
    "labels": About.labels,
    "discriminant": lambda about: about.known.evaluation.discriminants[about.subject],
    # of data against simulation
    "recorded": lambda about: recorded(about.known),
    "stacked": lambda about: expected(about.known),
    "scaled_to": lambda about: (
        about.known.evaluation.simulation_scaled_to or ("luminosity" if about.known.luminosity else "data")
    ),
    "uncertainty": lambda about: about.known.evaluation.normalisation_uncertainty,
    "scores": About.scores,
    # of a regression
    "target": lambda about: about.known.evaluation.axis("target"),
    "unit": lambda about: about.known.evaluation.axis("target").unit,
    "reference": lambda about: about.labelled(name) if (name := about.known.evaluation.reference) else None,
    "residual": lambda about: about.known.evaluation.residual,
    "replicated": About.replicated,
    "normal": lambda about: about.uncertain("likelihood"),
    "uncertain": lambda about: about.uncertain("likelihood", "quantiles"),
    # of all models
    "models": About.models,
    "trained": About.trained,
    "metrics": quantities,
    # of signal against background, or of several classes
    "features": lambda about: [about.labelled(name) for name in about.known.features],
    "profiled": About.profiled,
    "efficiencies": lambda about: about.known.evaluation.profile_efficiencies,
    "parameters": About.parameters,
    "varied": lambda about: bool(evaluated(about.known)),
    "permuted": lambda about: about.known.evaluation.importance is not None,
    "reweightings": lambda about: reweight.shown(about.project, about.task),
    "independent": lambda about: reweight.independent(about.project, about.task),
    # of a model
    "model": lambda about: about.labelled(about.subject),
    "number": lambda about: list(about.project.models[about.task]).index(about.subject),
    "networks": lambda about: about.project.each_network(about.task, about.subject, "fold{fold}-replica{replica}"),
    "architecture": lambda about: about.project.models[about.task][about.subject].architecture,
    "inputs": lambda about: about.project.network_inputs(about.task, about.subject),
    "axes": lambda about: about.axes,
    "regions": About.regions,
    "clusters": lambda about: about.project.clusters(about.task, about.subject),
    # of a search
    "space": lambda about: about.tuning.space,
    "objective": lambda about: about.tuning.objective,
    "jobs": lambda about: [list(about.tuning.jobs(number)) for number in range(len(about.tuning.trials()))],
    "rungs": lambda about: len(tune.rungs(about.project, about.task, about.subject)),
    # of a feature, or of an image, sequence or tree; of pixels that are in the file already no η and φ are known
    "feature": lambda about: about.subject,
    "axis": lambda about: about.known.evaluation.axis(about.subject),
    "missing": lambda about: about.subject in about.known.features and bool(about.known.missing_values(about.subject)),
    "input": lambda about: about.known.inputs[about.subject],
    "directions": lambda about: (
        ("row", "column") if isinstance(about.known.blocks[about.subject], StoredImage) else ("η", "φ")
    ),
}
"""Of a figure of a task."""

GENERATED: Facts = {
    "origin": lambda _: "Simulation",
    "luminosity": lambda _: None,
    "energy": lambda about: generated.energy(about.project, about.subject),
    "samples": lambda about: generated_samples(about.project, about.subject),
    "variable": lambda about: about.subject,
    "expression": lambda about: VALIDATED[about.subject].expression,
    "axis": lambda about: VALIDATED[about.subject].axis,
    "tree": lambda about: RECONSTRUCTIONS.load(VALIDATED[about.subject].reconstruction).TREE,
}
"""Of a figure of generated events."""


def filled(about: About) -> dict[str, Any]:
    """Return the facts that the settings of a figure have fields for.

    Raises:
        SnakerootError: if a field without a default is none of them.
    """
    facts, settings = OF_TASK if about.task else GENERATED, about.figure.settings
    facts = {**facts, **(OF_OTHER if about.other else {})}
    for name, field in settings.model_fields.items():
        if name not in facts and field.is_required():
            where = about.figure.module.__name__
            raise SnakerootError(f"{where}: there is no fact {name!r} for its settings: {hint(name, list(facts))}")
    return {name: facts[name](about) for name in settings.model_fields if name in facts}
