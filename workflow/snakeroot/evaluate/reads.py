"""What a figure can be drawn from: a small closed set of names, each with its option of the command.

Which files they are is said in `snakeroot.plan.figures`, which must know all of them. What is small is read here; of
what grows with the events a figure gets the paths, and reads what it needs, in pieces if there is much of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

Kinds = tuple[str, ...]


def _path(path: Path, *about: Any) -> Path:
    del about
    return path


def _json(path: Path, *about: Any) -> Any:
    from snakeroot.data.files import read_json

    del about
    return read_json(path)


def _metrics(path: Path, settings: Any, *about: Any) -> Any:
    metrics = _json(path, settings, *about)
    if not (other := getattr(settings, "other", None)):
        return metrics
    from snakeroot.evaluate.others import view

    return view(metrics, other)


def _trials(path: Path, *about: Any) -> Any:
    return _json(path, *about)["trials"]


def _frame(path: Path, *about: Any) -> Any:
    from snakeroot.data import tables

    del about
    return tables.read(path).to_pandas()


def _predictions(path: Path, settings: Any, number: int, folder: str, *, split: str) -> Any:
    model = settings.models[number] if hasattr(settings, "models") else settings.model
    return import_module(readers(folder)).read(path, split, model.name, settings)


@dataclass(frozen=True)
class Read:
    """One of them.

    Attributes:
        help: of the option.
        several: whether it is a list of files, and of what is read from them.
        large: whether it grows with the number of events.
        of: from the file, the figure's settings, the number of the file among those of the name, and the package that
            the figure is in, what the figure gets.
    """

    help: str
    several: bool = False
    large: bool = False
    of: Callable[[Path, Any, int, str], Any] = _path


READS = {
    "predictions": Read(
        "predictions of the test split, one file per model (Parquet)", True, True, partial(_predictions, split="test")
    ),
    "train": Read("predictions of the train split (Parquet)", large=True, of=partial(_predictions, split="train")),
    "test": Read("predictions of the test split (Parquet)", large=True, of=partial(_predictions, split="test")),
    "scored": Read("predictions of the test split, and of samples without a class (Parquet)", several=True, large=True),
    "metrics": Read("metrics of all models (JSON)", of=_metrics),
    "features": Read("features of all samples and parts (Parquet)", several=True, large=True),
    "measured": Read("features of the rows that are predicted (Parquet), if there is a reference", True, True),
    "columns": Read("features of the rows that are predicted (Parquet)", several=True, large=True),
    "normalisation": Read("factor from weight to yield of each sample (JSON)", of=_json),
    "factors": Read("factors of each reweighting that trainings have, of the first fold (JSON)", True, of=_json),
    "events": Read("the test split of all samples and parts (Parquet)", several=True, large=True),
    "histories": Read("the metrics of each epoch, model by model, network by network (Parquet)", True, of=_frame),
    "metadata": Read("what is known of each network (model.json)", several=True, of=_json),
    "network": Read("weights of a network, what is known of it, and its calibration if it has one", several=True),
    "trials": Read("all trials of a search (JSON)", of=_trials),
    "best": Read("the trials that no other is better than (JSON)", of=_json),
    "templates": Read("yields of the templates, with their uncertainties (JSON)", of=_json),
    "importances": Read("importances of the inputs, one file per model (JSON)", several=True, of=_json),
    "systematics": Read("what becomes of all models under systematic variations (JSON)", of=_json),
    "records": Read("folder with the provenance of the trials' jobs; those missing are counted"),
    "ntuples": Read("generated ROOT files, in the order of the settings' samples", several=True, large=True),
}


def readers(folder: str) -> str:
    """Return the module that reads predictions of the kind of task whose figures are in a package."""
    return f"{folder}._predictions"
