"""What the export stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.apply.description import Description
from snakeroot.settings import Settings


class ExportSettings(Settings):
    """One model, or one fold of it."""

    description: Description = Field(description="what the file says of itself, but for what the weights say")
    threads: int = Field(1, gt=0, le=256, description="CPU threads")
