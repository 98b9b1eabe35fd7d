"""What a score of signal against background means: cuts with their efficiencies, and how well it is a probability."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from snakeroot.card.tables import Table
from snakeroot.evaluate import performance, predictions
from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.predictions import Predictions

EFFICIENCIES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
"""Of the signal."""

BINS = 10
"""Of the score, each as wide."""


def read(path: Path, model: str) -> Predictions:
    """Return the combined predictions of the test split."""
    return predictions.read(path, "test", model)


def working_points(known: Predictions) -> Table:
    """Return the cut on the score at some signal efficiencies, and what of the background passes it.

    The error of an efficiency is that of the weights that pass, √Σw², as of the background's share. Where no event
    passes, it is the limit at 68 % that so many events of background allow.
    """
    ranking = performance.Ranking(known.target, known.predicted)
    curve, error = ranking.curve(known.weight), ranking.background_error(known.weight)
    rows = []
    for wanted in EFFICIENCIES:
        place = int(np.argmax(curve.signal_efficiency >= wanted))
        passing, entries = curve.background_efficiency[place], int(curve.background_entries[place])
        cells = [f"{curve.cut[place]:.6f}", f"{curve.signal_efficiency[place]:.4f}"]
        if entries and passing > 0:
            cells += [f"{passing:.3g} ± {error[place] / curve.background[-1]:.2g}", f"{1 / passing:.4g}"]
        elif entries:
            cells += [f"{passing:.3g}", "∞"]  # weights of both signs
        else:
            limit = performance.unseen(known.target, known.weight)
            cells += [f"< {1 / limit:.2g}", f"> {limit:.3g}"]
        rows.append([f"{wanted:.0%}", *cells, str(entries)])
    head = ["Wanted", "Cut: score ≥", "Signal efficiency", "Background efficiency", "Rejection", "Background events"]
    return Table(
        "Working points",
        "Of the test split, of the mean over the replicas. Limits, where no event passes, are at 68 %.",
        head,
        rows,
    )


def calibration(known: Predictions) -> Table:
    """Return how far the score is from the probability of signal, for equal totals of the classes.

    The expected calibration error is Σ_b w_b |s_b - p_b|, over bins b of the score with mean score s_b and share of
    signal p_b (Naeini, Cooper, Hauskrecht, AAAI 2015); the Brier score is the mean of (score - target)².
    """
    weight = equal_classes(known.target, known.weight)
    place = np.clip((known.predicted * BINS).astype(int), 0, BINS - 1)
    parts = (np.ones_like(weight), known.predicted, known.target)
    total, score, signal = (np.bincount(place, weight * part, BINS) for part in parts)
    error = float(np.abs(score - signal).sum())
    brier = float((weight * (known.predicted - known.target) ** 2).sum())
    filled = np.flatnonzero(total > 0)
    means = [[f"{part[low] / total[low]:.4f}" for part in (score, signal)] for low in filled]
    rows = [[f"{low / BINS:.1f} to {(low + 1) / BINS:.1f}", *both] for low, both in zip(filled, means, strict=True)]
    text = (
        f"Expected calibration error {error:.4f}, Brier score {brier:.4f}, of the test split for equal totals of the "
        "classes: the score is a probability for these totals alone."
    )
    return Table("Calibration", text, ["Score", "Mean score", "Share of signal"], rows)
