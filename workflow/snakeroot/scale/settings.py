"""What the scale stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.settings import Settings


class ScaleSettings(Settings):
    """One task."""

    inputs: list[Input] = Field(min_length=1, description="what to scale; the target of a regression among them")
