"""The answer first: what was learned, on how many events, how good the best model is, and how to get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snakeroot.evaluate.reported import REPORTED
from snakeroot.report.performance import cell, measured
from snakeroot.report.settings import Section
from snakeroot.report.summaries import SPLITS, count, number

SURE = 0.975
"""Probability from which on one model is called better than another: both tails of a normal distribution at 2σ."""

LEARNED = {
    "binary": "signal ({signal}) from background ({background})",
    "multiclass": "{classes} from each other",
    "regression": "{target}",
    "unsupervised": "what events look like, without classes ({samples})",
}


@dataclass(frozen=True)
class Best:
    """The model that is best on validation, and how good it is on test.

    Attributes:
        model: which; or all, if they cannot be ranked.
        metric: title of the metric by which it is best.
        value: on the test split, with its interval.
        against: how it compares with the next; empty if there is none.
    """

    model: str
    metric: str
    value: str
    against: str


def learned(section: Section) -> str:
    """Return what was learned, from how many inputs, by how many models."""
    samples: dict[str, list[str]] = {}
    for sample in section.samples:
        samples.setdefault(sample.class_name or "", []).append(sample.name)
    named = {name: ", ".join(samples.get(name, [])) for name in ("signal", "background")}
    classes = " / ".join(sorted(name for name in samples if name))
    every = ", ".join(sample.name for sample in section.samples)
    what = LEARNED[section.kind].format(**named, classes=classes, target=section.target or "a number", samples=every)
    inputs = _joined(_plural(number, name) for name, number in section.inputs.items())
    verb = "estimated" if section.kind == "regression" else "learned" if section.kind == "unsupervised" else "told"
    by = f", by {_plural(len(section.models), 'model')}" if section.models else ""
    return f"{what[0].upper()}{what[1:]}, {verb} from {inputs}{by}." if inputs else f"{what[0].upper()}{what[1:]}{by}."


def events(section: Section, audit: Mapping[str, Any], normalisation: Mapping[str, Any]) -> str:
    """Return on how many rows it was learned and tested, and what they stand for."""
    totals = {
        split: sum(one["entries"] for fold in audit["folds"] for one in fold[split].values()) for split in SPLITS
    }
    folds = len(audit["folds"])
    written = sum(facts["written"] for facts in normalisation["samples"].values())
    parts = [f"{count(totals[split])} {verb}" for split, verb in (("train", "train"), ("validation", "validate"))]
    told = f"{count(written)} {section.rows} selected: {', '.join(parts)}, {count(totals['test'])} test"
    told += f", in {folds} folds, so that each is tested once" if folds > 1 else ""
    if luminosity := normalisation["luminosity"]:
        expected = sum(facts["weight"] * facts["factor"] for facts in normalisation["samples"].values())
        told += f"; {number(expected)} expected at {luminosity:g} fb⁻¹"
    return f"{told}."


def best(metrics: Mapping[str, Any]) -> Best | None:
    """Return the best model by the metric that decides; nothing is chosen on the test split, so by validation.

    An ensemble is a model of its own here. None where models cannot be ranked: there are several, of a kind of task
    whose metrics mean something else for each architecture.
    """
    reported = REPORTED.load(metrics["kind"])
    models = {name: one for name, one in measured(metrics) if "reference" not in metrics or one != metrics["reference"]}
    name = reported.DECISIVE or next(iter(reported.METRICS))
    if not reported.DECISIVE and len(models) > 1:
        return None
    ranked = _ranked(models, name, reported.GREATER)
    if not ranked:
        return None
    first, metric = ranked[0], reported.METRICS[name]
    against = _against(metrics, ranked, reported.GREATER) if len(ranked) > 1 else ""
    return Best(first, metric.title, cell(models[first]["test"], name, metric), against)


def _ranked(models: Mapping[str, Any], name: str, greater: bool) -> list[str]:
    """Return the models with a value on validation, the best first; of equals the earlier."""
    known = {model: one["validation"].get(name) for model, one in models.items()}
    found = {model: value for model, value in known.items() if value is not None}
    return sorted(found, key=lambda model: -found[model] if greater else found[model])


def _against(metrics: Mapping[str, Any], ranked: Sequence[str], greater: bool) -> str:
    """Return how the best compares with the next, from the paired comparisons on the test split if there are any."""
    first, second = ranked[:2]
    wanted = {name.removesuffix(", ensemble") for name in (first, second)}
    name = REPORTED.load(metrics["kind"]).DECISIVE
    for one in metrics.get("comparisons", []):
        if one["metric"] != name or {one["model"], one["reference"]} != wanted or len(wanted) < 2:
            continue
        return _paired(one, first.removesuffix(", ensemble"), second, greater)
    if len(ranked) > 1 and len(wanted) == 2:
        return f"Next on validation: {second}; whether the difference is more than chance was not measured."
    return f"Next on validation: {second}."


def _paired(one: Mapping[str, Any], first: str, second: str, greater: bool) -> str:
    """Return a paired comparison in words: a difference is positive where the first is better.

    `probability` is that of a positive difference, model minus reference.
    """
    forward = one["model"] == first
    ends = [one["difference"], one["low"], one["high"]]
    if any(value is None for value in ends) or one["probability"] is None:
        return f"Next on validation: {second}; the difference has no value."
    sign = (1 if forward else -1) * (1 if greater else -1)
    middle, *edges = (sign * value for value in ends)
    low, high = sorted(edges)
    probability = one["probability"] if sign > 0 else 1 - one["probability"]
    told = f"by {middle:.2g} [{low:.2g}, {high:.2g}] on the same test events, with probability {probability:.3g}"
    if probability >= SURE:
        return f"Better than the next, {second}, {told}."
    if probability <= 1 - SURE:
        return f"On the test events {second} is better, though it was not on validation ({told})."
    return f"Not significantly better than the next, {second} ({told})."


def _plural(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"


def _joined(words: Iterable[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
