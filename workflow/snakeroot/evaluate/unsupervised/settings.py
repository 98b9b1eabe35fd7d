"""Settings of the figures of what is learned without a target."""

from __future__ import annotations

from pydantic import Field

from snakeroot.evaluate.settings import Figure, Labelled, Sample


class Described(Figure):
    """Of the figures in `snakeroot.evaluate.unsupervised`."""

    model: Labelled
    samples: list[Sample]
    seed: int = Field(ge=0, description="seed of the choice of rows shown as points")
