"""`python -m snakeroot.evaluate.search.importance`: how much of the objective each parameter accounts for."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import numpy as np
import optuna
import pandas as pd
import sklearn  # noqa: F401 - Optuna's fANOVA is a forest of it: imported here, its version counts in the spec
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.search import trials
from snakeroot.evaluate.search.settings import Search
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter, Scalar, unit

SEED = 0
"""Of the forest, and of values that a grid has not."""
LEGEND = 0.7
"""Inches below the bars for the legend."""


def make(
    settings: Search,
    history: Annotated[Path, "all trials (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the importance of each parameter for each objective, by fANOVA."""
    stem = plotting.stem(figure)
    found = trials.read(history, settings)
    shares = {objective: importance(settings, found, objective) for objective in settings.objective}
    table = pd.DataFrame(shares, index=list(settings.space)).rename_axis("parameter")
    # the most important last, as the bars are stacked from below
    table = table.sort_values(settings.objective[0], ascending=False, kind="stable", na_position="last")
    with plotting.style():
        drawn = draw(settings, table)
    plotting.save(drawn, stem, table.reset_index())


def importance(settings: Search, found: trials.Trials, objective: Objective) -> dict[str, float]:
    """Return the share of each parameter in the variance of an objective, with sum 1; NaN where it does not vary.

    F. Hutter, H. Hoos, K. Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.
    Failed trials do not count, those that were stopped early do, as for the sampler. Values are cut off where the other
    figures are, or a few that diverged would be all of the variance. Parameters are seen as they were searched: evenly
    in the logarithm if so asked, which Optuna's evaluator would not. One that a trial switches off has some value
    nonetheless, which has no effect: a gap would give it the effect of the switch.
    """
    values = found.facts.loc[found.known, objective]
    values = values.clip(*trials.limits(values.to_numpy(), objective))
    if values.nunique() < 2:
        return dict.fromkeys(settings.space, np.nan)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, source = optuna.create_study(), random.Random(SEED)  # noqa: S311 - not for secrets
    known = {key: distribution(parameter) for key, parameter in settings.space.items()}
    for row, value in values.items():
        point = {key: placed(p, found.drawn.loc[row, key], source) for key, p in settings.space.items()}
        study.add_trial(create_trial(params=point, distributions=known, value=float(value)))
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=SEED))


def distribution(parameter: Parameter) -> BaseDistribution:
    """Return a parameter in Optuna's terms: numbers by their place between the limits, choices by their number."""
    if parameter.choices is not None:
        return CategoricalDistribution(range(len(parameter.choices)))
    return FloatDistribution(0.0, 1.0)


def placed(parameter: Parameter, value: Scalar | None, source: random.Random) -> Scalar:
    """Return a value as `distribution` has it; one from `source` where a grid has none."""
    scale = trials.Scale.of(parameter)
    if parameter.choices is None:
        return scale.place(unit(parameter, source.random()) if value is None else value)
    return round(scale.place(source.choice(parameter.choices) if value is None else value) * scale.high)


def draw(settings: Search, table: pd.DataFrame) -> Figure:
    """Return the figure: a bar for each row and, within it, each column of the table."""
    row = 0.25 * (1 + len(settings.objective))  # inches
    size = (plotting.WIDTH, 1.1 + LEGEND + row * len(table))
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    thick = 0.75 / len(settings.objective)
    for number, objective in enumerate(settings.objective):
        places = np.arange(len(table)) + thick * (number - (len(settings.objective) - 1) / 2)
        shares = table[objective].fillna(0.0)
        axes.barh(places, shares, 0.92 * thick, color=plotting.LINES[number], label=trials.NAMES[objective])
        for place, share in zip(places, table[objective], strict=True):
            text = "unknown" if np.isnan(share) else f"{share:.2f}"
            axes.annotate(text, (np.nan_to_num(share), place), (4, 0), textcoords="offset points", va="center", size=11)
    axes.set_yticks(range(len(table)), map(trials.label, table.index))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", which="both", length=0)
    axes.set(
        xlabel="Share of the objective's variance (fANOVA)",
        xlim=(0, 1.15),
        ylim=(len(table) - 0.4 + LEGEND / row, -0.6),
    )
    axes.legend(loc="lower center", ncols=len(settings.objective), title=trials.title(settings))
    return figure


if __name__ == "__main__":
    main(make)
