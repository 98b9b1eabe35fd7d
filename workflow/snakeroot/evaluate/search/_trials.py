"""What the figures of a search share: its trials, names for settings and objectives, and scales of parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgba_array
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched
from snakeroot.networks.metrics import METRICS
from snakeroot.plotting.settings import Labelled
from snakeroot.train.point import Scalar
from snakeroot.tune.results import judged
from snakeroot.tune.settings import Objective, direction
from snakeroot.tune.space import Parameter

Floats = plotting.Floats
POINT, BEST, FAILED = plotting.LINES[0], plotting.LINES[1], plotting.LINES[5]
WHOLE = ("parameters",)
"""Objectives that are whole numbers."""
FAINT = 0.3
"""How opaque are trials that were stopped early."""
FAR = 3.0
"""How far beyond three quarters of the trials a panel reaches: this often as far as those are from the best."""


class Trials(NamedTuple):
    """The trials of a search, a row each, in the order of their numbers.

    Attributes:
        facts: number, round, state ("complete", "pruned" or "fail") and the objectives (float64, NaN where it failed).
        points: a column of objects for each parameter, None where the trial's other settings switch it off.
        drawn: as `points`, with the values that did not count too, where the sampler gave any.
    """

    facts: pd.DataFrame
    points: pd.DataFrame
    drawn: pd.DataFrame

    @property
    def known(self) -> Any:
        """Which trials have objectives, as they did not fail: bool, (n,)."""
        return self.facts["state"].ne("fail").to_numpy()

    @property
    def pruned(self) -> Any:
        """Which of these were stopped early, so that they are none of the best: bool, (n,)."""
        return self.facts["state"].eq("pruned").to_numpy()

    def finals(self, objective: Objective) -> pd.Series:
        """Return an objective of the trials that were trained to their end; NaN of the others."""
        return self.facts[objective].where(~self.pruned)

    @property
    def numbers(self) -> pd.DataFrame:
        """All that is known, for the file beside a figure."""
        return pd.concat([self.facts, self.points], axis=1)

    def best(self, objective: Objective) -> int | None:
        """Return the row of the best trial, the earliest of equals; None if there is none."""
        values = self.finals(objective).dropna()
        return None if values.empty else int(values.idxmin() if minimised(objective) else values.idxmax())


def table(trials: Sequence[dict[str, Any]], settings: Searched) -> Trials:
    """Return the trials of a history."""
    history = judged(trials, settings.objective)
    facts = pd.DataFrame({name: [trial[name] for trial in history] for name in ("number", "round", "state")})
    for name in settings.objective:
        facts[name] = np.array(
            [trial["metrics"][name] if trial["metrics"] else np.nan for trial in history], np.float64
        )
    columns = {
        kind: {key: pd.Series([trial[kind].get(key) for trial in history], dtype=object) for key in settings.space}
        for kind in ("active", "point")
    }
    return Trials(facts, pd.DataFrame(columns["active"]), pd.DataFrame(columns["point"]))


def name_of(objective: Objective) -> str:
    """Return what an objective is called: "Validation loss", "Validation AUC"."""
    if objective == "parameters":
        return "Parameters"
    title = str(METRICS.load(objective).TITLE)
    return f"Validation {title if title[:2].isupper() else title[0].lower() + title[1:]}"


def minimised(objective: Objective) -> bool:
    """Return whether less is better."""
    return direction(objective) == "minimize"


def label(key: str) -> str:
    """Return the name of a setting in figures: "learning rate" for "training.learning_rate"."""
    words = key.removeprefix("training.").removesuffix(".name")
    return plain(words.replace(".", " ").replace("_", " "))


def plain(value: Scalar) -> str:
    """Return a value as text, in which no `$` starts a formula."""
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace("$", r"\$")


def title(model: Labelled) -> str:
    """Return how the model is called."""
    return plotting.checked(model.label, f"evaluation.labels.{model.name}")


def limits(values: Floats, objective: Objective) -> tuple[float, float]:
    """Return the range in which the objectives (n,), not NaN, are shown: a few that are far worse must not squash it.

    Never empty; (0, 1) without any trial.
    """
    if not len(values):
        return 0.0, 1.0
    sign = 1.0 if minimised(objective) else -1.0
    costs = np.sort(sign * values)
    low, high = costs[0], costs[-1]
    usual = costs[math.ceil(0.75 * (len(costs) - 1))] - low
    if usual > 0:
        high = min(high, low + FAR * usual)
    if low == high:
        low, high = low - max(0.5 * abs(low), 1e-3), high + max(0.5 * abs(high), 1e-3)
    return (low, high) if sign > 0 else (-high, -low)


def prepare(axes: Axes, values: Floats, objective: Objective) -> None:
    """Name the y axis, and let it span the objectives (n,), not NaN, with margins for trials beyond it or failed."""
    low, high = limits(values, objective)
    axes.set_ylim(low - 0.14 * (high - low), high + 0.1 * (high - low))
    if not len(values):
        axes.yaxis.set_major_locator(NullLocator())
        axes.yaxis.set_minor_locator(NullLocator())
    elif objective in WHOLE:
        plotting.whole_numbers(axes.yaxis)
    axes.set_ylabel(name_of(objective))


def draw_points(axes: Axes, x: Any, y: Floats, colours: Any, *, faint: Any = False, **look: Any) -> None:
    """Draw trials at x and y (n,), those beyond the y range as triangles at its edge, in one colour or RGBA (n, 4).

    Those that are `faint`, bool (n,), are.
    """
    low, high = axes.get_ylim()
    edge = 0.04 * (high - low)
    shades = np.broadcast_to(to_rgba_array(colours), (len(y), 4)).copy()
    shades[:, 3] = np.where(faint, FAINT, shades[:, 3])
    for chosen, marker in ((y > high, "^"), (y < low, "v"), ((y >= low) & (y <= high), "o")):
        shown = np.clip(y[chosen], low + edge, high - edge) if marker != "o" else y[chosen]
        axes.scatter(np.asarray(x)[chosen], shown, marker=marker, color=shades[chosen], **look)


def shades(low: float, high: float) -> ScalarMappable:
    """Return the colours of a quantity between two values: dark is low, for the colour-blind and for print."""
    return ScalarMappable(Normalize(low, high), "viridis")


def draw_failed(axes: Axes, x: Any) -> None:
    """Mark failed trials with crosses at the foot of the panel."""
    look: dict[str, Any] = {"marker": "x", "s": 30, "linewidth": 1.2, "color": FAILED, "clip_on": False, "zorder": 4}
    axes.scatter(x, np.full(len(x), 0.04), transform=axes.get_xaxis_transform(), **look)


@dataclass(frozen=True)
class Scale:
    """A line from 0 to 1 with the values of a parameter: numbers between two ends, or choices in equal steps."""

    low: float
    high: float
    log: bool = False
    choices: Sequence[Scalar] | None = None
    whole: bool = False

    @classmethod
    def of(cls, parameter: Parameter) -> Self:
        """Return the scale of a parameter."""
        if parameter.choices is not None:
            return cls(0.0, max(1.0, len(parameter.choices) - 1.0), choices=parameter.choices)
        low, high = parameter.uniform or parameter.integer or (0, 1)
        return cls(low, high, parameter.log, whole=parameter.integer is not None)

    def place(self, value: Scalar) -> float:
        """Return where a value is."""
        if self.choices is not None:
            # True == 1, but they are two choices
            number = [(type(choice), choice) for choice in self.choices].index((type(value), value))
            return number / self.high if len(self.choices) > 1 else 0.5
        if self.log:
            return math.log(float(value) / self.low) / math.log(self.high / self.low)
        return (float(value) - self.low) / (self.high - self.low)

    def ticks(self) -> dict[float, str]:
        """Return a text for each place that deserves one: all choices, or round numbers between the ends."""
        if self.choices is not None:
            return {self.place(choice): plain(choice) for choice in self.choices}
        subs = (1.0, 2.0, 5.0) if self.high < 100 * self.low else (1.0,)
        linear = MaxNLocator(5, steps=[1, 2, 5, 10], integer=self.whole, min_n_ticks=1)
        round_ones = LogLocator(subs=subs, numticks=8) if self.log else linear
        inside = [v for v in round_ones.tick_values(self.low, self.high) if self.low <= v <= self.high]
        values = inside if len(inside) > 1 else [self.low, self.high]
        return {self.place(value): f"{value:g}" for value in map(float, values)}
