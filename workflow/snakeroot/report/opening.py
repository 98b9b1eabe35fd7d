"""The answer first: what was learned, on how many events, how good the best model is, and how to get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from snakeroot.evaluate.reported import REPORTED
from snakeroot.report.performance import cell
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
        model: which.
        called: the same, or its ensemble.
        metric: title of the metric by which it is best.
        value: on the test split, with its interval.
        against: how it compares with the next; empty if there is none.
    """

    model: str
    called: str
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
    return f"{what[0].upper()}{what[1:]}, {verb} from {inputs}, by {_plural(len(section.models), 'model')}."


def events(section: Section, audit: Mapping[str, Any], normalisation: Mapping[str, Any]) -> str:
    """Return on how many rows it was learned and tested, how many more were scored, and what they all stand for."""
    folds = audit["folds"]
    counts = {split: sum(one["entries"] for fold in folds for one in fold[split].values()) for split in SPLITS}
    labelled = sum(one["entries"] for split in SPLITS for one in folds[0][split].values())
    written = sum(facts["written"] for facts in normalisation["samples"].values())
    told = f"{count(labelled)} {section.rows}: " + ", ".join(
        f"{count(counts[split])} {verb}"
        for split, verb in (("train", "train"), ("validation", "validate"), ("test", "test"))
    )
    told += f" in {len(folds)} folds" if len(folds) > 1 else ""
    told += f"; {count(written - labelled)} more without a class are scored" if written > labelled else ""
    if luminosity := normalisation["luminosity"]:
        expected = sum(facts["weight"] * facts["factor"] for facts in normalisation["samples"].values())
        told += f"; {number(expected)} expected at {luminosity:g} fb⁻¹ in all"
    return f"{told}."


def best(metrics: Mapping[str, Any]) -> Best | None:
    """Return the best model by the metric that decides; nothing is chosen on the test split, so by validation.

    Of several replicas it is their ensemble that counts. None where models cannot be ranked: there are several, of a
    kind of task whose metrics mean something else for each architecture.
    """
    reported = REPORTED.load(metrics["kind"])
    models = {name: one.get("ensemble", one) for name, one in metrics["models"].items()}
    if not reported.DECISIVE and len(models) > 1:
        return None
    name = reported.DECISIVE or next(iter(reported.METRICS))
    known = {model: one["validation"].get(name) for model, one in models.items()}
    found = {model: value for model, value in known.items() if value is not None}
    ranked = sorted(found, key=lambda model: -found[model] if reported.GREATER else found[model])  # of equals the first
    if not ranked:
        return None
    first, metric = ranked[0], reported.METRICS[name]
    called = f"{first}, ensemble" if "ensemble" in metrics["models"][first] else first
    against = _against(metrics, first, ranked[1], reported) if len(ranked) > 1 else ""
    return Best(first, called, metric.title, cell(models[first]["test"], name, metric), against)


def _against(metrics: Mapping[str, Any], first: str, second: str, reported: Any) -> str:
    """Return how the best compares with the next, by the paired comparison on the test split if there is one."""
    for one in metrics.get("comparisons", []):
        if one["metric"] == reported.DECISIVE and {one["model"], one["reference"]} == {first, second}:
            return _paired(one, first, second, greater=reported.GREATER)
    return f"Next on validation: {second}; whether the difference is more than chance was not measured."


def _paired(one: Mapping[str, Any], first: str, second: str, *, greater: bool) -> str:
    """Return a paired comparison in words, turned so that a positive difference says that the first is better.

    `difference` is model - reference, and `probability` that of the model being better.
    """
    if any(one[key] is None for key in ("difference", "low", "high", "probability")):
        return f"Next on validation: {second}; on the test events the difference has no value."
    forward = one["model"] == first
    sign = (1 if forward else -1) * (1 if greater else -1)
    low, high = sorted(sign * one[key] for key in ("low", "high"))
    probability = one["probability"] if forward else 1 - one["probability"]
    told = f"by {sign * one['difference']:.2g} [{low:.2g}, {high:.2g}] on the same test events"
    if probability >= SURE:
        return f"Better than the next, {second}, {told} (probability {probability:.3g})."
    if probability <= 1 - SURE:
        return f"Yet on the test events the next, {second}, is better: the difference is {told.removeprefix('by ')}."
    return f"Not significantly better than the next, {second}: {told} (probability {probability:.2g})."


def _plural(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"


def _joined(words: Iterable[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last
