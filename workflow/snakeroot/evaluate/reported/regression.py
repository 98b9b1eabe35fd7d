"""A number."""

from __future__ import annotations

from snakeroot.evaluate.reported._metric import Metric

DECISIVE = "resolution"
GREATER = False

MEANING = (
    "A residual is prediction − target (relative: divided by the target). Bias is its mean, resolution half of its "
    "central 68 % interval; r² is the share of the target's variance that is explained. Of models that state an "
    "uncertainty, coverage is the share of targets within the stated interval of about 68 %, and sharpness half of its "
    "mean width; a pull is (prediction − target) / σ; NLL is the mean negative logarithm of the stated density, the "
    "pinball loss the mean of the quantiles' losses. Of several replicas, the ensemble's σ is that of their mixture, "
    "and its quantiles are the means of theirs."
)

METRICS = {
    "resolution": Metric("Resolution", ".4g"),
    "bias": Metric("Bias", ".4g"),
    "rmse": Metric("RMSE", ".4g", by_weights="the mean square is negative"),
    "mae": Metric("MAE", ".4g", low=0),
    "r2": Metric("r²", ".4g", high=1, by_weights="the targets' variance is not above 0"),
    "coverage": Metric("Coverage", low=0, high=1),
    "nominal_coverage": Metric("Coverage, stated"),
    "sharpness": Metric("Sharpness", ".4g", low=0),
    "pull_mean": Metric("Mean pull", ".3f"),
    "pull_width": Metric("Width of pulls", ".3f", low=0, by_weights="the pulls' variance is negative"),
    "nll": Metric("NLL", ".4g"),
    "pinball": Metric("Pinball loss", ".4g", low=0),
}
