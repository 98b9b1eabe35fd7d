"""The figures that a task has, in the order in which they are read, and the specs of the jobs that draw them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from snakeroot import paths
from snakeroot.config.measurements import Measurements
from snakeroot.evaluate import settings as evaluate
from snakeroot.evaluate.block_settings import Block
from snakeroot.evaluate.multiclass import settings as multiclass
from snakeroot.evaluate.regression import settings as regression
from snakeroot.evaluate.unsupervised import settings as unsupervised
from snakeroot.features.inputs import StoredImage
from snakeroot.objectives import METRICS, Kind
from snakeroot.report.settings import FigureEntry, ReportSettings, SampleEntry, SearchEntry, Section
from snakeroot.report.settings import Kind as FigureKind
from snakeroot.spec import spec

OF_TASK: dict[Kind, tuple[FigureKind, ...]] = {
    "binary": ("roc", "rejection"),
    "multiclass": ("class-roc",),
    "regression": ("residuals", "response"),
    "unsupervised": (),
}
"""Figures that compare a task's models."""

OF_MODEL: dict[Kind, tuple[FigureKind, ...]] = {
    "binary": ("scores",),
    "multiclass": ("confusion", "class-scores"),
    "regression": ("prediction",),
    "unsupervised": ("errors",),
}
"""Figures of each model."""


