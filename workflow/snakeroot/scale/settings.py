"""What the scale stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.settings import Column, Settings


class ScaleSettings(Settings):
    """One task."""

    features: list[Column] = Field(min_length=1, description="columns to scale")
