"""What the predict stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.objectives import Kind
from snakeroot.networks.others import Other
from snakeroot.settings import Column, Settings


class PredictSettings(Settings):
    """One network and one split; the network's own metadata are in its files."""

    kind: Kind = Field(description="what is predicted")
    classes: list[str] = Field(description="names of the classes, by target; none of a regression, …")
    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")
    group: list[str] = Field([], description="those of them whose equal values keep rows together; empty: all")
    parameters: list[Column] = Field(
        [], exclude_if=lambda names: not names, description="physics parameters, which are kept beside predictions"
    )
    points: list[list[float]] = Field(
        [],
        exclude_if=lambda points: not points,
        description="their values, by point: a network that is told them scores each row at each of these, too",
    )
    others: list[Other] = Field(
        [], exclude_if=lambda others: not others, description="what the network has learned beside that"
    )
    threads: int = Field(1, gt=0, le=256, description="CPU threads")