class Figures(Measurements):
    """Specs of the rules in evaluate.smk and report.smk."""

    def figures(self, task: str) -> list[tuple[FigureEntry, str]]:
        """What each figure of a task is, and its SVG file."""
        known, models = self.tasks[task], self.models[task]
        target = ["target"] if known.kind == "regression" else []
        spectators = [name for name in known.spectators if name in known.evaluation.axes]
        entries = [
            *(FigureEntry(kind="input", subject=name) for name in (*known.features, *spectators, *target)),
            *(FigureEntry(kind="block", subject=name) for name in known.blocks),
            *(FigureEntry(kind="history", subject=model) for model in models),
            *([FigureEntry(kind="convergence")] if len(self.trained(task)) > 1 else []),
            *(FigureEntry(kind=kind) for kind in OF_TASK[known.kind]),
            *(FigureEntry(kind=kind, subject=model) for kind in OF_MODEL[known.kind] for model in models),
            *(entry for model in models if known.kind == "unsupervised" for entry in self._of_described(task, model)),
            *(FigureEntry(kind="decision", subject=model) for model in models if self._has_plane(task, model)),
            *(entry for model in self.searched(task) for entry in self.search_figures(task, model)),
        ]
        return [
            (entry, paths.figure(f"{entry.kind}-{entry.subject}" if entry.subject else entry.kind).format(task=task))
            for entry in entries
        ]

    def targets(self, tasks: Iterable[str] | None = None) -> list[str]:
        """What a run is for: the report, all figures, and the scores of samples without a class, of the tasks that the
        config names, or of these.
        """
        names = list(self.tasks if tasks is None else tasks)
        figures = [svg for task in names for _, svg in self.figures(task)]
        figures += [svg for _, svg in self.general_figures()]
        figures += [
            paths.timed(paths.TIMELINE).format(task=task, model=model)
            for task in names
            for model in self.searched(task)
        ]
        numbers = [paths.METRICS.format(task=task) for task in names]
        scored = (task for task in names if self.unlabelled(task))
        numbers += [path for task in scored for path in self.each_model(task, paths.COMBINED, split="unlabelled")]
        return [paths.REPORT, *numbers, *(file for svg in figures for file in paths.beside(svg).values())]

    def roc(self, task: str) -> str:
        """Of the ROC curves of a task."""
        return spec(self._curves(task), "snakeroot.evaluate.roc")

    def rejection(self, task: str) -> str:
        """Of the background rejection of a task."""
        return spec(self._curves(task), "snakeroot.evaluate.rejection")

    def history(self, task: str, model: str) -> str:
        """Of the training history of a model."""
        networks = self.each_network(task, model, "fold{fold}-replica{replica}")
        settings = evaluate.History(
            model=self._model(task, model),
            metrics=list(METRICS[self.tasks[task].kind]),
            unit=self.tasks[task].evaluation.axis("target").unit,
            networks=networks,
            **self._stated(task),
        )
        return spec(settings, "snakeroot.evaluate.history")

    def convergence(self, task: str) -> str:
        """Of the trainings of a task's models."""
        models = [
            evaluate.Trained(
                **self._model(task, model).model_dump(), networks=len(self.each_network(task, model, paths.FACTS))
            )
            for model in self.trained(task)
        ]
        return spec(evaluate.Convergence(models=models, **self._stated(task)), "snakeroot.evaluate.convergence")

    def scores(self, task: str, model: str) -> str:
        """Of the score distributions of a model."""
        settings = evaluate.Scores(model=self._labelled(task, model), **self._roles(task), **self._stated(task))
        return spec(settings, "snakeroot.evaluate.scores")

    def of_classes(self, task: str, figure: str, model: str = "") -> str:
        """Of a figure of a multiclass task, or of one of its models."""
        classes = [self._labelled(task, name) for name in self.tasks[task].classes]
        if model:
            of_model = multiclass.ModelClasses(model=self._labelled(task, model), classes=classes, **self._stated(task))
            return spec(of_model, f"snakeroot.evaluate.multiclass.{figure}")
        curves = multiclass.ClassCurves(**self._curves(task).model_dump(), classes=classes)
        return spec(curves, f"snakeroot.evaluate.multiclass.{figure}")

    def prediction(self, task: str, model: str) -> str:
        """Of the predictions of a regression's model against the target."""
        axis = self.tasks[task].evaluation.axis("target")
        settings = regression.Prediction(model=self._model(task, model), axis=axis, **self._stated(task))
        return spec(settings, "snakeroot.evaluate.regression.prediction")

    def residuals(self, task: str, figure: str) -> str:
        """Of a figure of the residuals of a regression's models."""
        evaluation = self.tasks[task].evaluation
        settings = regression.Residuals(
            **self._curves(task).model_dump(),
            reference=self._labelled(task, evaluation.reference) if evaluation.reference else None,
            axis=evaluation.axis("target"),
            residual=evaluation.residual,
        )
        return spec(settings, f"snakeroot.evaluate.regression.{figure}")

    def described(self, task: str, model: str, figure: str) -> str:
        """Of a figure of an unsupervised model."""
        settings = unsupervised.Described(
            model=self._labelled(task, model),
            samples=self._samples(task),
            seed=self.seed("described", task, model),
            **self._stated(task),
        )
        return spec(settings, f"snakeroot.evaluate.unsupervised.{figure}")

    def inputs(self, task: str, feature: str) -> str:
        """Of the distribution of a feature, or of a spectator that has an axis."""
        axis = self.tasks[task].evaluation.axis(feature)
        samples = self._samples(task)
        stated = self._stated(task, self.tasks[task].samples)
        settings = evaluate.Input(feature=feature, axis=axis, samples=samples, **stated)
        return spec(settings, "snakeroot.evaluate.inputs")

    def blocks(self, task: str, feature: str) -> str:
        """Of an image, a sequence or a tree."""
        known = self.tasks[task]
        shown = {sample.role or name for name, sample in known.samples.items()}
        settings = Block(
            input=known.inputs[feature],
            samples=self._samples(task),
            labels={name: known.evaluation.label(name) for name in sorted(shown)},
            # pixels that are in the file already have no η and φ that we know of
            **({"directions": ("row", "column")} if isinstance(known.blocks[feature], StoredImage) else {}),
            **self._stated(task, known.samples),
        )
        return spec(settings, "snakeroot.evaluate.blocks")

    def decision(self, task: str, model: str) -> str:
        """Of the plane of a model's two inputs."""
        settings = evaluate.Decision(
            model=self._labelled(task, model),
            axes={one.name: self.tasks[task].evaluation.axis(one.name) for one in self.network_inputs(task, model)},
            seed=self.seed("decision", task, model),
            **self._roles(task),
            **self._stated(task),
        )
        return spec(settings, "snakeroot.evaluate.decision", *self.kind_modules(task, model))

    def report(self) -> str:
        """Of the one report."""
        sections = [
            Section(
                task=task,
                kind=known.kind,
                samples=[SampleEntry(name=name, role=sample.role) for name, sample in known.samples.items()],
                rows=known.row_name,
                parts=sum(len(parts) for parts in self.parts[task].values()),
                searches=[
                    SearchEntry(
                        model=model,
                        sampler=tuning.sampler,
                        objective=list(tuning.objective),
                        timeline=f"../{paths.timed(paths.TIMELINE).format(task=task, model=model)}",
                    )
                    for model in self.searched(task)
                    for tuning in [self._tuning(task, model)]
                ],
                figures=[entry for entry, _ in self.figures(task)],
            )
            for task, known in self.tasks.items()
        ]
        general = [entry for entry, _ in self.general_figures()]
        return spec(ReportSettings(title="Snakeroot", sections=sections, figures=general), "snakeroot.report")

    def _roles(self, task: str) -> dict[str, Any]:
        return {role: self.tasks[task].evaluation.label(role) for role in ("signal", "background")}

    def _of_described(self, task: str, model: str) -> list[FigureEntry]:
        return [FigureEntry(kind="clusters" if self.clusters(task, model) else "latent", subject=model)]

    def _has_plane(self, task: str, model: str) -> bool:
        """Whether a decision boundary can be drawn."""
        inputs = [one.kind for one in self.network_inputs(task, model)]
        return self.tasks[task].kind == "binary" and inputs == ["scalar", "scalar"]

    def _curves(self, task: str) -> evaluate.Curves:
        return evaluate.Curves(models=[self._model(task, model) for model in self.models[task]], **self._stated(task))
