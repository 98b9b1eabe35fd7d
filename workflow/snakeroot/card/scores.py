"""What a score of signal against background means: cuts with their efficiencies, and how well it is a probability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from snakeroot.card.tables import Table
from snakeroot.report.summaries import NONE


def tables(measured: Mapping[str, Any]) -> Iterator[Table]:
    """Yield what metrics.json has of it for a model; nothing of other kinds of task."""
    if "working_points" in measured:
        yield working_points(measured)
        yield calibration(measured)


def working_points(measured: Mapping[str, Any]) -> Table:
    """Return the cuts, and what passes them."""
    head = ["Wanted", "Cut: score ≥", "Signal efficiency", "Background efficiency", "Rejection", "Background events"]
    text = (
        "Cuts are those of the validation split; what passes them is of the test split, of the mean over the replicas. "
        "In brackets are 68 % intervals; limits, where no event passes, are at 68 %."
    )
    return Table("Working points", text, head, [_point(point) for point in measured["working_points"]])


def _point(point: Mapping[str, Any]) -> list[str]:
    of_signal = point["wanted"] == "signal_efficiency"
    wanted = f"{point['value']:.4g} of the signal" if of_signal else f"rejection {point['value']:.4g}"
    if point["cut"] is None:
        return [wanted, "no such cut", *[NONE] * 4]
    entries = point["background_entries"]
    if entries:
        background = [_within(point, "background_efficiency", ".3g"), _within(point, "rejection", ".4g")]
    else:
        background = [f"< {point['background_efficiency_high']:.2g}", f"> {point['rejection_low']:.3g}"]
    return [wanted, f"{point['cut']:.6f}", _within(point, "signal_efficiency", ".4f"), *background, str(entries)]


def _within(values: Mapping[str, Any], name: str, style: str) -> str:
    """Return "value [low, high]"; null is an infinite rejection."""
    value, low, high = (
        "∞" if one is None else f"{one:{style}}"
        for one in (values[name], values[f"{name}_low"], values[f"{name}_high"])
    )
    return f"{value} [{low}, {high}]"


def calibration(measured: Mapping[str, Any]) -> Table:
    """Return how far the score is from the probability of signal, for equal totals of the classes."""
    test = measured.get("ensemble", measured)["test"]
    rows = [
        [f"{part['low']:.1f} to {part['high']:.1f}", f"{part['score']:.4f}", _within(part, "signal", ".4f")]
        for part in measured["calibration"]
    ]
    text = (
        f"Expected calibration error {_within(test, 'ece', '.4f')}, Brier score {_within(test, 'brier', '.4f')}, of "
        "the test split for equal totals of the classes: the score is a probability for these totals alone."
    )
    return Table("Calibration", text, ["Score", "Mean score", "Share of signal"], rows)
