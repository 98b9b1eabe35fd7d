"""The report's table of systematic variations: what becomes of each model's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from snakeroot.report.summaries import NONE

MINUS = "\N{MINUS SIGN}"


def table(systematics: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row per model with its numbers ± their errors, and one per variation with their shifts ± errors."""
    rows = {}
    for model, known in systematics["models"].items():
        nominal = [one for one in known["quantities"] if one["main"]]
        rows[model, "nominal"] = {one["title"]: _pair(one["value"], one["error"], one["style"]) for one in nominal}
        for variation in known["variations"]:
            pairs = zip(known["quantities"], variation["quantities"], strict=True)
            row = {one["title"]: _shift(one, found) for one, found in pairs if one["main"]}
            rows[model, f"{variation['systematic']} {variation['direction']}"] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Variation")


def _shift(nominal: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    shift, error = found["shift"], found["error"]
    if not nominal["relative"]:
        return _pair(shift, error, f"+{nominal['style']}")
    if shift is None or not nominal["value"]:
        return NONE
    scale = 100 / abs(nominal["value"])
    return f"{_pair(shift * scale, None if error is None else error * scale, '+.2f')} %"


def _pair(value: float | None, error: float | None, style: str) -> str:
    """Return "value ± error", the error with two digits."""
    if value is None:
        return NONE
    return f"{value:{style}} ± {NONE if error is None else format(error, '.2g')}".replace("-", MINUS)
