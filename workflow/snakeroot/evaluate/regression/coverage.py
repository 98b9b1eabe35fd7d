"""Are the uncertainties right that models of a regression state: how often is the target below what they say?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask
from snakeroot.settings import Name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Calibration of the uncertainty", 34
SUBJECT = "task"
READS = ("predictions",)

LEVELS = 19
"""Probabilities at which a stated normal distribution is looked at: 0.05, 0.1, …"""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    uncertain: list[Name] = Field(description="the models that state an uncertainty")


def applies(settings: Shown) -> bool:
    """Whether a model states one."""
    return bool(settings.uncertain)


def draw(settings: Shown, predictions: list[Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Draw the share of targets below the stated quantiles against the share that should be, and the difference.

    See V. Kuleshov et al., Accurate uncertainties for deep learning using calibrated regression, ICML 2018.
    """
    import pandas as pd

    figure, [upper, lower] = plotting.panels(1.6, 1, stated=settings)
    ideal: dict[str, Any] = {"color": "#94a4a2", "linestyle": ":", "linewidth": 1}
    upper.plot([0, 1], [0, 1], **ideal)
    lower.axhline(0.0, **ideal)
    numbers = []
    for model, rows in zip(settings.models, predictions, strict=True):
        if model.name not in settings.uncertain:
            continue
        table = observed(rows)
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        stroke = plotting.stroke(model.number)
        error = [(table[a] - table[b]).clip(lower=0) for a, b in (("share", "low"), ("high", "share"))]
        looks: dict[str, Any] = {**stroke, "marker": "o", "markersize": 3.5, "elinewidth": 1, "capsize": 0}
        upper.errorbar(table["stated"], table["share"], error, label=label, **looks)
        lower.errorbar(table["stated"], 100 * (table["share"] - table["stated"]), [100 * one for one in error], **looks)
        numbers.append(table.assign(model=model.name))
    upper.set(ylabel=f"Share of {settings.rows} below it", ylim=(0, 1))
    lower.set(xlabel="Stated probability that the target is below", xlim=(0, 1))
    lower.set_ylabel("Difference [%]")
    figure.align_ylabels([upper, lower])
    plotting.crown([upper], loc="upper left")
    return figure, pd.concat(numbers, ignore_index=True)


def observed(rows: Predictions) -> pd.DataFrame:
    """Return for each probability that is `stated` the `share` of targets below that quantile, with its interval."""
    import numpy as np
    import pandas as pd
    from scipy.special import ndtri

    from snakeroot.evaluate.proportions import shares as proportions
    from snakeroot.networks.objectives import MEDIAN, SIGMA, shares

    if rows.stated is None:
        raise ValueError(f"{rows.path}: it states no uncertainty")
    if rows.stated.names == (SIGMA,):
        levels = np.arange(1, LEVELS + 1) / (LEVELS + 1)
        quantiles = [(level, rows.predicted + ndtri(level) * rows.stated.shown[:, 0]) for level in levels]
    else:
        of_columns = zip(shares(rows.stated.names), rows.stated.shown.T, strict=True)
        quantiles = sorted([(MEDIAN, rows.predicted), *of_columns], key=lambda pair: pair[0])
    everywhere = np.zeros(len(rows.target), np.int64)
    found = [proportions(everywhere, 1, rows.target <= values, rows.weight, rows.copies) for _, values in quantiles]
    stated = np.array([level for level, _ in quantiles])
    return pd.concat(found, ignore_index=True).assign(stated=stated)[["stated", "share", "low", "high"]]
