"""What the predict stage may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.settings import Settings


class PredictSettings(Settings):
    """One network and one split; the network's own facts are in its files."""

    event_id: list[str] = Field(min_length=1, description="branches that together identify an event")
    threads: int = Field(1, gt=0, le=256, description="CPU threads")
