"""Expected significance of a model against the cut on its score, and the yields that pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Significance", 45
SUBJECT = "model"
READS = ("test", "metrics")

LOOKS: dict[str, dict[str, Any]] = {"signal": {"linestyle": "-"}, "background": {"linestyle": "--"}}


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    number: int = Field(0, ge=0, description="the model's place among those of the task")
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")
    bootstrap: int = Field(200, description="resamplings of the events for the band")
    seed: int = Field(0, ge=0, description="seed of the resampling")


def draw(settings: Shown, test: Predictions, metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the Asimov significance against the cut on the test split, for the yields of all events, with its band.

    The best cut of the validation split is marked. Below are the yields of signal and background that pass, with their
    statistical errors. What fewer than ten entries of background pass is left out.
    """
    from snakeroot.evaluate.predictions import of_shown

    measured, relative = metrics["models"][settings.model.name], metrics["background_uncertainty"]
    table = points(settings, test, measured["expected"], relative)
    figure, [axes, below] = plotting.panels(1.5, 1, size=(plotting.WIDTH, 6.0), stated=settings)
    look = {**plotting.stroke(settings.number), "linestyle": "-"}
    said = f", background ± {100 * relative:.3g} %" if relative else ""
    axes.plot(table["cut"], table["significance"], label=f"expected{said}", **look)
    axes.fill_between(table["cut"], table["low"], table["high"], color=look["color"], alpha=0.25, linewidth=0)
    if relative:
        bare = {**look, "linestyle": ":", "linewidth": 1.2}
        axes.plot(table["cut"], table["certain"], label="with a background that is known", **bare)
    for name, style in LOOKS.items():
        label = plotting.checked(getattr(settings, name), f"evaluation.labels.{name}")
        value, error, colour = table[name], table[f"{name}_error"], plotting.of_classes(LOOKS)[name]
        below.plot(table["cut"], value, color=colour, label=label, **style)
        ends = (value - error).clip(lower=value / 10), value + error
        below.fill_between(table["cut"], *ends, color=colour, alpha=0.2, linewidth=0)
    values = [table[name].to_numpy()[table[name] > 0] for name in LOOKS]
    if all(len(one) for one in values):
        below.set_yscale("log")
        below.set_ylim(plotting.log_floor(values), 2 * max(float(one.max()) for one in values))
    mark(axes, below, of_shown(measured)["test"])
    top = table["high"].max() if len(table) else float("nan")
    axes.set(ylabel="Significance", xlim=(0, 1), ylim=(0, 1.1 * top if top > 0 else 1.0))
    below.set(xlabel="Cut: score at or above", ylabel=f"{settings.rows.capitalize()} expected")
    note = "" if len(table) else "fewer than ten entries of background pass any cut"
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    plotting.crown([axes, below], [note], loc="upper left", ncols=1, fontsize=10.0, title_fontsize=11.0)
    if legend := axes.get_legend():
        legend.set_title(title)
    return figure, table


def points(settings: Shown, test: Predictions, expected: dict[str, float], relative: float) -> pd.DataFrame:
    """Return significance, its band, and yields with errors at the cuts that enough background passes."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.binary import _bands
    from snakeroot.evaluate.significance import MINIMUM_BACKGROUND, asimov

    one = _bands.resampled(test, settings.bootstrap, settings.seed)
    scale = {name: expected[name] for name in LOOKS}
    sums, squares, entries = (one.cells.sums(test.weight**power) for power in (1, 2, 0))
    shown = np.cumsum(entries[0]) >= MINIMUM_BACKGROUND
    table = pd.DataFrame({"cut": one.cells.lowest})
    for target, name in ((1, "signal"), (0, "background")):
        table[name] = scale[name] * np.cumsum(sums[target]) / sums[target].sum()
        error = np.sqrt(test.copies * np.cumsum(squares[target])) / sums[target].sum()
        table[f"{name}_error"] = scale[name] * error
    s, b = table["signal"].to_numpy(), table["background"].to_numpy()
    table["significance"], table["certain"] = asimov(s, b, relative * b), asimov(s, b)
    drawn = scale["background"] * one.drawn.background_efficiency[1:]
    of_all = asimov(scale["signal"] * one.drawn.signal_efficiency[1:], drawn, relative * drawn)
    table["low"], table["high"] = _bands.ends(of_all)
    table = table[shown & np.isfinite(table["significance"])].reset_index(drop=True)
    kept = plotting.thin(table["cut"].to_numpy(), (table["significance"] / table["significance"].max()).to_numpy())
    return table.iloc[kept].reset_index(drop=True) if len(table) else table


def mark(axes: Axes, below: Axes, test: dict[str, Any]) -> None:
    """Mark the best cut of the validation split, with what the test split has there."""
    cut, value = test["significance_cut"], test["significance"]
    if value is None:
        return
    passing = max(test[f"significance_{name}"] for name in LOOKS)
    for one, top in ((axes, value), (below, passing)):  # as high as what it is at, or it would cross the legend
        one.vlines(cut, 1e-9 if one.get_yscale() == "log" else 0, top, color="#717581", linestyle="-.", linewidth=1.2)
    low, high = (test[f"significance_{end}"] for end in ("low", "high"))
    ends = "" if low is None else f"^{{{high - value:+.2f}}}_{{{low - value:+.2f}}}"
    s, b = (" ± ".join(written(test[f"significance_{name}{end}"]) for end in ("", "_error")) for name in LOOKS)
    text = f"best cut of validation, {cut:.4g}: ${value:.2f}{ends}$\nsignal {s}, background {b}"
    axes.plot([cut], [value], color="#1d232b", marker="o", markersize=5, linestyle="none", label=text)


def written(amount: float) -> str:
    """Return a yield or its error: whole from 100 on."""
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"
