"""Signal against background."""

from __future__ import annotations

from dataclasses import replace

from snakeroot.evaluate.reported._metric import Metric

DECISIVE = "auc"
GREATER = True

MEANING = (
    "Accuracy, loss, Brier score and calibration error are for equal totals of the classes. Rejection is 1 / "
    "background efficiency at 50 % and 80 % signal efficiency; where no background passes, it is a lower limit at "
    "68 % (∞: its weights cancel). Significance is the Asimov significance of the expected yields at the best cut of "
    "the validation split, with the relative uncertainty of the background that the task states "
    "(background_uncertainty; none by default)."
)

AUC = Metric("AUC", low=0, high=1, unweighted=True)
REJECTION = Metric("Rejection at 50 %", ".3g", low=1, infinite=True)

METRICS = {
    "auc": AUC,
    "accuracy": Metric("Accuracy", low=0, high=1),
    "loss": Metric("Loss", low=0),
    "brier": Metric("Brier score", low=0, high=1),
    "ece": Metric("Calibration error", low=0, high=1),
    "rejection_at_50": REJECTION,
    "rejection_at_80": replace(REJECTION, title="Rejection at 80 %"),
    "significance": Metric("Significance", ".4g"),
}
