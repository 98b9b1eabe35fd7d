"""What the metrics of some kinds need besides predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """Files that are there only where they are needed.

    Attributes:
        features: of all samples and parts.
        scalings: of each fold.
    """

    features: Sequence[Path] = ()
    scalings: Sequence[Path] = ()
