"""What the split stage may know."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, StrictInt, StrictStr, Tag, model_validator

from snakeroot.data.names import Role
from snakeroot.settings import Column, Duplicates, Mistake, Name, Settings, raise_all

SPLITS = ("train", "validation", "test")
Split = Literal["train", "validation", "test"]


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Value = StrictBool | StrictInt | StrictStr
Values = Annotated[list[Value], BeforeValidator(_list, json_schema_input_type=Value | list[Value]), Field(min_length=1)]
"""One value of a branch, or several."""


class Fractions(Settings):
    """Shares of the events; a change moves as few of them as it can."""

    train: float = Field(0.6, gt=0, lt=1, description="share of the events to train on")
    validation: float = Field(0.2, gt=0, lt=1, description="share for early stopping and tuning")
    test: float | None = Field(
        None, gt=0, lt=1, description="share that nothing is fitted to, 0.2 by default; with folds it is 1 / folds"
    )
    folds: int = Field(
        1,
        ge=1,
        le=100,
        description="from 2 on: as many networks, each event being in the test split of one of them; train and "
        "validation share the rest in their proportion",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="another seed, another split")

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if self.folds > 1:
            if self.test is not None:
                raise ValueError(f"remove 'test': with folds: {self.folds} it is 1/{self.folds} of the events")
            return self
        total = self.train + self.validation + (0.2 if self.test is None else self.test)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train, validation and test add up to {total:.6g}, not 1")
        return self


class Predefined(Settings):
    """Splits that a branch of the ntuples says."""

    column: str = Field(min_length=1, description="branch that says which split a row is in")
    train: Values = Field(description="its value, or values, of the rows to train on")
    validation: Values = Field(description="of the rows for early stopping and tuning")
    test: Values = Field(description="of the rows that nothing is fitted to")

    @property
    def folds(self) -> int:
        """One: each row is in one split."""
        return 1

    @property
    def numbers(self) -> dict[bool | int | str, int]:
        """The number of the split, by the branch's value."""
        return {value: number for number, split in enumerate(SPLITS) for value in getattr(self, split)}

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        seen: dict[bool | int | str, str] = {}
        repeated = []
        for split in SPLITS:
            for place, value in enumerate(getattr(self, split)):
                if other := seen.get(value):
                    repeated.append(Mistake((split, place), f"{value!r} is of {other} already"))
                seen[value] = split
        raise_all(repeated)
        return self


AnySplit = Annotated[
    Annotated[Fractions, Tag("~fractions")] | Annotated[Predefined, Tag("~column")],
    Discriminator(
        lambda value: (
            "~column"
            if isinstance(value, Predefined) or (isinstance(value, dict) and "column" in value)
            else "~fractions"
        )
    ),
]


def carried(name: str) -> str:
    """Return the column in which features of signal have a parameter that an expression gives."""
    return f"parameter_{name}"


class Drawn(Settings):
    """Physics parameters of events that have none: drawn from the signal's points."""

    points: list[list[float]] = Field(min_length=1, description="the values of all parameters, by point")
    seed: int = Field(ge=0, lt=2**63, description="of the hash of an event's identity that decides on its point")


class Parameters(Settings):
    """Columns that the split stage adds, as they are no branches of all samples."""

    names: list[Column] = Field(min_length=1, description="of the columns")
    given: dict[Column, float | list[float]] = Field(
        {}, description="of signal: the value, or those that the column of features may have"
    )
    drawn: Drawn | None = Field(None, description="of any other sample, which has none given")


class SplitSettings(Settings):
    """One part of one sample, for one fold."""

    parameters: Parameters | None = Field(
        None, exclude_if=lambda given: given is None, description="physics parameters, if the task has any"
    )

    fractions: AnySplit
    whole: Split | None = Field(
        None,
        exclude_if=lambda whole: whole is None,
        description="split that the whole part is in, whatever the fractions",
    )
    fold: int = Field(ge=0, description="number of the fold, from 0")
    group: list[str] = Field(
        min_length=1, description="branches of event_id whose equal values keep rows together: all, or the task's group"
    )


class AuditSettings(Settings):
    """All parts of a task, in all folds."""

    folds: int = Field(ge=1, description="number of folds; files are given fold by fold")
    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")
    group: list[str] = Field([], description="those of them that keep rows together; empty: all")
    objects: bool = Field(False, description="whether the rows are objects, of which an event has several")
    classes: dict[Name, str | None] = Field(description="sample: its class")
    duplicates: Duplicates = Field("error", description="what to do with many rows of one event_id that differ")
    branches: dict[str, str] = Field({}, description="column: the branch that it holds, to tell events apart by")
    features: list[Column] = Field([], description="columns of numbers that are learned from, to look for traps in")
    named: dict[Column, Role] = Field({}, description="those of them that are an id or a weight")
    compared: list[Name] = Field([], description="classes that a feature alone may tell from the others; none without")
    predefined: bool = Field(
        False, exclude_if=lambda predefined: not predefined, description="whether a branch or the files say the splits"
    )
