"""The rows of data, each event once, and of what it is compared with; and all numbers of such a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from snakeroot.data import tables
from snakeroot.data.once import firsts
from snakeroot.evaluate.comparison import Comparison, contents, yield_of
from snakeroot.settings import ID


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
    """Read the rows of these samples from tables that have `sample`, `weight` and the columns, file by file.

    An event of data counts once, in the first file that has it, as it happened once: several trigger streams may have
    recorded it. Copies of simulated events stay, as the number that was generated counts them too.
    """
    data: list[pa.Table] = []
    simulation: dict[str, list[pd.DataFrame]] = {}
    for path in files:
        names = tables.open_parquet(path).schema_arrow.names
        of_row = tables.read(path, ["sample"])["sample"].to_pandas()
        has_data = bool(of_row.isin(recorded).any())
        identity = [name for name in names if name.startswith(ID) or name == "object"] if has_data else []
        table = tables.read(path, [*identity, "weight", *columns])
        if has_data:
            data.append(table.filter(pa.array(of_row.isin(recorded).to_numpy())))
        for name in [name for name in of_row.unique() if name in stacked]:
            chosen = table.select(["weight", *columns]).filter(pa.array((of_row == name).to_numpy()))
            simulation.setdefault(name, []).append(chosen.to_pandas())
    all_data = (
        pa.concat_tables(data) if data else pa.table({"weight": np.zeros(0), **dict.fromkeys(columns, np.zeros(0))})
    )
    first = firsts(all_data)
    return Rows(
        all_data.select(["weight", *columns]).filter(pa.array(first)).to_pandas(),
        {name: pd.concat(parts, ignore_index=True) for name, parts in simulation.items()},
        int((~first).sum()),
    )


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
