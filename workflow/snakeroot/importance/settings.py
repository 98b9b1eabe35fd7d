"""What the importance stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.objectives import Kind
from snakeroot.settings import Settings


class ImportanceSettings(Settings):
    """One model; what it takes is in its files."""

    kind: Kind = Field(description="of the task")
    group: list[str] = Field(min_length=1, description="branches whose equal values keep rows together in resampling")
    rows: int = Field(ge=100, description="rows of the test split, at most")
    repeats: int = Field(ge=2, description="permutations of each input")
    occluded: int = Field(ge=1, description="rows of which parts of sequences and images are taken away, at most")
    seed: int = Field(ge=0, description="seed of all that is drawn by chance")
