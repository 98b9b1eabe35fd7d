"""The report's table of performance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from snakeroot.evaluate.reported import REPORTED
from snakeroot.evaluate.reported._metric import Metric
from snakeroot.networks.objectives import Kind
from snakeroot.report.summaries import NONE, SPLITS

INFINITE = "∞"


def meaning(kind: Kind) -> str:
    """Return what is said above the table."""
    return str(REPORTED.load(kind).MEANING)


def table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model and split: the metrics, with spreads and 68 % intervals where there are any.

    Below a model of several replicas come the metrics of their ensemble, and below all that of a reference.
    """
    known = REPORTED.load(metrics["kind"]).METRICS
    rows = {
        (name, SPLITS[split]): row(measured[split], known)
        for name, measured in measured(metrics)
        for split in ("test", "validation", "train")
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Split")


def remarks(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return model, split and sentence of each remark on a metric that is out of its range, or has no value."""
    return [
        (name, SPLITS[split].lower(), remark)
        for name, measured in measured(metrics)
        for split in ("test", "validation", "train")
        for remark in measured[split].get("remarks", [])
    ]


def measured(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what the tables have a row for, with its splits: models, their ensembles, and the reference."""
    for name, of_model in metrics["models"].items():
        yield name, of_model
        if "ensemble" in of_model:
            yield f"{name}, ensemble", of_model["ensemble"]
    if "reference" in metrics:
        yield f"{metrics['reference']['column']} (reference)", metrics["reference"]


def row(values: Mapping[str, Any], metrics: Mapping[str, Metric]) -> dict[str, str]:
    """Return the cells of a split by their titles; what a model has not, is missing."""
    cells = {}
    for name, metric in metrics.items():
        if not metric.title or name not in values:
            continue
        if isinstance(values[name], Mapping):
            ends = {end: values[end] for end in _ends(name) if end in values}
            for key in values[name]:
                of_class = {end: value[key] for end, value in ends.items()}
                cells[metric.title.format(key)] = cell(of_class, name, metric)
        else:
            cells[metric.title] = cell(values, name, metric)
        if metric.unweighted:
            unweighted = {key: values["unweighted"][key] for key in _ends(name)[:2] if key in values["unweighted"]}
            cells[f"{metric.title} unweighted"] = cell(unweighted, name, metric)
    return cells


def single(values: Mapping[str, Any], metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Return the numbers of a split by the titles of `row`; what is infinite is so, what has no value is missing."""
    numbers: dict[str, float | None] = {}
    for name, metric in metrics.items():
        if not metric.title or name not in values:
            continue
        found = {metric.title: values[name]}
        if isinstance(values[name], Mapping):
            found = {metric.title.format(key): value for key, value in values[name].items()}
        if metric.unweighted:
            found[f"{metric.title} unweighted"] = values["unweighted"].get(name)
        numbers |= {title: math.inf if value is None and metric.infinite else value for title, value in found.items()}
    return {title: value for title, value in numbers.items() if value is not None}


def _ends(name: str) -> tuple[str, ...]:
    return name, f"{name}_spread", f"{name}_low", f"{name}_high"


def cell(values: Mapping[str, Any], name: str, metric: Metric) -> str:
    """Return "value ± spread [low, high]": the spread of several replicas and the interval where there are any."""
    value, spread, low, high = (values.get(key) for key in _ends(name))
    if value is None and not metric.infinite:
        return NONE
    style = metric.style
    if value is None and low is not None and high is None:
        return f"> {low:{style}}"
    text = INFINITE if value is None else f"{value:{style}}"
    if value is not None and spread is not None:
        text += f" ± {spread:{'.2g' if style.endswith('g') else style}}"
    without = INFINITE if metric.infinite else NONE
    if f"{name}_low" in values:
        text += " [{}, {}]".format(*(without if end is None else f"{end:{style}}" for end in (low, high)))
    return text
