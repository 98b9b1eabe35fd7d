"""What it brings to say that -999 is missing: VBF against ggF H → 4μ, of which many events have no second jet.

The same events, folds and seeds twice, through the stages: once -999 is a number, once it is missing. AUC are means
over the folds, each of which tests other events; a gain is the mean of the folds' differences, with its standard error.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import generation
import numpy as np
import pyarrow as pa
from helpers import features_settings
from sklearn.metrics import roc_auc_score
from snakeroot.features.__main__ import features
from snakeroot.features.normalise import normalise
from snakeroot.features.settings import NormaliseSettings
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import load
from snakeroot.predict.__main__ import scored
from snakeroot.predict.settings import PredictSettings
from snakeroot.scale.__main__ import scale
from snakeroot.scale.settings import ScaleSettings
from snakeroot.split.__main__ import split
from snakeroot.split.settings import SPLITS, SplitSettings
from snakeroot.train.__main__ import train
from snakeroot.train.settings import TrainSettings

FEATURES = ("pt4l", "eta4l", "massjj", "deltajj", "jet1_pt", "jet1_eta", "jet2_pt", "jet2_eta")
MODELS: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": [64, 64]},
    "linear": {},
    "gbdt": {"max_leaf_nodes": 15, "learning_rate": 0.05},
}
TRAINING: dict[str, dict[str, Any]] = {
    "mlp": {"learning_rate": 2e-3, "batch_size": 128, "max_epochs": 100, "patience": 15},
    "linear": {"learning_rate": 1e-2, "batch_size": 128, "max_epochs": 100, "patience": 15},
    "gbdt": {"max_epochs": 500, "patience": 30},
}
SAMPLES = {"ggh": "ggh_h4mu", "vbf": "vbf_h4mu"}
"""By target."""


class Size(NamedTuple):
    """Events of each process, before any selection, and folds."""

    events: dict[str, int]
    folds: int


FULL = Size({"ggh": 20_000, "vbf": 10_000}, 5)
SHORT = Size({"ggh": 300, "vbf": 300}, 2)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return AUC of each model, with -999 as a number and as missing, and the gains with their errors."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        for run, (sample, process) in enumerate(SAMPLES.items(), 1):
            (Path(name) / sample).mkdir()
            generation.run(Path(name) / sample, process=process, events=size.events[sample], run=run)
        auc = {}
        for what, missing in (("number", []), ("missing", [-999])):
            folds = [Fold(Path(name), Path(name) / what / str(fold), missing) for fold in range(size.folds)]
            for fold, one in enumerate(folds):
                one.prepare(fold, size.folds)
            auc[what] = {model: np.array([one.auc(model) for one in folds]) for model in MODELS}
            found |= {f"{model} {what}": float(values.mean()) for model, values in auc[what].items()}
    for model in MODELS:
        gains = auc["missing"][model] - auc["number"][model]
        error = gains.std(ddof=1) / np.sqrt(size.folds)
        found |= {f"{model} gain": float(gains.mean()), f"{model} gain error": float(error)}
    return found


class Fold(NamedTuple):
    """The stages of one fold, in a folder of their own."""

    ntuples: Path
    folder: Path
    missing: list[float]

    @property
    def inputs(self) -> list[Input]:
        return [Input(name=name, missing=bool(self.missing)) for name in FEATURES]

    def files(self, name: str) -> list[Path]:
        return [self.folder / f"{sample}-{name}.parquet" for sample in SAMPLES]

    def prepare(self, fold: int, folds: int) -> None:
        """Extract, split and scale."""
        event_id = ["f_run", "f_event"]
        cut_flows = [self.folder / f"{sample}.json" for sample in SAMPLES]
        for target, sample in enumerate(SAMPLES):
            settings = features_settings(
                sample=sample,
                target=target,
                tree="HZZ4LeptonsAnalysisReduced",
                event_id=event_id,
                features={name: f"f_{name}" for name in FEATURES},
                missing=self.missing,
            )
            table = self.files("features")[target]
            features(settings, [self.ntuples / sample / "out.root"], [], table, cut_flows[target])
            chosen = SplitSettings.model_validate({"fractions": {"folds": folds}, "fold": fold, "group": event_id})
            split(chosen, table, *(self.files(name)[target] for name in SPLITS))
        samples: dict[str, Any] = {sample: {} for sample in SAMPLES}
        known = NormaliseSettings.model_validate({"luminosity": None, "samples": samples})
        normalise(known, cut_flows, self.folder / "normalisation.json")
        scale(ScaleSettings(inputs=self.inputs), self.files("train"), self.folder / "scaling.json")

    def auc(self, model: str) -> float:
        """Train a model, and return its AUC on the test split."""
        settings = TrainSettings.model_validate(
            {
                "kind": "binary",
                "classes": ["background", "signal"],
                "architecture": model,
                "seed": 1,
                "settings": MODELS[model],
                "inputs": self.inputs,
                "training": TRAINING[model],
            }
        )
        given = {name: self.folder / f"{name}.json" for name in ("normalisation", "scaling")}
        made = {name: self.folder / f"{model}-{name}" for name in ("weights", "metadata")}
        others = {name: self.folder / f"{model}-{name}" for name in ("history", "checkpoint")}
        rows = {name: self.files(name) for name in ("train", "validation")}
        parts: dict[str, Any] = {
            "reweighting": [],
            "tuned": [],
            "mixed": [],
            "mixed_normalisations": [],
            "begin": [],
            "end": [],
            "initial": [],
        }
        train(settings, "spec", **rows, **given, **made, **others, **parts, accelerator="cpu", gpus=0)
        wanted = PredictSettings(
            kind="binary", classes=settings.classes, event_id=["f_run", "f_event"], group=[], threads=1
        )
        found = scored(wanted, load(*made.values()), self.files("test"), given["normalisation"], made["weights"])
        table = pa.concat_tables(found)
        return float(roc_auc_score(table["target"].to_numpy(), table["score"].to_numpy()))
