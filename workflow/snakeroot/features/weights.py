"""Event weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.settings import FeaturesSettings


def apply_policy(
    weight: NDArray[np.float64], settings: FeaturesSettings, flow: CutFlow
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weights after the policy on negative ones, and which rows are kept."""
    negative = weight < 0
    flow.negative_weights += int(negative.sum())
    if settings.negative_weights == "error" and negative.any():
        raise SnakerootError(
            f"the weight ({settings.weight}) is negative in {int(negative.sum())} selected entries: say "
            "'negative_weights: keep', 'absolute' or 'drop' if that is meant"
        )
    if settings.negative_weights == "absolute":
        return np.abs(weight), np.ones(len(weight), dtype=bool)
    return weight, ~negative if settings.negative_weights == "drop" else np.ones(len(weight), dtype=bool)
