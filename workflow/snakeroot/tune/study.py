"""A study of Optuna's, rebuilt in memory from the finished trials, and asked for the next ones."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler
from optuna.trial import TrialState, create_trial

from snakeroot.train.point import Scalar
from snakeroot.tune.settings import Objective, direction
from snakeroot.tune.space import Parameter

Json = Any


@dataclass(frozen=True)
class Problem:
    """What a sampler may know.

    Attributes:
        space: where to search; all parameters always have a value, whether or not they count.
        objective: what is to be best.
        trials: finished trials in the order of their numbers, as the histories have them.
        pending: proposals after them, whose results are not known.
        count: points wanted.
        round: number of the round, from 0.
        two_rounds: trials of two rounds, which samplers take to learn from by default.
        seed: of the study.
    """

    space: Mapping[str, Parameter]
    objective: Sequence[Objective]
    trials: Sequence[Mapping[str, Json]]
    pending: Sequence[Mapping[str, Json]]
    count: int
    round: int
    two_rounds: int
    seed: int

    @property
    def first(self) -> int:
        """The number of the first trial that is proposed."""
        return len(self.trials) + len(self.pending)

    def seed_of(self, *words: object) -> int:
        """Return a seed of 32 bits for one purpose."""
        text = "\0".join(map(str, (self.seed, *words)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])

    @property
    def told(self) -> list[list[float]]:
        """The values of each finished trial. Of one that failed: the worst there are, so that its like is avoided.

        Of one that was stopped early: those of its best epoch so far, as if it were complete.
        """
        signs = [1 if direction(name) == "minimize" else -1 for name in self.objective]
        known = [[t["metrics"][name] for name in self.objective] for t in self.trials if t["state"] != "fail"]
        worst = [
            sign * max((sign * value for value in values), default=0.0)
            for sign, values in zip(signs, zip(*known, strict=True), strict=False)
        ]
        worst = worst or [0.0] * len(signs)
        return [worst if t["state"] == "fail" else [t["metrics"][name] for name in self.objective] for t in self.trials]


@dataclass(frozen=True)
class Proposal:
    """A point, and what a sampler wants to find in the trial's record again."""

    point: dict[str, Scalar]
    attributes: dict[str, Json]


def distributions(space: Mapping[str, Parameter]) -> dict[str, BaseDistribution]:
    """Return the space in Optuna's terms."""
    converted: dict[str, BaseDistribution] = {}
    for key, parameter in space.items():
        if parameter.choices is not None:
            converted[key] = CategoricalDistribution(parameter.choices)
        elif parameter.integer is not None:
            low, high = map(int, parameter.limits)
            converted[key] = IntDistribution(low, high, log=parameter.log, step=int(parameter.step or 1))
        else:
            converted[key] = FloatDistribution(*parameter.limits, log=parameter.log, step=parameter.step)
    return converted


def rebuilt(problem: Problem, sampler: BaseSampler) -> optuna.Study:
    """Return a study with all finished trials, told in the order of their numbers, and those that are under way."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(directions=[direction(name) for name in problem.objective], sampler=sampler)
    known = distributions(problem.space)
    for trial, values in zip(problem.trials, problem.told, strict=True):
        study.add_trial(
            create_trial(
                params=dict(trial["point"]), distributions=known, values=values, system_attrs=dict(trial["attributes"])
            )
        )
    for proposal in problem.pending:
        study.add_trial(
            create_trial(
                state=TrialState.RUNNING,
                params=dict(proposal["point"]),
                distributions=known,
                system_attrs=dict(proposal["attributes"]),
            )
        )
    return study


def ask(study: optuna.Study, problem: Problem) -> list[Proposal]:
    """Ask for as many points as are wanted; those that are asked for together know of each other."""
    known, proposals = distributions(problem.space), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        for _ in range(problem.count):
            trial = study.ask(known)
            point = {key: problem.space[key].fitting(value) for key, value in trial.params.items()}
            attributes = study.trials[trial.number].system_attrs
            proposals.append(Proposal(point, {key: value for key, value in attributes.items() if _plain(value)}))
    return proposals


def _plain(value: object) -> bool:
    return isinstance(value, int | str) or (isinstance(value, float) and math.isfinite(value))
