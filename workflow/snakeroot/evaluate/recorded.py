"""The rows of data, each event once, and of what it is compared with; and all numbers of such a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from snakeroot.data.once import read_once
from snakeroot.evaluate.comparison import Comparison, contents, yield_of


@dataclass(frozen=True)
class Rows:
    """Some columns and the `weight` of the rows to compare.

    Attributes:
        data: of recorded events, each once.
        simulation: of each sample that is expected.
        copies: rows of data that are left out, as others of their event are there.
    """

    data: pd.DataFrame
    simulation: dict[str, pd.DataFrame]
    copies: int


def read(files: Sequence[Path], columns: Sequence[str], recorded: Sequence[str], stacked: Sequence[str]) -> Rows:
    """Read the rows of these samples from tables that have `sample`, `weight` and the columns."""
    table, copies = read_once(files, columns, recorded)
    rows = table.to_pandas()
    of_sample = {name: own.drop(columns="sample") for name, own in rows.groupby("sample", observed=True)}
    nothing = rows.iloc[:0].drop(columns="sample")
    data = pd.concat([of_sample.get(name, nothing) for name in recorded], ignore_index=True)
    simulation = {name: of_sample[name].reset_index(drop=True) for name in sorted(of_sample) if name in stacked}
    return Rows(data, simulation, copies)


def frame(compared: Comparison, copies: int) -> pd.DataFrame:
    """Return per bin the value and errors of each sample, of their sum and of data, and the ratio of data to the sum;
    below these the yields, the χ² with its degrees of freedom and probability, the scale of the simulation, the copies.
    """
    edges = np.concatenate([[-np.inf], compared.data.axes[0].edges, [np.inf]])
    parts = []
    for name, filled in [*compared.simulation.items(), ("", compared.total)]:
        view: Any = filled.view(flow=True)
        columns = {
            "value": view["value"],
            "error_low": np.sqrt(view["variance"]),
            "error_high": np.sqrt(view["variance"]),
        }
        if not name:
            columns["systematic"] = compared.systematic
        parts.append(pd.DataFrame(columns).assign(content="sample" if name else "sum", sample=name))
    data, total, (low, high) = contents(compared.data), contents(compared.total), compared.limits
    ratio = np.divide(data, total, out=np.full(len(data), np.nan), where=total > 0)
    columns = {"value": data, "error_low": data - low, "error_high": high - data, "ratio": ratio}
    parts.append(pd.DataFrame(columns).assign(content="data", sample=""))
    bins = pd.concat([part.assign(low=edges[:-1], high=edges[1:]) for part in parts])
    order = ["content", "sample", "low", "high", "value", "error_low", "error_high", "systematic", "ratio"]
    return pd.concat([bins, _summary(compared, copies)], ignore_index=True)[order]


def _summary(compared: Comparison, copies: int) -> pd.DataFrame:
    """Return what is said of all bins together: a row each."""
    yields = [(name, *yield_of(filled)) for name, filled in compared.simulation.items()]
    rows: list[dict[str, Any]] = [
        {"content": "yield of sample", "sample": name, "value": value, "error_low": error, "error_high": error}
        for name, value, error in yields
    ]
    value, error = yield_of(compared.total)
    whole = {"value": value, "error_low": error, "error_high": error, "systematic": compared.systematic_of_all}
    rows += [{"content": "yield of sum", **whole}, {"content": "yield of data", "value": yield_of(compared.data)[0]}]
    if test := compared.test():
        rows += [{"content": name, "value": number} for name, number in vars(test).items()]
    if compared.scale is not None:
        rows.append({"content": "scale", "value": compared.scale})
    return pd.DataFrame([*rows, {"content": "copies", "value": copies}]).fillna({"sample": ""})
