"""How each input moves the output of boosted trees: Shapley values of single rows, which are exact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.labels import Label
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.resampling import Floats
    from snakeroot.evaluate.supervised._trees import Explained

TITLE, ORDER = "Shapley values", 56
SUBJECT = "model"
READS = ("network", "events")

MOST = 20
"""Inputs that are drawn, at most."""
COLOURS = ("#3f90da", "#94a4a2", "#bd1f01")
"""Of low, middle and high values of an input."""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    architecture: str = Field(description="of the model")
    classes: list[Labelled] = Field(description="by target; none of a regression")
    unit: Label = Field(description="of the target of a regression")
    seed: int = Field(ge=0, description="seed of the choice of rows")


def applies(settings: Shown) -> bool:
    """Whether the model is a sum of trees, whose values are exact and cheap."""
    return settings.architecture == "gbdt"


def draw(settings: Shown, network: list[Path], events: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw the Shapley values of rows of the test split: each row a point, or of several outputs their mean sizes."""
    import torch

    from snakeroot.evaluate.supervised._trees import explain
    from snakeroot.networks.network import load

    torch.set_num_threads(1)
    found = explain(load(*network), events, settings.seed, classes=bool(settings.classes))
    if found.shapley.shape[2] > 1:
        return _sizes(settings, found)
    return _points(settings, found)


def _summary(found: Explained, outputs: list[str]) -> pd.DataFrame:
    """Return for each output and feature the mean size of its values, with its standard error over the rows."""
    import numpy as np
    import pandas as pd

    size = np.abs(found.shapley)
    mean, count = size.mean(axis=0), len(size)
    error = size.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full_like(mean, np.nan)
    return pd.DataFrame(
        {
            "output": np.repeat(outputs, len(found.names)),
            "feature": found.names * len(outputs),
            "mean_size": mean.T.ravel(),
            "mean_size_error": error.T.ravel(),
        }
    )


def _order(summary: pd.DataFrame) -> list[str]:
    """Return the features that are drawn, those that move the outputs most first."""
    sizes = summary.groupby("feature")["mean_size"].sum().sort_values(ascending=False, kind="stable")
    return list(sizes.index[:MOST])


def _sizes(settings: Shown, found: Explained) -> tuple[Figure, pd.DataFrame]:
    """Draw the mean sizes of the values, a bar for each output beside the others."""
    from snakeroot.evaluate._rows import left_out, rows

    summary = _summary(found, [one.name for one in settings.classes])
    names, colours = _order(summary), plotting.of_labelled(settings.classes)
    step = 0.8 / len(settings.classes)
    figure, [axes] = plotting.panels(1, size=(plotting.WIDTH, 1.9 + 0.42 * len(names)), stated=settings)
    for number, one in enumerate(settings.classes):
        own = summary[summary["output"] == one.name].set_index("feature").loc[names]
        at = [place + (number - (len(settings.classes) - 1) / 2) * step for place in range(len(names))]
        label = plotting.checked(one.label, f"evaluation.labels.{one.name}")
        look: dict[str, Any] = {"color": colours[one.name], "error_kw": {"elinewidth": 1.0}}
        axes.barh(at, own["mean_size"], 0.9 * step, xerr=own["mean_size_error"], label=label, **look)
    rows(axes, names)
    axes.set_xlim(left=0)
    axes.set_xlabel("Mean size of the Shapley value [logit]")
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    plotting.crown([axes], [left_out(len(found.names) - len(names))], loc="upper right", title=title)
    return figure, summary


def _points(settings: Shown, found: Explained) -> tuple[Figure, pd.DataFrame]:
    """Draw the values of all rows, a feature below the other, coloured by the feature's own value."""
    import numpy as np
    import pandas as pd
    from matplotlib.colors import LinearSegmentedColormap

    from snakeroot.evaluate._rows import left_out, rows

    summary = _summary(found, ["output"])
    names = _order(summary)
    shades = LinearSegmentedColormap.from_list("values", COLOURS)
    figure, [axes] = plotting.panels(1, size=(plotting.WIDTH, 1.9 + 0.5 * len(names)), stated=settings)
    axes.axvline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    sizes = summary.set_index("feature")[["mean_size", "mean_size_error"]]
    labels, numbers = [], []
    for place, name in enumerate(names):
        number = found.names.index(name)
        values, feature = found.shapley[:, number, 0], found.features[:, number].astype(np.float64)
        at, shade = place + _swarm(values), _ranks(feature)
        known = ~np.isnan(shade)
        look: dict[str, Any] = {"s": 6, "linewidths": 0, "rasterized": True}
        drawn = axes.scatter(values[known], at[known], c=shade[known], cmap=shades, vmin=0, vmax=1, **look)
        axes.scatter(values[~known], at[~known], c="black", **look)
        size, error = sizes.loc[name]
        labels.append(f"{name}\n{size:.2g} ± {error:.1g}")
        columns = {"feature": name, "value": feature, "shapley": values, **sizes.loc[name]}
        numbers.append(pd.DataFrame(columns))
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, label="Value of the input", ticks=[0, 1])
    bar.ax.set_yticklabels(["low", "high"])
    rows(axes, labels)
    unit = "logit" if settings.classes else plotting.checked(settings.unit, "evaluation.axes.target.unit")
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    axes.set_xlabel(f"Shapley value, {title}{f' [{unit}]' if unit else ''}")
    plotting.crown([axes], [left_out(len(found.names) - len(names))])
    return figure, pd.concat(numbers, ignore_index=True)


def _swarm(values: Floats) -> Floats:
    """Return by how much each point (n,) is moved aside, up to 0.35, so that as many as are near stand side by side."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    place = ((values - low) / (high - low) * 60).astype(int) if high > low else np.zeros(len(values), int)
    counts = np.bincount(place)
    rank = np.empty(len(values))
    for one in np.flatnonzero(counts):
        rank[place == one] = np.arange(counts[one]) - (counts[one] - 1) / 2
    return 0.7 * rank / max(float(counts.max()), 12.0)


def _ranks(feature: Floats) -> Floats:
    """Return the share of the rows (n,) with a lower value, between 0 and 1; NaN where it is missing."""
    import numpy as np

    known = feature[~np.isnan(feature)]
    share = np.searchsorted(np.sort(known), feature) / max(len(known) - 1, 1)
    return np.where(np.isnan(feature), np.nan, np.minimum(share, 1.0))
