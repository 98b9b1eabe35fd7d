"""The report's tables of performance: one for each kind of task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from snakeroot.networks.objectives import Kind
from snakeroot.report.summaries import NONE, SPLITS

INFINITE = "∞"

MEANING: dict[Kind, str] = {
    "binary": "Accuracy and loss are for equal totals of the classes. Rejection is 1 / background efficiency at 50 % "
    "and 80 % signal efficiency (∞: no background passes, or its weights cancel). Significance is the Asimov "
    "significance of the expected yields, without systematic uncertainty, at the best cut of the validation split.",
    "multiclass": "All is for equal totals of the classes. The AUC of a class is that against an even mixture of all "
    "others; the macro AUC is the mean over the classes. Accuracy is of the likeliest class.",
    "regression": "A residual is prediction − target (relative: divided by the target). Bias is its mean, resolution "
    "half of its central 68 % interval; r² is the share of the target's variance that is explained.",
    "unsupervised": "The error is what the model minimises. Explained variance is 1 − error / mean square of the "
    "scaled inputs. The silhouette (from −1 to 1) says how clear the clusters are or, without clusters, how clear the "
    "samples are in the coordinates. Adjusted Rand index and purity say how far clusters agree with samples, for equal "
    "totals of these. Coordinates of two networks have nothing in common, so there is no ensemble.",
}
"""What is said above the table."""


def table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model and split: the metrics, with spreads and 68 % intervals where there are any.

    Below a model of several replicas come the metrics of their ensemble, and below all that of a reference.
    """
    row = ROWS[metrics.get("kind", "binary")]
    rows = {
        (name, SPLITS[split]): row(measured[split])
        for name, measured in _measured(metrics)
        for split in ("test", "validation", "train")
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Split")


def remarks(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return model, split and sentence of each remark on a metric that is out of its range, or has no value."""
    return [
        (name, SPLITS[split].lower(), remark)
        for name, measured in _measured(metrics)
        for split in ("test", "validation", "train")
        for remark in measured[split].get("remarks", [])
    ]


def _measured(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, facts in metrics["models"].items():
        yield name, facts
        if "ensemble" in facts:
            yield f"{name}, ensemble", facts["ensemble"]
    if "reference" in metrics:
        yield f"{metrics['reference']['column']} (reference)", metrics["reference"]


def binary(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a split."""
    return {
        "AUC": ranged(found, "auc", ".4f"),
        "AUC unweighted": spread(found["unweighted"], "auc", ".4f"),
        "Accuracy": spread(found, "accuracy", ".4f"),
        "Loss": spread(found, "loss", ".4f"),
        "Rejection at 50 %": ranged(found, "rejection_at_50", ".3g"),
        "Rejection at 80 %": ranged(found, "rejection_at_80", ".3g"),
        "Significance": NONE if found["significance"] is None else spread(found, "significance", ".4g"),
    }


def multiclass(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a split."""
    ends = ("auc", "auc_low", "auc_high", "auc_spread")
    of_class = {name: {end: found[end][name] for end in ends if end in found} for name in found["auc"]}
    return {
        "Macro AUC": ranged(found, "auc_macro", ".4f"),
        **{f"AUC of {name}": ranged(areas, "auc", ".4f") for name, areas in of_class.items()},
        "Accuracy": spread(found, "accuracy", ".4f"),
        "Loss": spread(found, "loss", ".4f"),
        "Accuracy unweighted": spread(found["unweighted"], "accuracy", ".4f"),
    }


def regression(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a split."""
    names = {"resolution": "Resolution", "bias": "Bias", "rmse": "RMSE", "mae": "MAE", "r2": "r²"}
    return {title: ranged(found, name, ".4g") for name, title in names.items()}


def unsupervised(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a split; what a model has not, is missing."""
    names = {
        "error": "Error",
        "explained_variance": "Explained variance",
        "silhouette": "Silhouette",
        "adjusted_rand": "Adjusted Rand index",
        "purity": "Purity",
    }
    return {title: _known(found, name) for name, title in names.items() if name in found}


def _known(found: Mapping[str, Any], name: str) -> str:
    if found[name] is None:
        return NONE
    return ranged(found, name, ".4f") if f"{name}_low" in found else spread(found, name, ".4f")


ROWS: dict[Kind, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "binary": binary,
    "multiclass": multiclass,
    "regression": regression,
    "unsupervised": unsupervised,
}


def spread(found: Mapping[str, Any], key: str, style: str) -> str:
    """Return "value", or "value ± spread" of several replicas; a rejection that is null in the metrics is infinite."""
    value, deviation = found[key], found.get(f"{key}_spread")
    if value is None:
        return _missing(key)
    digits = ".2g" if style.endswith("g") else style
    return f"{value:{style}}" if deviation is None else f"{value:{style}} ± {deviation:{digits}}"


def _missing(key: str) -> str:
    return INFINITE if key.startswith("rejection") else NONE


def ranged(found: Mapping[str, Any], key: str, style: str) -> str:
    """Return "value [low, high]", or "value ± spread [low, high]" of several replicas."""
    ends = (found[f"{key}_{end}"] for end in ("low", "high"))
    low, high = (_missing(key) if end is None else f"{end:{style}}" for end in ends)
    return f"{spread(found, key, style)} [{low}, {high}]"
