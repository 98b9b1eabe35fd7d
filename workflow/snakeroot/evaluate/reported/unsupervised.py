"""No target."""

from __future__ import annotations

from snakeroot.evaluate.reported._metric import Metric

DECISIVE = ""
GREATER = False

MEANING = (
    "The error is what the model minimises. Explained variance is 1 − error / mean square of the scaled inputs. The "
    "silhouette (from −1 to 1) says how clear the clusters are or, without clusters, how clear the samples are in the "
    "coordinates. Adjusted Rand index and purity say how far clusters agree with samples, for equal totals of these. "
    "Coordinates of two networks have nothing in common, so there is no ensemble."
)

METRICS = {
    "error": Metric("Error"),
    "explained_variance": Metric("Explained variance", high=1, by_weights="the inputs' mean square is not above 0"),
    "silhouette": Metric("Silhouette", by_rows="all rows are in one group, or each is one"),
    "adjusted_rand": Metric(
        "Adjusted Rand index",
        low=-1,
        high=1,
        by_weights="the weights of a sample, or of all pairs of rows, do not add up to more than 0",
    ),
    "purity": Metric("Purity", low=0, high=1, by_weights="the weights of a sample do not add up to more than 0"),
}
