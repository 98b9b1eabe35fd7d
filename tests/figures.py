"""Figures of tables in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure
from snakeroot.evaluate.common import input as inputs
from snakeroot.evaluate.distributions import distribution


def of_input(settings: Mapping[str, Any], table: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a feature of a table that comes in two pieces, in which the factor of each sample is 1."""
    known = inputs.Shown.model_validate(settings)
    rows = pa.Table.from_pandas(table, preserve_index=False)
    pieces = [rows.slice(0, len(rows) // 3), rows.slice(len(rows) // 3)]
    names = [sample.name for sample in known.samples]
    return inputs.histograms(known, distribution(pieces, known.feature, known.axis, names), dict.fromkeys(names, 1.0))
