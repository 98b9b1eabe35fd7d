"""The evidence of overtraining and calibration, where they were measured, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from snakeroot.report.performance import measured
from snakeroot.report.summaries import NONE, SPLITS

OVERTRAINING = (
    "Scores of train against test events, class by class: how far they differ, and the probability p of a difference as "
    "large as that if they were alike. The AUC on train minus that on test has its 68 % interval."
)
CALIBRATION = (
    "The expected calibration error is the mean distance between a score and the share of signal among events of such "
    "scores: 0 if scores are probabilities. The Brier score is the mean square of score − class. Both with 68 % intervals."
)


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
        Diagnosis("calibration", "Calibration", CALIBRATION, _calibration(metrics)),
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


def _calibration(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model and split."""
    rows = {}
    for name, of_model in measured(metrics):
        for split in ("test", "validation", "train"):
            known = of_model[split]
            if known.get("ece") is None and known.get("brier") is None:
                continue
            rows[name, SPLITS[split]] = {
                "Expected calibration error": _ranged(known, "ece", ("ece_low", "ece_high")),
                "Brier score": _ranged(known, "brier", ("brier_low", "brier_high")),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Split")


def _ranged(values: Mapping[str, Any], name: str, ends: tuple[str, str]) -> str:
    value, low, high = (values.get(key) for key in (name, *ends))
    if value is None:
        return NONE
    return f"{value:.4f}" if low is None and high is None else f"{value:.4f} [{_decimals(low)}, {_decimals(high)}]"


def _decimals(value: float | None, style: str = ".4f") -> str:
    return NONE if value is None else f"{value:{style}}"
