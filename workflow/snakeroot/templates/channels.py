"""From rows to the channels of all regions: the pure core of the stage."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.systematics.choices import Direction
from snakeroot.systematics.rows import Rows, factor
from snakeroot.templates import binning, regions
from snakeroot.templates.binning import Axis
from snakeroot.templates.choices import Quantiles
from snakeroot.templates.histograms import Channel, Histogram, Shifts, filled, mirrored, without_negative
from snakeroot.templates.settings import Filled, TemplatesSettings

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sources:
    """All rows that templates are made of.

    Attributes:
        nominal: of the test split and of samples without a class.
        validation: what bins are found on, if any are.
        varied: of variations with rows of their own, by uncertainty and direction.
    """

    nominal: Rows
    validation: Rows | None
    varied: Mapping[tuple[str, Direction], Rows]


def channels(settings: TemplatesSettings, sources: Sources) -> dict[str, Channel]:
    """Return the channel of each region.

    Raises:
        SnakerootError: if regions share events, one has no event, or no signal or background; if what is there has no
            yield above 0, nominal or varied.
    """
    rows = sources.nominal
    chosen = {name: regions.selected(name, region, rows) for name, region in settings.regions.items()}
    regions.disjoint(chosen, rows)
    shifts = _shifted(settings, sources)
    made = {}
    for name, region in settings.regions.items():
        _check_selection(name, region, settings, rows, chosen[name])
        axis = _axis(name, region, settings, sources.validation)
        made[name] = _channel(name, region, axis, settings, rows, chosen[name], shifts)
        _check_roles(name, region, settings, made[name])
    if not any(channel.total(settings.signal).rows for channel in made.values()):
        raise SnakerootError(f"templates.regions: none has an event of {', '.join(settings.signal)}: nothing is fitted")
    return made


def _shifted(settings: TemplatesSettings, sources: Sources) -> dict[tuple[str, Direction], Rows]:
    """Return the rows of each variation, with the weights that it gives them."""
    shifts = {}
    for name, known in settings.uncertainties.items():
        for direction, shifted in known.shifts.items():
            rows = sources.varied[name, direction] if shifted.own else sources.nominal
            if shifted.weight:
                where = f"systematics.{name}.{direction}.weight"
                rows = rows.weighted(factor(where, shifted.weight, rows, rows.where(known.samples)))
            shifts[name, direction] = rows
    return shifts


def _check_selection(name: str, region: Filled, settings: TemplatesSettings, rows: Rows, chosen: Mask) -> None:
    if not (rows.where(settings.roles) & chosen).any():
        text = f"{region.selection!r} selects nothing" if region.selection else "there is nothing"
        raise SnakerootError(
            f"templates.regions.{name}: {text} of the {len(chosen):,} events of {', '.join(settings.roles)}: loosen it"
        )


def _check_roles(name: str, region: Filled, settings: TemplatesSettings, channel: Channel) -> None:
    """Check that both signal and background are in the bins of a region."""
    where = f"templates.regions.{name}"
    if not channel.total(settings.background).rows:
        raise SnakerootError(f"{where}: no event of {', '.join(settings.background)} is in its bins: loosen it")
    if not region.control and not channel.total(settings.signal).rows:
        raise SnakerootError(
            f"{where}: no event of {', '.join(settings.signal)} is in its bins: loosen it, or write 'control: true' if "
            "the region is to have no signal"
        )


def _channel(
    name: str,
    region: Filled,
    axis: Axis,
    settings: TemplatesSettings,
    rows: Rows,
    chosen: Mask,
    shifts: Mapping[tuple[str, Direction], Rows],
) -> Channel:
    """Return one region, filled."""
    values = regions.observed(name, region, rows)
    negative: dict[str, int] = {}

    def fill(sample: str, suffix: str, of: Rows, inside: Mask, observed: NDArray[np.float64]) -> Histogram:
        own = of.where([sample]) & inside
        return checked(sample, suffix, filled(axis, observed[own], of.weight[own]))

    def checked(sample: str, suffix: str, histogram: Histogram) -> Histogram:
        called = f"{name}/{sample}{suffix}"
        kept, below = without_negative(called, histogram, settings.negative_bins)
        if below:
            negative[called] = below
        return kept

    nominal = {sample: fill(sample, "", rows, chosen, values) for sample in settings.roles}
    varied: dict[str, dict[str, Shifts]] = {}
    for uncertainty, known in settings.uncertainties.items():
        of_directions: dict[Direction, dict[str, Histogram]] = {}
        for direction, shifted in known.shifts.items():
            shifted_rows = shifts[uncertainty, direction]
            inside = regions.selected(name, region, shifted_rows) if shifted.own else chosen
            observed = regions.observed(name, region, shifted_rows) if shifted.own else values
            of_directions[direction] = {
                sample: fill(sample, _suffix(uncertainty, direction), shifted_rows, inside, observed)
                for sample in known.samples
                if nominal[sample].rows
            }
        for sample, up in of_directions.get("up", {}).items():
            mirror = of_directions.get("down", {}).get(sample) or checked(
                sample, _suffix(uncertainty, "down"), mirrored(nominal[sample], up)
            )
            varied.setdefault(uncertainty, {})[sample] = {"up": up, "down": mirror}
    _check_yields(name, nominal, varied)
    data = fill(settings.data, "", rows, chosen, values) if settings.data else None
    return Channel(axis, nominal, varied, data, negative)


def _suffix(uncertainty: str, direction: Direction) -> str:
    return f"_{uncertainty}{direction.title()}"


def _check_yields(name: str, nominal: Mapping[str, Histogram], varied: Mapping[str, Mapping[str, Shifts]]) -> None:
    """Check that what is there has a yield above 0, varied or not: a fit multiplies it."""
    for sample, histogram in nominal.items():
        if histogram.rows and histogram.total <= 0:
            raise SnakerootError(
                f"templates.regions.{name}: the yield of {sample!r} is {histogram.total:.4g} of {histogram.rows} "
                "events: it must be above zero; loosen the selection, or see 'negative_weights' and 'negative_bins'"
            )
    for uncertainty, of_samples in varied.items():
        for sample, shifts in of_samples.items():
            for direction, histogram in shifts.items():
                if histogram.total <= 0:
                    raise SnakerootError(
                        f"systematics.{uncertainty}.{direction}: it leaves a yield of {histogram.total:.4g} "
                        f"of {sample!r} in the region {name!r}, of {nominal[sample].total:.4g}: it must be above zero; "
                        "does the variation lack events, or is the region too narrow?"
                    )


def _axis(name: str, region: Filled, settings: TemplatesSettings, validation: Rows | None) -> Axis:
    """Return the bins of a region: as they are given, or found on the validation split."""
    known = region.binning
    if isinstance(known, list):
        return Axis(np.array(known))
    assert validation is not None, "the plan gives the validation split where bins are found on it"  # noqa: S101
    where = f"templates.regions.{name}.binning"
    observed = regions.observed(name, region, validation)
    inside = regions.selected(name, region, validation) & np.isfinite(observed)
    if known.range:
        inside &= (observed >= known.range[0]) & (observed <= known.range[1])
    parts = [validation.where(samples) & inside for samples in (settings.signal, settings.background)]
    filled_by = parts[0] | parts[1]
    if not filled_by.any():
        raise SnakerootError(f"{where}: the validation split has no event in this region: give the edges")
    low, high = known.range or (float(observed[filled_by].min()), float(observed[filled_by].max()))
    if not low < high:
        raise SnakerootError(f"{where}: all events of the validation split have the value {low:g}: give the edges")
    weight = validation.weight
    if isinstance(known, Quantiles):
        own = validation.where(known.samples or settings.background) & inside
        if not own.any():
            raise SnakerootError(f"{where}: none of these samples is there in the validation split: give the edges")
        edges = binning.quantiles(observed[own], weight[own], known.quantiles, (low, high))
    else:
        found = binning.optimised(
            (observed[parts[0]], observed[parts[1]]),
            (weight[parts[0]], weight[parts[1]]),
            known.optimised,
            known.background,
            (low, high),
            validation.copies,
        )
        if found is None:
            raise SnakerootError(
                f"{where}: fewer than {known.background:g} effective background events of the validation split are in "
                "this region: lower 'background', loosen the selection, or give the edges"
            )
        edges = found
    log.info("%s: %s", where, ", ".join(f"{edge:.6g}" for edge in edges))
    return Axis(edges, open=known.range is None)
