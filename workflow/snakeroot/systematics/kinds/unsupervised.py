"""No target: how well rows are described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from snakeroot.systematics.quantity import Quantity, Weighed, mean
from snakeroot.systematics.settings import SystematicsSettings


def quantities(rows: Weighed, settings: SystematicsSettings, known: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the mean error, over the replicas."""
    del settings, known
    yield Quantity("error", "Error", *mean(rows.predicted, rows.weight), ".4g", relative=True)
