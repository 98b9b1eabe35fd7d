"""What a user writes under `tuning:` of a model, and what the commands of the stage may know."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from snakeroot.errors import hint, shown
from snakeroot.networks.metrics import METRICS, maximised
from snakeroot.settings import Mistake, Settings, raise_all
from snakeroot.train.settings import TrainSettings
from snakeroot.tune.allocation import PRUNINGS, Confirmation, Origin, Start, SuccessiveHalving
from snakeroot.tune.samplers import SAMPLERS, NamedSampler
from snakeroot.tune.space import Parameter, order

if TYPE_CHECKING:
    Objective = str
else:
    Objective = Literal[(*METRICS.names(), "parameters")]
"""A validation value of a training's best epoch, or its number of parameters; never anything of the test split."""


def direction(objective: Objective) -> Literal["minimize", "maximize"]:
    """Return what is best of an objective, in Optuna's words."""
    return "maximize" if objective != "parameters" and maximised(objective) else "minimize"


class Tuning(Settings):
    """A search for better settings: rounds of trials that run in parallel."""

    sampler: NamedSampler = Field(
        default_factory=lambda: SAMPLERS.load("gp").Sampler(),
        description="how points are chosen, a file in workflow/snakeroot/tune/samplers: "
        "`gp`, or `{name: gp, startup_trials: 8}`",
    )
    rounds: int | None = Field(None, ge=1, le=1000, description="rounds of trials, 6 by default; a grid has its own")
    trials_per_round: int = Field(4, ge=1, le=1000, description="trials that are proposed, and may run, at once")
    trials_per_job: int = Field(
        1, ge=1, le=1000, description="trials of a round that one job trains in a row: many short ones start sooner"
    )
    schedule: Literal["rounds", "sliding"] = Field(
        "rounds", description="rounds wait for their slowest trial; sliding: each trial waits for all but the last few"
    )
    objective: list[Objective] = Field(
        ["loss"], min_length=1, description="what is to be best; several: a Pareto front"
    )
    pruning: SuccessiveHalving | None = Field(
        None, description="how bad trials are stopped early: a mapping, or its name alone; by default none is"
    )
    confirm: Confirmation | None = Field(
        None,
        description="the best trials are trained again with other seeds, and the best of them on average is taken: "
        "`{trials: 3, seeds: 3}`, or how many trials alone",
    )
    start: Start | None = Field(
        None,
        description="a finished search whose best points are tried first: `<task>/<model>`, or a mapping "
        "([how](tuning.md#starting-from-another-search))",
    )
    training: dict[str, Any] = Field({}, description="settings of training of the trials alone, as fewer epochs")
    space: dict[str, Parameter] = Field(min_length=1, description="setting of the model: where it is searched")

    @classmethod
    def _instead_of(cls, key: str, known: list[str]) -> str:
        able = [name for name in SAMPLERS.names() if key in set(SAMPLERS.load(name).Sampler.model_fields) - {"name"}]
        if able:
            return f"an option of {' and '.join(able)}: write it there, as in sampler: {{name: {able[0]}, {key}: 8}}"
        return super()._instead_of(key, known)

    @field_validator("objective", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("start", mode="before")
    @classmethod
    def _search(cls, value: Any) -> Any:
        return {"search": value} if isinstance(value, str) else value

    @field_validator("confirm", mode="before")
    @classmethod
    def _how_many(cls, value: Any) -> Any:
        return {"trials": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("pruning", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if value is None or isinstance(value, Settings):
            return value
        given = {"name": value} if isinstance(value, str) else value
        if not isinstance(given, dict) or "name" not in given:
            raise ValueError(
                f"write a name, or a mapping with one, as in {{name: successive_halving}}. {hint('', PRUNINGS)}"
            )
        if given["name"] not in PRUNINGS:
            raise ValueError(f"no pruning {given['name']!r}: {hint(str(given['name']), PRUNINGS)}")
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        raise_all(self._mistakes())
        return self

    def _mistakes(self) -> Iterator[Mistake]:
        yield from self._of_space()
        if hasattr(module := SAMPLERS.load(self.sampler.name), "check"):
            yield from module.check(self.sampler, self)
        if len(set(self.objective)) < len(self.objective):
            yield Mistake(("objective",), "an objective is listed twice")
        if self.trials_per_job > self.trials_per_round:
            text = f"a round has {self.trials_per_round} trials; more have no place in a job"
            yield Mistake(("trials_per_job",), text)
        if self.trials_per_job > 1 and self.schedule == "sliding":
            text = "trials that slide are jobs of their own: remove trials_per_job, or 'schedule: sliding'"
            yield Mistake(("trials_per_job",), text)
        if self.confirm and self.objective[0] == "parameters":
            yield Mistake(
                ("confirm",), "the number of parameters is the same with any seed; name another objective first"
            )
        if self.confirm and self.confirm.trials > sum(self._rounds):
            text = f"the search has {sum(self._rounds)} trials"
            yield Mistake(("confirm",), f"{text}, of which {self.confirm.trials} cannot be the best")
        yield from self._against_start()
        if self.pruning:
            yield from (Mistake(("pruning",), text) for text in self._against_pruning())

    def _of_space(self) -> Iterator[Mistake]:
        for key, parameter in self.space.items():
            for other, values in parameter.when.items():
                if other not in self.space:
                    text = f"no parameter {other!r}: {hint(other, self.space)}"
                    yield Mistake(("space", key, "when", other), text)
                elif never := [value for value in values if not self.space[other].has(value)]:
                    there = self.space[other].values_near(never[0])
                    yield Mistake(("space", key, "when", other), f"{other!r} is never {shown(never[0])}: {there}")
                elif values and self.space[other].continuous:
                    text = (
                        f"{other!r} may be any number, so hardly ever {shown(values[0])}: give it a 'step' or 'choices'"
                    )
                    yield Mistake(("space", key, "when", other), text)
                if not values:
                    yield Mistake(("space", key, "when", other), f"an empty list: {key!r} would never count")
        unknown = any(other not in self.space for parameter in self.space.values() for other in parameter.when)
        if not unknown and (loop := set(self.space) - set(order(self.space))):
            yield Mistake(("space",), f"{' and '.join(sorted(map(repr, loop)))} depend on each other")

    def _against_start(self) -> Iterator[Mistake]:
        if not self.start:
            return
        if not getattr(SAMPLERS.load(self.sampler.name), "STARTS", True):
            yield Mistake(("start",), f"{self.sampler.name} tries its own points alone: remove 'start'")
        if self.starting > sum(self._rounds):
            text = f"the search has {sum(self._rounds)} trials, of which {self.starting} cannot be the first"
            yield Mistake(("start", "trials"), text)

    @property
    def starting(self) -> int:
        """How many points of another search are tried first."""
        return (self.start.trials or self.trials_per_round) if self.start else 0

    def _against_pruning(self) -> Iterator[str]:
        if self.schedule == "sliding":
            yield "pruning compares the trials of a round; where they slide there is one: remove either"
        if self.trials_per_round < 2:
            yield "pruning compares the trials of a round: trials_per_round must be 2 or more"
        if len(self.objective) > 1:
            yield "pruning ranks trials by one objective; name one, or remove 'pruning'"
        if self.objective == ["parameters"]:
            yield "the number of parameters does not change in a training; name another objective"
        if "training.max_epochs" in self.space:
            yield "pruning compares trials after the same epochs: remove training.max_epochs from the space"

    def trials(self) -> list[int]:
        """Return how many trials each round has; where they slide, each trial is a round."""
        return self._rounds

    @functools.cached_property
    def _rounds(self) -> list[int]:
        size = 1 if self.schedule == "sliding" else self.trials_per_round
        own = getattr(SAMPLERS.load(self.sampler.name), "trials", None)
        total = own(self.space) if own else self.trials_per_round * (self.rounds or 6)
        return [min(size, total - first) for first in range(0, total, size)]

    def jobs(self, number: int) -> dict[str, list[int]]:
        """Return the trials of each job of a round, by the name that they have in paths: "0", or of several "0-3"."""
        trials = list(range(self.trials()[number]))
        jobs = [trials[first : first + self.trials_per_job] for first in range(0, len(trials), self.trials_per_job)]
        return {"-".join(map(str, sorted({job[0], job[-1]}))): job for job in jobs}

    @property
    def lag(self) -> int:
        """How many rounds before it a round knows the results of: the one before, or where they slide, fewer."""
        return self.trials_per_round if self.schedule == "sliding" else 1


class ProposeSettings(Settings):
    """One round of one model."""

    sampler: NamedSampler = Field(description="how points are chosen")
    space: dict[str, Parameter] = Field(description="where to search")
    objective: list[Objective] = Field(description="what is to be best")
    count: int = Field(ge=1, description="trials to propose")
    round: int = Field(ge=0, description="number of the round, from 0")
    trials_per_round: int = Field(ge=1, description="trials of a whole round")
    seed: int = Field(ge=0, lt=2**63, description="seed of the study")
    start: Origin | None = Field(
        None, exclude_if=lambda given: given is None, description="whose best points come first; null: nobody's"
    )


class Promotion(Settings):
    """Which trials of a round go on from a rung."""

    objective: Objective = Field(description="of the best epoch so far, by which they are ranked")
    count: int = Field(ge=1, description="how many go on")


class TrialSettings(Settings):
    """The trials of one job, or one rung of them."""

    trials: list[int] = Field(min_length=1, description="the numbers of the trials in their round, from 0")
    space: dict[str, Parameter] = Field(description="where the proposals are from")
    training: dict[str, Any] = Field(description="settings of training of the trials alone")
    model: TrainSettings = Field(description="the training that the proposal changes, up to the end of this rung")
    promotion: Promotion | None = Field(description="from the rung before to this one; null: there is none before")


class CollectSettings(Settings):
    """One round."""

    round: int = Field(ge=0, description="number of the round, from 0")


class ShortlistSettings(Settings):
    """All rounds of a model."""

    objective: list[Objective] = Field(description="what is to be best")
    count: int = Field(ge=2, description="trials to be trained again")


class BestSettings(Settings):
    """All rounds of a model, and the trainings again of the best trials, if there are any."""

    objective: list[Objective] = Field(description="what is to be best")
    space: dict[str, Parameter] = Field(description="where it was searched")
    name: str = Field(description="of the study, for optuna-dashboard")
