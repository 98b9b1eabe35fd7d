"""Whether a model knows its training events by heart: its scores of the train and the test split, and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary._distribution import digits_for, distribution
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Overtraining", 41
SUBJECT = "model"
READS = ("train", "test", "metrics")

BINS, STEPS = 25, 100
"""Of the score, in the distributions and in the cumulative ones."""

LOOKS: dict[str, dict[str, Any]] = {
    "signal": {"target": 1, "marker": "s", "linestyle": "-"},
    "background": {"target": 0, "marker": "o", "linestyle": "--"},
}
SAID = {"none": "no overtraining seen", "suspected": "overtraining suspected", "clear": "clear overtraining"}


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")


def draw(
    settings: Shown, train: Predictions, test: Predictions, metrics: dict[str, Any]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the score's distributions, train filled and test as points, each of unit sum, with what the tests say.

    Below is by how much the share of events below a score is larger on test than on train, whose largest distance is
    the Kolmogorov–Smirnov test's statistic; the band has its size without overtraining at one score, in 68 % of cases.
    """
    import numpy as np
    import pandas as pd

    known = metrics["models"][settings.model.name]["overtraining"]
    figure, [axes, below] = plotting.panels(2.4, 1, size=(plotting.WIDTH, 5.9), stated=settings)
    axes.set_yscale("log")
    below.axhline(0.0, color="#717581", linewidth=1)
    numbers, contents, colours = [], [], plotting.of_classes(LOOKS)
    for name, look in LOOKS.items():
        label = plotting.checked(getattr(settings, name), f"evaluation.labels.{name}")
        both = {split: distribution(rows, look["target"], BINS) for split, rows in (("train", train), ("test", test))}
        plotting.draw_steps(axes, both["train"], fill=True, color=colours[name], label=f"{label} (train)")
        points = {"color": colours[name], "marker": look["marker"], "label": f"{label} (test): {tested(known[name])}"}
        plotting.draw_points(axes, both["test"], **points)
        steps = [distribution(rows, look["target"], STEPS) for rows in (train, test)]
        edges, distance, error = distances(*steps)
        below.plot(edges, distance, color=colours[name], linestyle=look["linestyle"])
        below.fill_between(edges, -error, error, color=colours[name], alpha=0.15, linewidth=0)
        for split, filled in both.items():
            numbers.append(plotting.frame(filled, split=split, **{"class": name}))
            contents.append(filled.values())
    axes.set(ylabel=f"Fraction of {settings.rows}{plotting.per_bin(both['test'])}", xlim=(0, 1))
    axes.set_ylim(plotting.log_floor(contents), 2 * max(float(np.max(content)) for content in contents))
    below.set(xlabel="Score", ylabel="Test − train,\ncumulative")
    below.yaxis.get_label().set_fontsize(11)
    low, high = below.get_ylim()
    below.set_ylim(-max(-low, high, 0.01), max(-low, high, 0.01))
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    look = {"fontsize": 9.5, "title_fontsize": 10.5, "alignment": "left"}
    plotting.crown([axes], loc="upper center", ncols=1, title=f"{title}: {told(known)}", **look)
    return figure, pd.concat(numbers, ignore_index=True)


def distances(train: plotting.Histogram, test: plotting.Histogram) -> tuple[Any, Any, Any]:
    """Return the scores, the difference of the cumulative distributions there, and its error without overtraining.

    Of shares p of independent events both have the variance p (1 - p) / n; n is what their weights are worth.
    """
    import numpy as np

    edges = train.axes[0].edges
    cumulative, events = [], []
    for filled in (train, test):
        cumulative.append(np.append(0.0, np.cumsum(filled.values())))
        events.append(filled.values().sum() ** 2 / max(float(np.sum(plotting.errors(filled) ** 2)), 1e-300))
    mean = np.average(cumulative, axis=0, weights=events)
    error = np.sqrt(np.maximum(mean * (1 - mean), 0.0) * sum(1 / one for one in events))
    return edges, cumulative[1] - cumulative[0], error


def tested(known: dict[str, Any]) -> str:
    """Return the probabilities of both tests of a class."""
    if known["p"] is None:
        return "no test"
    text = f"KS p = {known['p']:.2g}"
    if known["p_chi2"] is not None:
        text += f", χ²/ndf = {known['chi2']:.3g}/{known['ndf']} (p = {known['p_chi2']:.2g})"
    return text


def told(known: dict[str, Any]) -> str:
    """Return the verdict, and the difference of the areas that it is by."""
    auc, said = known["auc"], SAID[known["verdict"]]
    if auc["low"] is None:
        return f"{said}\nAUC train − test = {auc['difference']:.4f}"
    over, under = auc["high"] - auc["difference"], auc["difference"] - auc["low"]
    digits = digits_for(max(over, under))
    ends = f"^{{{over:+.{digits}f}}}_{{{-under:+.{digits}f}}}"
    return f"{said}\nAUC train − test = ${auc['difference']:.{digits}f}{ends}$"
