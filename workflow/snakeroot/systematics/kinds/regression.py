"""A number: how far predictions are from it, in the target's unit, or relative to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.evaluate.residuals import residuals
from snakeroot.systematics.quantity import Quantity, Weighed, mean
from snakeroot.systematics.settings import SystematicsSettings


def quantities(rows: Weighed, settings: SystematicsSettings, known: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield root mean squared and mean absolute error, and bias.

    Not the resolution: the influence of a row on a quantile follows from the density there, which is not known.
    """
    del known
    shift = rows.predicted - rows.target
    square, influence = mean(np.square(shift), rows.weight)
    root = float(np.sqrt(square)) if square > 0 else float("nan")
    yield Quantity("rmse", "RMSE", root, influence / (2 * root), ".4g", relative=True)
    yield Quantity("mae", "MAE", *mean(np.abs(shift), rows.weight), ".4g", relative=True)
    differences = residuals(rows.target, rows.predicted, settings.residual)
    yield Quantity("bias", "Bias", *mean(differences, rows.weight), ".4g")
