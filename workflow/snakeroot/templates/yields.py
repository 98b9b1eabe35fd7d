"""What is said of the templates in numbers: yields with their uncertainties, bin by bin and together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from snakeroot.data.files import finite
from snakeroot.templates import asimov
from snakeroot.templates.histograms import Channel, Histogram, band
from snakeroot.templates.settings import TemplatesSettings


def summary(
    settings: TemplatesSettings, channels: Mapping[str, Channel], shares: Mapping[str, float]
) -> dict[str, Any]:
    """Return all that the figures and the report show.

    Args:
        shares: of each sample, the share of its yield that the templates are made of.
    """
    parts = {name: _region(settings, channel) for name, channel in channels.items()}
    signal, background, error = (
        np.concatenate([part["arrays"][key] for part in parts.values()]) for key in ("signal", "background", "error")
    )
    values = {
        "task": settings.task,
        "model": settings.model,
        "samples": {name: {"role": role, "share": shares[name]} for name, role in settings.roles.items()},
        "regions": {name: part["region"] for name, part in parts.items()},
        "effects": {name: _effects(channel) for name, channel in channels.items()},
        "negative_bins": {key: count for channel in channels.values() for key, count in channel.negative.items()},
        "significance": asimov.combined(signal, background),
        "significance_with_uncertainty": asimov.with_uncertainty(signal, background, error),
        "remarks": _remarks(settings, channels),
    }
    known: dict[str, Any] = finite(values)
    return known


def normalisations(settings: TemplatesSettings) -> dict[str, dict[str, float]]:
    """Return the relative uncertainties of whole yields, by uncertainty and sample: the luminosity's is among them."""
    known = {
        name: dict.fromkeys(one.samples, one.normalisation)
        for name, one in settings.uncertainties.items()
        if one.normalisation
    }
    if settings.luminosity:
        simulated = [name for name in settings.roles if name not in settings.recorded]
        known["lumi"] = dict.fromkeys(simulated, settings.luminosity)
    return known


def _region(settings: TemplatesSettings, channel: Channel) -> dict[str, Any]:
    """Return what is said of a region, and the arrays that significances follow from."""
    signal, background = channel.total(settings.signal), channel.total(settings.background)
    systematic = band(channel, settings.background, normalisations(settings))
    error = np.sqrt(background.variances + systematic[:-1] ** 2)
    region = {
        "edges": channel.axis.edges.tolist(),
        "open": channel.axis.open,
        "samples": {name: _histogram(one) for name, one in channel.nominal.items()},
        "signal": _histogram(signal),
        "background": _histogram(background)
        | {"systematic": systematic[:-1].tolist(), "systematic_error": float(systematic[-1])},
        "data": _histogram(channel.data) if channel.data else None,
        "significance": asimov.combined(signal.values, background.values),
        "significance_with_uncertainty": asimov.with_uncertainty(signal.values, background.values, error),
    }
    return {"region": region, "arrays": {"signal": signal.values, "background": background.values, "error": error}}


def _histogram(one: Histogram) -> dict[str, Any]:
    return {
        "values": one.values.tolist(),
        "errors": np.sqrt(one.variances).tolist(),
        "yield": one.total,
        "error": one.error,
        "rows": one.rows,
        "outside": one.outside,
    }


def _effects(channel: Channel) -> dict[str, Any]:
    """Return by uncertainty and sample how the yield changes, relative to the nominal one."""
    return {
        uncertainty: {
            sample: {
                direction: histogram.total / channel.nominal[sample].total - 1
                for direction, histogram in shifts.items()
            }
            for sample, shifts in of_samples.items()
        }
        for uncertainty, of_samples in channel.varied.items()
    }


def _remarks(settings: TemplatesSettings, channels: Mapping[str, Channel]) -> list[str]:
    """Return what a reader of the numbers must know."""
    remarks = []
    done = {"zero": "set to 0", "keep": "kept"}
    for name, channel in channels.items():
        signal, background = channel.total(settings.signal), channel.total(settings.background)
        empty = np.flatnonzero((background.values <= 0) & (signal.values > 0))
        if len(empty):
            remarks.append(
                f"region {name}: {_bins(empty)} no background and signal: no significance can be said; take wider bins"
            )
        poor = np.flatnonzero((background.values > 0) & (background.values**2 < 4 * background.variances))
        if len(poor):
            remarks.append(f"region {name}: {_bins(poor)} a background known to worse than 50 % for lack of events")
        remarks += [
            f"{key}: {count} bin{'s' * (count > 1)} below 0 {done.get(settings.negative_bins, '')}".rstrip()
            for key, count in channel.negative.items()
        ]
        for sample, histogram in channel.nominal.items():
            beyond = histogram.outside / (histogram.total + histogram.outside) if histogram.rows else 0.0
            if math.isfinite(beyond) and abs(beyond) > 1e-3:
                remarks.append(f"region {name}: {beyond:.2g} of the yield of {sample} is outside of the bins")
            if not histogram.rows:
                remarks.append(f"region {name}: no event of {sample}, which is left out of its workspace")
    return remarks


def _bins(places: Sequence[int] | np.ndarray[Any, Any]) -> str:
    """Return "bins 0, 3 have", or of one bin "bin 0 has"."""
    numbers = ", ".join(str(int(place)) for place in places)
    return f"bin {numbers} has" if len(places) == 1 else f"bins {numbers} have"
