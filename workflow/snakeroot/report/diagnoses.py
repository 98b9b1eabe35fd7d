"""What is measured beside the metrics, where it was: overtraining and working points, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from snakeroot.report.fits import error
from snakeroot.report.performance import INFINITE
from snakeroot.report.summaries import NONE, number

OVERTRAINING = (
    "Scores of train against test events, class by class: how far they differ, and the probability p of a difference "
    "as large as that if they were alike. The AUC on train minus that on test has its 68 % interval."
)
POINTS = (
    "Cuts on the score that keep a share of the signal, or reject so much of the background, found on the validation "
    "split; what passes them on the test split, with 68 % intervals, and its yield."
)
WANTED = {"signal_efficiency": "signal efficiency", "background_rejection": "background rejection"}
POINT = {
    "signal_efficiency": "Signal efficiency",
    "background_efficiency": "Background efficiency",
    "rejection": "Rejection",
}


@dataclass(frozen=True)
class Diagnosis:
    """A table, by the name of its place in the page."""

    name: str
    title: str
    text: str
    table: pd.DataFrame


def diagnoses(metrics: Mapping[str, Any]) -> list[Diagnosis]:
    """Return the tables of what was measured."""
    found = [
        Diagnosis("overtraining", "Overtraining", OVERTRAINING, _overtraining(metrics)),
        Diagnosis("working-points", "Working points", POINTS, _working_points(metrics)),
    ]
    return [one for one in found if len(one.table)]


def _overtraining(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model."""
    rows = {}
    for name, of_model in metrics["models"].items():
        known = of_model.get("overtraining") or {}
        if not known:
            continue
        row = {}
        for role in [one for one in known if one not in ("auc", "verdict")]:
            row[f"Statistic, {role}"] = _decimals(known[role].get("statistic"))
            row[f"p, {role}"] = _decimals(known[role].get("p"), ".2g")
        if area := known.get("auc"):
            row |= {"AUC on train": _decimals(area.get("train")), "AUC on test": _decimals(area.get("test"))}
            row["Difference"] = _ranged(area, "difference", ("low", "high"))
        rows[name] = row | {"Verdict": known["verdict"]}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Model")


def _working_points(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model and working point."""
    rows = {}
    for name, of_model in metrics["models"].items():
        for point in of_model.get("working_points") or []:
            row = {"Cut": _decimals(point["cut"])}
            for key, title in POINT.items():
                row[title] = _ranged(point, key, (f"{key}_low", f"{key}_high"), ".3g")
            for role in ("signal", "background"):
                if point.get(f"{role}_yield") is not None:
                    known, uncertainty = number(point[f"{role}_yield"]), error(point[f"{role}_yield_error"])
                    row[f"{role.capitalize()} yield"] = f"{known} ± {uncertainty}"
            rows[name, f"{WANTED[point['wanted']]} {point['value']:g}"] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Wanted")


def _ranged(values: Mapping[str, Any], name: str, ends: tuple[str, str], style: str = ".4f") -> str:
    """Return "value [low, high]"; a rejection that is not there, or an end of its interval, is infinite."""
    value, low, high = (values.get(key) for key in (name, *ends))
    infinite = INFINITE if name == "rejection" else NONE
    if value is None and low is not None and high is None:
        return f"> {low:{style}}"
    if value is None or (low is None and high is None):
        return _decimals(value, style)
    lowest, highest = (infinite if end is None else f"{end:{style}}" for end in (low, high))
    return f"{value:{style}} [{lowest}, {highest}]"


def _decimals(value: float | None, style: str = ".4f") -> str:
    return NONE if value is None else f"{value:{style}}"
