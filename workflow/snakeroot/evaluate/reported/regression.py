"""A number."""

from __future__ import annotations

from snakeroot.evaluate.reported._metric import Metric

DECISIVE = "resolution"
GREATER = False

MEANING = (
    "A residual is prediction − target (relative: divided by the target). Bias is its mean, resolution half of its "
    "central 68 % interval; r² is the share of the target's variance that is explained."
)

METRICS = {
    "resolution": Metric("Resolution", ".4g"),
    "bias": Metric("Bias", ".4g"),
    "rmse": Metric("RMSE", ".4g", by_weights="the mean square is negative"),
    "mae": Metric("MAE", ".4g", low=0),
    "r2": Metric("r²", ".4g", high=1, by_weights="the targets' variance is not above 0"),
}
