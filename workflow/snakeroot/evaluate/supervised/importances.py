"""How much all models of a task depend on each of their inputs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Importance of inputs", 37
SUBJECT = "task"
READS = ("importances",)

MOST = 25
"""Inputs that are drawn, at most."""
MARKERS = ("o", "s", "^", "D", "v")
TITLES = {"auc": "AUC", "auc_macro": "Macro AUC", "r2": "r²"}
"""Of the metrics that decide."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    permuted: bool = Field(description="whether importances are asked for")


def applies(settings: Shown) -> bool:
    """Whether they are."""
    return settings.permuted


def draw(settings: Shown, importances: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw by how much the metric of each model falls on the test split when an input is permuted among the rows."""
    import pandas as pd

    from snakeroot.evaluate._rows import left_out, rows

    tables = [_table(one).assign(model=model.name) for one, model in zip(importances, settings.models, strict=True)]
    numbers = pd.concat(tables, ignore_index=True)
    decides = importances[0]["decides"]
    shown = numbers[numbers["metric"] == decides]
    order = shown.groupby("input")["mean"].max().sort_values(ascending=False, kind="stable").index
    names = list(order[:MOST])
    count = len(settings.models)
    step = min(0.8 / count, 0.25)
    figure, [axes] = plotting.panels(
        1, size=(plotting.WIDTH, 1.9 + len(names) * max(0.32, 0.14 * count)), stated=settings
    )
    axes.axvline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    for number, (model, measured) in enumerate(zip(settings.models, importances, strict=True)):
        own = shown[(shown["model"] == model.name) & shown["input"].isin(names)]
        at = [names.index(name) + (number - (count - 1) / 2) * step for name in own["input"]]
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}")
        whole = measured["metrics"][decides]
        if whole is not None:
            label += f": {whole:.4f}"
        look = {"color": plotting.stroke(model.number)["color"], "marker": MARKERS[model.number % len(MARKERS)]}
        axes.errorbar(own["mean"], at, xerr=own["error"], label=label, linestyle="none", markersize=5, **look)
    rows(axes, names)
    axes.set_xlabel(f"{TITLES[decides]} falls by")
    title = f"{TITLES[decides]} with all inputs as they are"
    plotting.crown([axes], [left_out(len(order) - len(names))], loc="upper right", alignment="right", title=title)
    return figure, numbers


def _table(measured: dict[str, Any]) -> pd.DataFrame:
    """Return a row for each input and metric of a model; what is undefined is NaN."""
    import pandas as pd

    rows = [
        {"input": name, "metric": metric, "value": measured["metrics"][metric]}
        | {key: fall[key] if fall[key] is not None else math.nan for key in ("mean", "std", "error")}
        for name, falls in measured["inputs"].items()
        for metric, fall in falls.items()
    ]
    return pd.DataFrame([{"model": "", **row} for row in rows])
