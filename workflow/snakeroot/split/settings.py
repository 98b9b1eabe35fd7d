"""What the split stage may know."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from snakeroot.settings import Name, Settings

SPLITS = ("train", "validation", "test")


class Fractions(Settings):
    """Shares of the events; a change moves as few of them as it can."""

    train: float = Field(0.6, gt=0, lt=1, description="share of the events to train on")
    validation: float = Field(0.2, gt=0, lt=1, description="share for early stopping and tuning")
    test: float = Field(0.2, gt=0, lt=1, description="share that nothing is fitted to")
    seed: int = Field(0, ge=0, lt=2**32, description="another seed, another split")

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train, validation and test add up to {total:.6g}, not 1")
        return self


class SplitSettings(Settings):
    """One part of one sample."""

    fractions: Fractions
    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")


class AuditSettings(Settings):
    """All parts of a task."""

    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")
    classes: dict[Name, str | None] = Field(description="sample: its class")
