"""What a model says of data, against simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.common._against_data import AgainstData
from snakeroot.plotting.settings import Labelled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Score in data against simulation", 43
SUBJECT = "model"
READS = ("scored", "features", "normalisation")

BINS = 20


class Shown(AgainstData):
    """What it shows."""

    model: Labelled
    scores: dict[str, str] = Field(description="the columns of predictions, and how each score is called")


def applies(settings: Shown) -> bool:
    """Whether the task has data, and something to compare it with."""
    return settings.compares and bool(settings.scores)


def draw(
    settings: Shown, scored: list[Path], features: list[Path], normalisation: dict[str, Any]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the yields of all samples, stacked, and the data as points, in bins of each score, with the ratio below.

    Of what the model was trained on, events of the test split stand for all of their sample.
    """
    import pandas as pd

    from snakeroot.data.cancellation import add_up
    from snakeroot.data.once import Once
    from snakeroot.evaluate.common import _against_data
    from snakeroot.evaluate.comparison import Comparison
    from snakeroot.evaluate.recorded import frame, read

    rows = read(scored, list(settings.scores), settings.recorded, settings.stacked)
    totals = Once(features, []).totals()
    weights = {name: table["weight"].to_numpy() for name, table in rows.simulation.items()}
    for name, weight in weights.items():
        if add_up(weight):
            weights[name] = weight * totals[name] * normalisation["samples"][name]["factor"] / weight.sum()
    figure, panels = plotting.pairs(len(settings.scores), _against_data.HEIGHTS, _against_data.SIZE, stated=settings)
    tables_of_scores = []
    for (axes, ratio), (column, label) in zip(panels, settings.scores.items(), strict=True):
        data, *filled = (
            plotting.histogram(table[column].to_numpy(), weight, (0.0, 1.0), BINS)
            for table, weight in [
                (rows.data, rows.data["weight"].to_numpy()),
                *((rows.simulation[name], weight) for name, weight in weights.items()),
            ]
        )
        compared = Comparison(data, dict(zip(weights, filled, strict=True)), settings.uncertainty)
        compared = compared.scaled() if settings.scaled_to == "data" else compared
        explained = _against_data.draw(axes, ratio, compared, settings, log=True)
        axes.set_ylabel(axes.get_ylabel() + plotting.per_bin(compared.data))
        ratio.set_xlabel(label)
        lines = _against_data.notes(compared, settings, rows.copies, {})
        title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
        plotting.crown([axes], ["\n".join(lines)], loc="upper right", title=title, handles=explained)
        tables_of_scores.append(frame(compared, rows.copies).assign(score=column))
    return figure, pd.concat(tables_of_scores, ignore_index=True)
