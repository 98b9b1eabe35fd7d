"""The report's tables of templates: what is expected in each region, and what each model is worth in a fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from snakeroot.report.summaries import NONE, count, number


def yields(templates: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per model and region: the yield of each sample ± its statistical uncertainty, and that of the
    whole background ± statistical ± systematic, from the yields of each model.
    """
    rows = {}
    for model, known in templates.items():
        for region, one in known["regions"].items():
            row = {name: _measured(one["samples"][name]) for name in known["samples"]}
            background = one["background"]
            row["Background"] = f"{_measured(background)} ± {error(background['systematic_error'])}"
            if one["data"]:
                row["Data"] = number(one["data"]["yield"])
            rows[model, region] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Region")


def worth(fits: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per model: significances by formula and, where there was one, those of the fit and its limit."""
    rows = {}
    for model, known in fits.items():
        row = {
            "Without uncertainty": _decimals(known["significance_without_uncertainty"]),
            "With that of the background": _decimals(known["significance_with_uncertainty"]),
        }
        if fitted := known["expected"]:
            low, median, high = fitted["limit"][1:4]
            row["Fit"] = _decimals(fitted["significance"])
            row["Limit on the strength"] = f"{median:.3g} [{low:.3g}, {high:.3g}]"
        rows[model] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Model")


def remarks(templates: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return model and sentence of each remark."""
    return [(model, remark) for model, known in templates.items() for remark in known["remarks"]]


def _measured(known: Mapping[str, Any]) -> str:
    return f"{number(known['yield'])} ± {error(known['error'])}" if known["rows"] else NONE


def error(value: float) -> str:
    """Return an uncertainty with two significant digits, or whole from 100 on."""
    return count(value) if value >= 100 else f"{value:.2g}"


def _decimals(value: float | None) -> str:
    return NONE if value is None else f"{value:.3g}"
