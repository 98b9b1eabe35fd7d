"""Several classes."""

from __future__ import annotations

from snakeroot.evaluate.reported._metric import Metric

DECISIVE = "auc_macro"
GREATER = True

MEANING = (
    "All is for equal totals of the classes. The AUC of a class is that against an even mixture of all others; the "
    "macro AUC is the mean over the classes. Accuracy is of the likeliest class."
)

METRICS = {
    "auc_macro": Metric("Macro AUC", low=0, high=1),
    "auc": Metric("AUC of {}", low=0, high=1),
    "accuracy": Metric("Accuracy", low=0, high=1, unweighted=True),
    "loss": Metric("Loss", low=0),
    "confusion": Metric("", low=0, high=1),
}
