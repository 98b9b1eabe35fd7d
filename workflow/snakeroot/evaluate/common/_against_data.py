"""What the figures of data against simulation are told, and what they draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from snakeroot import plotting
from snakeroot.data.cancellation import positive
from snakeroot.plotting.settings import OfTask, Sample
from snakeroot.settings import Name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from snakeroot.evaluate.comparison import Comparison

DATA: dict[str, Any] = {"color": "black", "marker": "o", "markersize": 4, "linestyle": "none", "zorder": 5}
GREY = "#717581"
HEIGHTS, SIZE = (3, 1), (6.4, 5.8)
"""Of the panels; inches of the figure."""
ROUNDING = 1e-9
"""Share of the sum up to which an uncertainty is none, as that of a sum that is scaled to the data."""
HIGHEST = 2.0
"""Of the ratio: what is beyond has an arrow."""


class AgainstData(OfTask):
    """What they show."""

    samples: list[Sample]
    recorded: list[Name] = Field(description="the samples that are data")
    stacked: list[Name] = Field(description="the samples that are expected, whose yields are known")
    scaled_to: Literal["luminosity", "data"] = Field(description="what the sum of the simulation is")
    uncertainty: float | dict[Name, float] = Field(description="relative, of all yields or of those of samples")

    @property
    def compares(self) -> bool:
        """Whether there is data, and something to compare it with."""
        return bool(self.recorded and self.stacked)


def draw(axes: Axes, ratio: Axes, compared: Comparison, settings: AgainstData, *, log: bool) -> list[Any]:
    """Draw stack, uncertainty and data, and below data divided by the sum; return what the legend explains."""
    import numpy as np

    colours, labels = plotting.of_samples(settings.samples), labels_of(settings)
    edges, centres = compared.data.axes[0].edges, compared.data.axes[0].centers
    below, filled = np.zeros(len(centres)), []
    for name in stacking(settings, compared):
        above = below + compared.simulation[name].values()
        look: dict[str, Any] = {"facecolor": colours[name], "linewidth": 0.6, "edgecolor": "white"}
        label = f"{labels[name]}: {amount(*_yield(compared.simulation[name]))}"
        filled.append(axes.stairs(above, edges, baseline=below, fill=True, label=label, **look))
        below = above
    inside = slice(1, -1)  # without under- and overflow
    total, statistical = compared.total.values(), plotting.errors(compared.total)
    error = np.hypot(statistical, compared.systematic[inside])
    least = ROUNDING * float(np.abs(total).sum())
    systematic = [compared.systematic_of_all] if compared.systematic_of_all > least else []
    said = "stat., syst." if np.any(compared.systematic > least) else "stat."
    label = f"sum ({said}): {amount(*_yield(compared.total), *systematic)}"
    look = {"facecolor": "none", "edgecolor": GREY, "hatch": "/////", "linewidth": 0}
    hatched = axes.stairs(total + error, edges, baseline=total - error, fill=True, label=label, **look)
    values = compared.data.values()
    low, high = (limit[inside] for limit in compared.limits)
    errors, seen = np.array([values - low, high - values]), values > 0
    label = f"{labels['data']}: {counted(_yield(compared.data)[0])}"
    points = axes.errorbar(centres[seen], values[seen], errors[:, seen], label=label, **DATA)
    known = total > 0
    base = np.where(known, total, 1.0)
    for band, alpha in ((error, 0.25), (statistical, 0.4)):
        width = np.where(known, band / base, 0.0)
        look = {"facecolor": GREY, "alpha": alpha, "linewidth": 0}
        ratio.stairs(1 + width, edges, baseline=1 - width, fill=True, **look)
    ratio.axhline(1.0, color=GREY, linewidth=1)
    seen &= known
    ratio.errorbar(centres[seen], (values / base)[seen], (errors / base)[:, seen], **DATA)
    beyond = seen & (values / base > HIGHEST)
    ratio.scatter(centres[beyond], np.full(beyond.sum(), 0.95 * HIGHEST), marker="^", color="black", s=22, zorder=6)
    top = max(float(np.max(total + error)), float(np.max(high[values > 0], initial=0.0)))
    if log:
        axes.set_yscale("log")
        axes.set_ylim(plotting.log_floor([total, low]), 2 * top)
    else:
        axes.set_ylim(min(0.0, float(np.min(total))), 1.1 * top)
    ratio.set(ylim=(0, HIGHEST), ylabel="Data / sum", xlim=(edges[0], edges[-1]))
    axes.set_ylabel(settings.rows[0].upper() + settings.rows[1:])
    return [points, *reversed(filled), hatched]


def labels_of(settings: AgainstData) -> dict[str, str]:
    """Return how the samples are called, and under "data" all that are data together."""
    labels = {one.name: plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.samples}
    return {**labels, "data": labels[settings.recorded[0]] if len(settings.recorded) == 1 else "Data"}


def stacking(settings: AgainstData, compared: Comparison) -> list[str]:
    """Return the samples from below: the smallest yield first, signal last."""
    signal = {one.name for one in settings.samples if one.class_name == "signal"}
    return sorted(compared.simulation, key=lambda name: (name in signal, _yield(compared.simulation[name])[0], name))


def _yield(filled: Any) -> tuple[float, float]:
    from snakeroot.evaluate.comparison import yield_of

    return yield_of(filled)


def counted(amount: float) -> str:
    """Return the number of events of data, whole if it is."""
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:.4g}"


def amount(value: float, *errors: float) -> str:
    """Return "95.2 ± 0.4", with the decimals that the first error above zero deserves."""
    first = next((error for error in errors if error > 0), 1.0)
    decimals = next((digits for digits in range(4) if first * 10**digits >= 0.95), 4)
    return " ± ".join(f"{one:,.{decimals}f}" for one in (value, *errors)).replace("-", "−")


def notes(compared: Comparison, settings: AgainstData, copies: int, unknown: Mapping[str, float]) -> list[str]:
    """Return what is said above: the test, what the simulation is scaled to, what is left out or outside.

    Args:
        copies: rows of data that are left out, as their event has been counted.
        unknown: yields of rows without a value, in the overflow, of each sample and of data, which is "".
    """
    lines = ["too few events for a $\\chi^2$"]
    if test := compared.test():
        p = f"{test.p:.2f}" if test.p >= 0.01 else f"{test.p:.0e}"
        lines = [f"$\\chi^2$/ndf = {test.chi2:.1f} / {test.ndf} (stat.), p = {p}".replace("-", "−")]
    if settings.scaled_to == "data":
        scale = "cannot be scaled to the data" if compared.scale is None else "scaled to the data"
        lines.append(f"simulation {scale}" + (f" (× {compared.scale:.3g})" if compared.scale else ""))
    if copies:
        lines.append(f"{copies:,} {'copy' if copies == 1 else 'copies'} of recorded {settings.rows} left out")
    shown = {*settings.recorded, *settings.stacked}
    others = [one.label for one in settings.samples if one.name not in shown]
    empty = [one.label for one in settings.samples if one.name in {*settings.stacked} - set(compared.simulation)]
    lines += [f"without {', '.join(others)}: no cross-section"] if others else []
    lines += [f"without {', '.join(empty)}: no {settings.rows}"] if empty else []
    shares = {"below": [0.0, 0.0], "above": [0.0, 0.0], "missing": [0.0, 0.0]}
    of_sum = sum(unknown.get(name, 0.0) for name in compared.simulation)
    for place, (filled, missing) in enumerate(((compared.total, of_sum), (compared.data, unknown.get("", 0.0)))):
        view: Any = filled.view(flow=True)
        if positive(float(view["value"].sum()), float(view["variance"].sum()) ** 0.5):
            parts = (view["value"][0], view["value"][-1] - missing, missing)
            for name, part in zip(shares, parts, strict=True):
                shares[name][place] = float(part / view["value"].sum())
    return [*lines, *filter(None, [plotting.not_shown(shares)])]
