"""`python -m snakeroot.templates`: the histograms of a model for a fit, their workspace, and their yields."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import hist
import numpy as np
import uproot

from snakeroot.data.files import atomic, read_json, to_json, write_json
from snakeroot.jobs.command import main
from snakeroot.systematics import rows
from snakeroot.systematics.choices import Direction
from snakeroot.systematics.rows import Rows, Source, check_complete
from snakeroot.templates import workspace, yields
from snakeroot.templates.channels import Sources, channels
from snakeroot.templates.histograms import Channel, Histogram
from snakeroot.templates.settings import TemplatesSettings


def templates(
    settings: TemplatesSettings,
    test: Annotated[list[Path], "predictions of the test split, if a sample of it is needed (Parquet)"],
    unlabelled: Annotated[list[Path], "predictions of samples without a class, if one is needed"],
    validation: Annotated[list[Path], "predictions of the validation split, if bins are found on it"],
    features: Annotated[list[Path], "features of the samples with a class, if expressions need them"],
    unlabelled_features: Annotated[list[Path], "features of those without, if expressions need them"],
    normalisation: Annotated[Path, "JSON with total weight and factor of each sample"],
    varied: Annotated[list[Path], "predictions of each variation with rows of its own"],
    varied_features: Annotated[list[Path], "features of these rows, one variation after the other, if they are needed"],
    varied_normalisations: Annotated[list[Path], "total weights and factors of each variation (JSON)"],
    histograms: Annotated[Path, "ROOT file to write: <region>/<sample>, <region>/<sample>_<uncertainty>Up, …Down"],
    workspace_file: Annotated[Path, "pyhf workspace to write (JSON)"],
    yields_file: Annotated[Path, "yields with their uncertainties, to write (JSON)"],
) -> None:
    """Fill the templates of all regions from rows that nothing was fitted to, scaled to all events of each sample."""
    totals = read_json(normalisation)["samples"]
    nominal = [*(Source(path, features) for path in test), *(Source(path, unlabelled_features) for path in unlabelled)]
    split = [name for name in settings.roles if name not in settings.unsplit]
    found_on = [Source(path, features) for path in validation]
    own = _varied(settings, varied, iter(varied_features), varied_normalisations, totals)
    sources = Sources(
        rows.read(nominal, settings.predicted, settings.columns, settings.samples, totals, settings.data),
        rows.read(found_on, settings.predicted, settings.columns_of_bins, split, totals) if found_on else None,
        own,
    )
    made = channels(settings, sources)
    summary = yields.summary(settings, made, sources.nominal.share)
    if repeated := sources.nominal.repeated:
        summary["remarks"].append(
            f"{repeated} rows of {settings.data} are left out, as their events are counted already"
        )
    described = to_json(workspace.workspace(settings, made, summary["significance"])) + "\n"
    with atomic(histograms, workspace_file, yields_file) as [root, space, numbers]:
        with uproot.recreate(root) as file:
            for name, histogram, axis in named(settings, made):
                file[name] = as_hist(histogram, axis)
        space.write_text(described, encoding="utf-8")
        write_json(summary | {"workspace": hashlib.sha256(described.encode()).hexdigest()}, numbers)
    for remark in summary["remarks"]:
        logging.warning("%s: %s", settings.model, remark)
    logging.info("%s: significance %s, without uncertainties", settings.model, summary["significance"])


def _varied(
    settings: TemplatesSettings,
    predictions: list[Path],
    features: Iterator[Path],
    normalisations: list[Path],
    nominal: Mapping[str, Any],
) -> dict[tuple[str, Direction], Rows]:
    """Return the rows of the variations that have their own."""
    found = {}
    for (name, direction, shifted), path, normalisation in zip(settings.own, predictions, normalisations, strict=True):
        samples, totals = settings.uncertainties[name].samples, read_json(normalisation)["samples"]
        if not shifted.generated:
            check_complete(f"systematics.{name}.{direction}", samples, totals, nominal)
        source = Source(path, [next(features) for _ in range(shifted.parts)])
        found[name, direction] = rows.read([source], settings.predicted, settings.columns_of(shifted), samples, totals)
    return found


def named(settings: TemplatesSettings, made: Mapping[str, Channel]) -> Iterator[tuple[str, Histogram, Channel]]:
    """Yield all histograms with their names: the pattern of Combine, which TRExFitter and cabinetry can be told too."""
    for region, channel in made.items():
        yield f"{region}/data_obs", workspace.observed(settings, channel), channel
        for sample, histogram in channel.nominal.items():
            yield f"{region}/{sample}", histogram, channel
        for uncertainty, of_samples in channel.varied.items():
            for sample, shifts in of_samples.items():
                for direction, histogram in shifts.items():
                    yield f"{region}/{sample}_{uncertainty}{direction.title()}", histogram, channel


def as_hist(histogram: Histogram, channel: Channel) -> hist.Hist[Any]:
    """Return a histogram as the library hist has it, with sums of squared weights; what is outside stays outside."""
    made = hist.Hist(hist.axis.Variable(channel.axis.edges), storage=hist.storage.Weight())
    view: Any = made.view()
    view["value"], view["variance"] = histogram.values, np.asarray(histogram.variances)
    return made


if __name__ == "__main__":
    main(templates)
