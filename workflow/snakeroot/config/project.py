"""For each job the spec: exactly what it may know."""

from __future__ import annotations

from typing import cast

from snakeroot.config import inputs
from snakeroot.config.models import architecture_settings
from snakeroot.config.named import Named
from snakeroot.config.schema import Generate
from snakeroot.features import blocks, readers, transfers
from snakeroot.features.readers import READERS
from snakeroot.features.settings import FeaturesSettings, Normalisation, NormaliseSettings, plain
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.settings import GenerateSettings
from snakeroot.inputs import Input
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings
from snakeroot.scale.settings import ScaleSettings
from snakeroot.spec import spec
from snakeroot.split.settings import AuditSettings, SplitSettings
from snakeroot.train.settings import TrainSettings
from snakeroot.tune.samplers import SAMPLERS
from snakeroot.tune.settings import BestSettings, CollectSettings, Promotion, ProposeSettings, TrialSettings


class Project(Named):
    """The whole config. Methods named after a rule return its spec; the others return names and paths."""

    def generate(self, sample: str, part: str) -> str:
        """Of one part of a generated sample."""
        task = self.tasks[self.generating(sample)]
        wanted = cast(Generate, task.samples[sample].generate)
        number = int(part.removeprefix("part"))
        first = number * wanted.events_per_part
        settings = GenerateSettings(
            process=wanted.process,
            events=min(wanted.events_per_part, wanted.events - first),
            first_event=first,
            run=inputs.run_number(sample),
            lumi=number + 1,
            seed=1 + self.seed("generate", sample, part) % 900_000_000,
            multiparton=wanted.multiparton,
            **({"energy": task.energy} if task.energy else {}),
        )
        process, reconstruction = PROCESSES.module(wanted.process), RECONSTRUCTIONS.module(wanted.reconstruction)
        return spec(settings, "snakeroot.generate", process, reconstruction)

    def features(self, task: str, sample: str, part: str) -> str:
        """Of one ntuple."""
        known, of_sample = self.tasks[task], self.tasks[task].samples[sample]
        ntuple = self.parts[task][sample][part]
        url = ntuple if transfers.remote(ntuple) else None
        own = {
            "sample": sample,
            "part": part,
            "target": known.target or (known.classes.index(of_sample.role) if of_sample.role else None),
            "checksum": self.checksums[task][sample].get(ntuple),
            "url": url,
            "tree": of_sample.tree or known.tree,
            "weight": of_sample.weight or known.weight,
            "selection": " & ".join(f"({text})" for text in (of_sample.selection, known.selection) if text) or None,
        }
        settings = FeaturesSettings(**known.model_dump(include=set(FeaturesSettings.model_fields)) | own)
        kinds = sorted({blocks.kind(block) for block in known.blocks.values()})
        modules = [READERS.module(readers.kind(ntuple)), *(blocks.BLOCKS.module(kind) for kind in kinds)]
        modules += [transfers.TRANSFERS.module(transfers.kind(url))] if url else []
        return spec(settings, "snakeroot.features", *modules)

    def normalise(self, task: str) -> str:
        """Of all samples of a task."""
        known = {
            name: Normalisation(cross_section=sample.cross_section, generated=sample.generated)
            for name, sample in self.tasks[task].samples.items()
        }
        settings = NormaliseSettings(luminosity=self.tasks[task].luminosity, samples=known)
        return spec(settings, "snakeroot.features.normalise")

    def split(self, task: str, fold: str) -> str:
        """Of any part of a task, for a fold."""
        known = self.tasks[task]
        settings = SplitSettings(fractions=known.split, fold=int(fold), group=known.group or known.event_id)
        return spec(settings, "snakeroot.split")

    def audit(self, task: str) -> str:
        """Of all parts and folds of a task."""
        known = self.tasks[task]
        classes = {name: sample.role or name for name, sample in known.samples.items() if known.labelled(name)}
        settings = AuditSettings(
            folds=known.split.folds,
            event_id=known.event_id,
            group=known.group,
            objects=known.rows is not None,
            classes=classes,
            duplicates=known.duplicates,
            branches=plain(known.features, known.spectators),
        )
        return spec(settings, "snakeroot.split.audit")

    def scale(self, task: str) -> str:
        """Of a fold."""
        known = self.tasks[task]
        target = [Input(name="target")] if known.kind == "regression" else []
        inputs = sorted(known.inputs.values(), key=lambda one: one.name)
        return spec(ScaleSettings(inputs=[*inputs, *target]), "snakeroot.scale")

    def propose(self, task: str, model: str, number: str) -> str:
        """Of one round of a search. It knows nothing of how many there are, so that more of them change none."""
        tuning = self._tuning(task, model)
        settings = ProposeSettings(
            sampler=tuning.sampler,
            space=tuning.space,
            objective=tuning.objective,
            count=tuning.trials()[int(number)],
            round=int(number),
            startup_trials=tuning.startup_trials or 2 * tuning.trials_per_round,
            population=tuning.population or 2 * tuning.trials_per_round,
            seed=self.seed("propose", task, model),
        )
        return spec(settings, "snakeroot.tune.propose", SAMPLERS.module(tuning.sampler))

    def trials(self, task: str, model: str, number: str, trials: str, rung: str | None = None) -> str:
        """Of one job's trials of a round, up to a rung or, by default, from the last rung to their end.

        All start from the same seed, so that they differ by their settings alone. It knows nothing of the round but how
        many of its trials go on.
        """
        tuning, rungs = self._tuning(task, model), self.rungs(task, model)
        at = len(rungs) if rung is None else int(rung)
        promotion = None
        if tuning.pruning and at:
            count = tuning.pruning.promoted(tuning.trials()[int(number)], at - 1)
            promotion = Promotion(objective=tuning.objective[0], count=count)
        settings = TrialSettings(
            trials=self.trials_of(task, model, number, trials),
            space=tuning.space,
            training=tuning.training,
            model=self._training(task, model, "trial", until=None if rung is None else rungs[at]),
            promotion=promotion,
        )
        return spec(settings, "snakeroot.tune.trials", "snakeroot.train", *self.kind_modules(task, model))

    def collect(self, number: str) -> str:
        """Of one round of any search."""
        return spec(CollectSettings(round=int(number)), "snakeroot.tune.collect")

    def best(self, task: str, model: str) -> str:
        """Of all rounds of a search."""
        tuning = self._tuning(task, model)
        settings = BestSettings(objective=tuning.objective, space=tuning.space, name=f"{task} {model}")
        return spec(settings, "snakeroot.tune.best")

    def train(self, task: str, model: str, fold: str, replica: str) -> str:
        """Of one network."""
        settings = self._training(task, model, fold, replica)
        return spec(settings, "snakeroot.train", *self.kind_modules(task, model))

    def _training(self, task: str, model: str, *words: str, until: int | None = None) -> TrainSettings:
        known = self.models[task][model]
        return TrainSettings(
            kind=self.tasks[task].kind,
            classes=self.tasks[task].classes,
            architecture=known.architecture,
            settings=architecture_settings(known),
            inputs=self.network_inputs(task, model),
            training=known.training,
            seed=self.seed("train", task, model, *words),
            until=until,
        )

    def predict(self, task: str, model: str) -> str:
        """Of one network and split."""
        known = self.tasks[task]
        settings = PredictSettings(
            kind=known.kind,
            classes=known.classes,
            event_id=known.event_id,
            group=known.group,
            threads=self.threads(task, model),
        )
        return spec(settings, "snakeroot.predict", *self.kind_modules(task, model))

    def combine(self, task: str, model: str) -> str:
        """Of all networks of a model."""
        return spec(CombineSettings(replicas=self.models[task][model].replicas), "snakeroot.predict.combine")
