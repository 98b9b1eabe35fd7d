"""Weights for which all classes count alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.resampling import Floats


def equal_classes(target: NDArray[np.integer], weight: Floats, classes: int = 2) -> Floats:
    """Return the weights scaled so that all classes have the same total, and together a total of one.

    Loss and accuracy then do not depend on cross-sections: a rare signal counts as much as its background.
    """
    totals = np.array([weight.sum(where=target == number) for number in range(classes)])
    scaled: Floats = weight / (totals * classes)[target]
    return scaled
