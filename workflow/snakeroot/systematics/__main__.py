"""`python -m snakeroot.systematics`: what becomes of each model's numbers under each systematic variation."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np

from snakeroot.data.files import finite, read_json, write_json
from snakeroot.jobs.command import main
from snakeroot.systematics.choices import DIRECTIONS, Direction
from snakeroot.systematics.joined import counts, joined, numbered, scaled_back, weighed
from snakeroot.systematics.kinds import KINDS
from snakeroot.systematics.quantity import Quantity, error
from snakeroot.systematics.rows import Floats, Rows, Source, check_complete, factor, read
from snakeroot.systematics.settings import SystematicsSettings, names_in


@dataclass(frozen=True)
class Files:
    """What all models share.

    Attributes:
        features: of the nominal rows, if weights need them.
        totals: of each sample, nominally.
        own: of each variation with rows of its own: its features, and the totals of its samples.
    """

    features: Sequence[Path]
    totals: Mapping[str, Any]
    own: Mapping[tuple[str, Direction], tuple[Sequence[Path], Mapping[str, Any]]]


class Shift(NamedTuple):
    """The rows of a variation, and the weights without its factor, (n,)."""

    systematic: str
    direction: Direction
    rows: Rows
    known: Floats


def systematics(
    settings: SystematicsSettings,
    metrics: Annotated[Path, "metrics of all models, with the cuts that they are for (JSON)"],
    predictions: Annotated[list[Path], "predictions of the test split of each model (Parquet)"],
    features: Annotated[list[Path], "features of the samples, if weights need them (Parquet)"],
    normalisation: Annotated[Path, "JSON with total weight and factor of each sample"],
    varied: Annotated[list[Path], "predictions of each variation with rows of its own, model by model (Parquet)"],
    varied_features: Annotated[
        list[Path], "features of these rows, one variation after the other, if weights need them"
    ],
    varied_normalisations: Annotated[list[Path], "total weights and factors of each variation (JSON)"],
    shifts: Annotated[Path, "what becomes of the numbers of all models, to be written (JSON)"],
) -> None:
    """Measure each model on the test split as it is and as each variation makes it, with errors of the differences."""
    measured, totals = read_json(metrics), read_json(normalisation)["samples"]
    of_features, own = iter(varied_features), {}
    for (name, direction, shifted), path in zip(settings.own, varied_normalisations, strict=True):
        of_variation = read_json(path)["samples"]
        if not shifted.generated:
            samples = settings.uncertainties[name].samples
            check_complete(f"systematics.{name}.{direction}", samples, of_variation, totals)
        own[name, direction] = [next(of_features) for _ in range(shifted.parts)], of_variation
    files, of_models = Files(features, totals, own), {}
    for number, (model, path) in enumerate(zip(settings.models, predictions, strict=True)):
        known = measured["models"][model] | {"background_uncertainty": measured.get("background_uncertainty")}
        scored = dict(zip(own, varied[number * len(own) :], strict=False))
        of_models[model] = of_model(settings, known, files, path, scored)
        logging.info("%s: %d variations", model, len(of_models[model]["variations"]))
    write_json(finite({"task": settings.task, "kind": settings.kind, "models": of_models}), shifts)


def of_model(
    settings: SystematicsSettings,
    known: Mapping[str, Any],
    files: Files,
    predictions: Path,
    scored: Mapping[tuple[str, Direction], Path],
) -> dict[str, Any]:
    """Return the nominal numbers of a model with their errors, and of each variation its numbers and their shifts.

    Args:
        known: what `metrics.json` says of it.
        scored: predictions of the variations with rows of their own.
    """
    source, columns = Source(predictions, files.features), settings.columns
    bare = read([source], settings.read, columns, list(settings.samples), files.totals, identified=True)
    nominal = scaled_back(bare, bare.share)
    targets = {name: settings.classes.index(of) for name, of in settings.samples.items() if of is not None}
    of_class = {name: nominal.weight[nominal.where(_of(settings, name))].sum() for name in settings.classes}
    known = {**known, "totals": of_class}
    quantities = KINDS.load(settings.kind).quantities

    def measured(rows: Rows, weights: Floats, event: Any) -> list[Quantity]:
        return list(quantities(weighed(rows, weights, event, settings.predicted, targets), settings, known))

    event = numbered(nominal, nominal)[0]
    first = measured(nominal, nominal.weight, event)
    variations = []
    for shift in _shifts(settings, files, nominal, scored):
        same = shift.rows.identity is nominal.identity
        before, after = (event, event) if same else numbered(nominal, shift.rows)
        found = measured(shift.rows, shift.known, after)
        samples = settings.uncertainties[shift.systematic].samples
        variations.append(
            {
                "systematic": shift.systematic,
                "direction": shift.direction,
                "events": None if same else counts(nominal, shift.rows, (before, after), samples)._asdict(),
                "quantities": [
                    {
                        "value": other.value,
                        "shift": other.value - one.value,
                        "error": error(other.influence, after, one.influence, before),
                    }
                    for one, other in zip(first, found, strict=True)
                ],
            }
        )
    described = [
        {key: getattr(one, key) for key in ("name", "title", "value", "style", "relative", "point", "main")}
        | {"error": error(one.influence, event)}
        for one in first
    ]
    return {"quantities": described, "variations": variations}


def _of(settings: SystematicsSettings, class_name: str) -> list[str]:
    return [name for name, of in settings.samples.items() if of == class_name]


def _shifts(
    settings: SystematicsSettings, files: Files, nominal: Rows, scored: Mapping[tuple[str, Direction], Path]
) -> Iterator[Shift]:
    """Yield the rows of each variation, one after the other, or there would be all in memory."""
    for name, uncertainty in settings.uncertainties.items():
        moved = nominal.where(uncertainty.samples)
        if uncertainty.normalisation:
            for direction, sign in zip(DIRECTIONS, (1, -1), strict=True):
                rows = nominal.weighted(np.where(moved, 1 + sign * uncertainty.normalisation, 1.0))
                yield Shift(name, direction, rows, rows.weight)  # the yields are those of whole samples
        for direction, shifted in uncertainty.shifts.items():
            rows = nominal
            if shifted.own:
                features, totals = files.own[name, direction]
                source, columns = Source(scored[name, direction], features), names_in([shifted.weight])
                bare = read([source], settings.read, columns, uncertainty.samples, totals, identified=True)
                rows = scaled_back(bare, nominal.share)
            known = rows.weight
            if shifted.weight:
                where = f"systematics.{name}.{direction}.weight"
                rows = rows.weighted(factor(where, shifted.weight, rows, rows.where(uncertainty.samples)))
            if shifted.own:
                known = joined(nominal, replace(rows, weight=known)).weight
                rows = joined(nominal, rows)
            yield Shift(name, direction, rows, known)


if __name__ == "__main__":
    main(systematics)
