"""What `snakeroot.predict.combine` may know: apart from what predict may, so that neither makes the other run again."""

from __future__ import annotations

from pydantic import Field

from snakeroot.settings import Settings


class CombineSettings(Settings):
    """All networks of a model."""

    replicas: int = Field(ge=1, description="networks of each fold; files are given fold by fold, replica by replica")
