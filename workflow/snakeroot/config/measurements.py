"""What is measured of models and of generated samples, and the specs of the jobs that do it."""

from __future__ import annotations

from snakeroot import paths
from snakeroot.config.searches import Searches
from snakeroot.evaluate.measures import MEASURES
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.validation_settings import VALIDATED, Validation
from snakeroot.report.settings import FigureEntry
from snakeroot.spec import spec


class Measurements(Searches):
    """Specs of the metrics, and of the validation of what was generated, which belongs to no task."""

    def metrics(self, task: str) -> str:
        """Of all models of a task."""
        known = self.tasks[task]
        settings = Metrics(
            task=task,
            kind=known.kind,
            classes=known.classes if known.kind == "multiclass" else [],
            residual=known.evaluation.residual,
            reference=known.evaluation.reference,
            models=[
                Measured(
                    name=model,
                    networks=len(self.each_network(task, model, paths.FACTS)),
                    inputs=self.network_inputs(task, model) if known.kind == "unsupervised" else [],
                    clusters=self.clusters(task, model),
                )
                for model in self.models[task]
            ],
            bootstrap=known.evaluation.bootstrap,
            seed=self.seed("bootstrap", task),
        )
        return spec(settings, "snakeroot.evaluate.metrics", MEASURES.module(known.kind))

    def measured_features(self, task: str) -> list[str]:
        """The features of all parts that are split, where the metrics need them."""
        known = self.tasks[task]
        needed = known.kind == "unsupervised" or known.evaluation.reference
        return self.each_part(task, paths.FEATURES, labelled=True) if needed else []

    def measured_scalings(self, task: str) -> list[str]:
        """The scaling of each fold, where the metrics need it."""
        needed = self.tasks[task].kind == "unsupervised"
        return [paths.SCALING.format(task=task, fold=fold) for fold in self.folds(task)] if needed else []

    def general_figures(self) -> list[tuple[FigureEntry, str]]:
        """Figures that belong to no task: the validation of what was generated, if anything was."""
        return [
            (FigureEntry(kind="generation", subject=variable), paths.GENERATION.format(variable=variable))
            for variable in VALIDATED
            if self.validated(variable)
        ]

    def validated(self, variable: str) -> list[tuple[str, str]]:
        """Sample and path of every generated ntuple that a validation figure shows."""
        return list(self.generated(VALIDATED[variable].reconstruction))

    def validate_generation(self, variable: str) -> str:
        """Of one figure of the generated samples."""
        shown = VALIDATED[variable]
        samples = [name for name, _ in self.validated(variable)]
        energy = next(task.energy for task in self.tasks.values() if samples[0] in task.samples)
        of_tasks = {
            one.name: one for task in reversed(list(self.tasks)) for one in self._samples(task) if one.name in samples
        }
        settings = Validation(
            variable=variable,
            expression=shown.expression,
            tree=RECONSTRUCTIONS.load(shown.reconstruction).TREE,
            axis=shown.axis,
            origin="Simulation",
            luminosity=None,
            energy=energy or 13.0,
            samples=[of_tasks[name] for name in samples],
        )
        return spec(settings, "snakeroot.generate.validation")
