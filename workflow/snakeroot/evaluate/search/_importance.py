"""How much of the objective each parameter accounts for."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import optuna
import sklearn  # noqa: F401 - Optuna's fANOVA is a forest of it: imported here, its version counts in the spec
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import create_trial

from snakeroot.evaluate.search import _trials
from snakeroot.train.point import Scalar
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter, unit

SEED = 0
"""Of the forest, and of values that a grid has not."""


def importance(space: Mapping[str, Parameter], trials: _trials.Trials, objective: Objective) -> dict[str, float]:
    """Return the share of each parameter in the variance of an objective, with sum 1; NaN where it does not vary.

    F. Hutter, H. Hoos, K. Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.
    Failed trials do not count, those that were stopped early do, as for the sampler. Values are cut off where the other
    figures are, or a few that diverged would be all of the variance. Parameters are seen as they were searched: evenly
    in the logarithm if so asked, which Optuna's evaluator would not. One that a trial switches off has some value
    nonetheless, which has no effect: a gap would give it the effect of the switch.
    """
    values = trials.facts.loc[trials.known, objective]
    values = values.clip(*_trials.limits(values.to_numpy(), objective))
    if values.nunique() < 2:
        return dict.fromkeys(space, np.nan)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, source = optuna.create_study(), random.Random(SEED)  # noqa: S311 - not for secrets
    known = {key: distribution(parameter) for key, parameter in space.items()}
    for row, value in values.items():
        point = {key: placed(p, trials.drawn.loc[row, key], source) for key, p in space.items()}
        study.add_trial(create_trial(params=point, distributions=known, value=float(value)))
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=SEED))


def distribution(parameter: Parameter) -> BaseDistribution:
    """Return a parameter in Optuna's terms: numbers by their place between the limits, choices by their number."""
    if parameter.choices is not None:
        return CategoricalDistribution(range(len(parameter.choices)))
    return FloatDistribution(0.0, 1.0)


def placed(parameter: Parameter, value: Scalar | None, source: random.Random) -> Scalar:
    """Return a value as `distribution` has it; one from `source` where a grid has none."""
    scale = _trials.Scale.of(parameter)
    if parameter.choices is None:
        return scale.place(unit(parameter, source.random()) if value is None else value)
    return round(scale.place(source.choice(parameter.choices) if value is None else value) * scale.high)
