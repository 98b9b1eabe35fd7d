"""What the calibrate stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.objectives import Calibration
from snakeroot.settings import Settings


class CalibrateSettings(Settings):
    """One network; its own metadata are in its files."""

    method: Calibration = Field(description="what is fitted")
    threads: int = Field(1, gt=0, le=256, description="CPU threads")
