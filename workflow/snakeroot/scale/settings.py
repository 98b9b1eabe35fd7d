"""What the scale stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.settings import Column, Settings


class ScaleSettings(Settings):
    """One task."""

    targets: list[Column] = Field(
        [], exclude_if=lambda targets: not targets, description="numbers that are learned beside the main target"
    )
    inputs: list[Input] = Field(min_length=1, description="what to scale; the target of a regression among them")
