"""The workspace: what pyhf fits, in its JSON (HistFactory)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.templates.histograms import Channel, Histogram, Shifts
from snakeroot.templates.settings import TemplatesSettings

STRENGTH = "mu"
"""The parameter that multiplies the signal: what is fitted."""

LUMINOSITY = "lumi"

LARGEST = 10.0
"""The strength is fitted up to this, or to so many times what alone would be seen at one standard deviation."""


def workspace(
    settings: TemplatesSettings, channels: Mapping[str, Channel], significance: float | None
) -> dict[str, Any]:
    """Return the workspace of all channels.

    Limited numbers of events are `staterror`, one parameter for each bin of a channel; the effect of a variation is
    split into that on the yield (`normsys`) and that on the shape (`histosys`), moved by one parameter, as cabinetry
    does. A sample without any event in a region is left out of it. Without data, the expectation is observed.

    Args:
        significance: of the expected signal, from which it follows how large a strength may be fitted.
    """
    lumi = settings.luminosity
    largest = LARGEST * max(1.0, 1.0 / significance if significance else 1.0)
    parameters: list[dict[str, Any]] = [{"name": STRENGTH, "inits": [1.0], "bounds": [[0.0, float(f"{largest:.2g}")]]}]
    if lumi:
        bounds = [[1 - min(5 * lumi, 0.99), 1 + 5 * lumi]]
        parameters.append({"name": LUMINOSITY, "auxdata": [1.0], "sigmas": [lumi], "inits": [1.0], "bounds": bounds})
    return {
        "version": "1.0.0",
        "channels": [
            {"name": name, "samples": [_sample(settings, name, channel, one) for one in present(settings, channel)]}
            for name, channel in channels.items()
        ],
        "observations": [
            {"name": name, "data": observed(settings, channel).values.tolist()} for name, channel in channels.items()
        ],
        "measurements": [{"name": settings.task, "config": {"poi": STRENGTH, "parameters": parameters}}],
    }


def present(settings: TemplatesSettings, channel: Channel) -> list[str]:
    """Return the samples that have events in a channel."""
    return [name for name in settings.roles if channel.nominal[name].rows]


def observed(settings: TemplatesSettings, channel: Channel) -> Histogram:
    """Return what is observed in a channel: data, or the expectation."""
    return channel.data or channel.total(list(settings.roles))


def _sample(settings: TemplatesSettings, region: str, channel: Channel, name: str) -> dict[str, Any]:
    nominal = channel.nominal[name]
    modifiers = [{"name": f"staterror_{region}", "type": "staterror", "data": np.sqrt(nominal.variances).tolist()}]
    if settings.roles[name] == "signal":
        modifiers.append({"name": STRENGTH, "type": "normfactor", "data": None})
    if settings.luminosity and name not in settings.recorded:
        modifiers.append({"name": LUMINOSITY, "type": "lumi", "data": None})
    for uncertainty, known in settings.uncertainties.items():
        if name in known.samples and known.normalisation:
            data = {"hi": 1 + known.normalisation, "lo": 1 - known.normalisation}
            modifiers.append({"name": uncertainty, "type": "normsys", "data": data})
        elif shifts := channel.varied.get(uncertainty, {}).get(name):
            modifiers += _effects(uncertainty, nominal, shifts)
    return {"name": name, "data": nominal.values.tolist(), "modifiers": modifiers}


def _effects(name: str, nominal: Histogram, shifts: Shifts) -> Iterator[dict[str, Any]]:
    """Yield the effect on the yield, and that on the shape where there is one."""
    hi, lo = (shifts[direction].total / nominal.total for direction in ("up", "down"))
    yield {"name": name, "type": "normsys", "data": {"hi": hi, "lo": lo}}
    shapes = {"hi_data": shifts["up"].values / hi, "lo_data": shifts["down"].values / lo}
    if not all(np.allclose(one, nominal.values, rtol=1e-12, atol=0) for one in shapes.values()):
        yield {"name": name, "type": "histosys", "data": {key: one.tolist() for key, one in shapes.items()}}
