"""What a user writes of a discriminant."""

from __future__ import annotations

from pydantic import Field, field_validator

from snakeroot.settings import Name, Settings

ROUNDING = 1e-6
"""By how much the sum of fractions may miss 1."""


class Discriminant(Settings):
    """One class against a mixture of others, by the scores of a model."""

    signal: Name = Field(description="the class that is to be found")
    fractions: dict[Name, float] = Field(
        min_length=1,
        description="shares of other classes in the background, which add up to 1; of a single one it is 1",
    )

    @field_validator("fractions")
    @classmethod
    def _shares(cls, fractions: dict[str, float]) -> dict[str, float]:
        for name, share in fractions.items():
            if not 0 < share <= 1:
                raise ValueError(f"the fraction of {name!r} is {share:g}, not above 0 and up to 1")
        if abs(sum(fractions.values()) - 1) > ROUNDING:
            raise ValueError(f"the fractions add up to {sum(fractions.values()):.6g}, not to 1")
        return fractions
