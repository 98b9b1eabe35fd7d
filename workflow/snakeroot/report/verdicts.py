"""What may be wrong with a task, as verdicts: pure functions of its metrics, its audit and its cut flows.

A verdict names its evidence, the place in the page where it can be seen. What was not measured has no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from snakeroot.evaluate.reported import REPORTED
from snakeroot.report.summaries import SPLITS, count

State = Literal["good", "doubtful", "bad"]
WORSE: tuple[State, ...] = ("good", "doubtful", "bad")
"""From the best to the worst."""

OVERTRAINED: Mapping[str, State] = {"none": "good", "suspected": "doubtful", "clear": "bad"}
MISCALIBRATED = (0.02, 0.1)
"""Expected calibration error, or distance of a coverage from what it should be, whose interval lies above it: doubtful,
and bad. A score that is off by 0.02 moves a cut by less than a bin of the figures; one that is off by 0.1 is no
probability."""
NEGATIVE = 0.1
"""Share of negative weights above which they are doubtful: errors are those of a sample (1 - 2 × 0.1)² as large."""


@dataclass(frozen=True)
class Verdict:
    """An answer to "is anything wrong?".

    Attributes:
        name: what was looked at.
        state: how it stands.
        text: what was found, as a clause without its full stop.
        evidence: the part of the task's section where it can be seen: "splits".
    """

    name: str
    state: State
    text: str
    evidence: str


def verdicts(
    metrics: Mapping[str, Any],
    audit: Mapping[str, Any],
    parts: Sequence[Mapping[str, Any]],
    rows: str = "events",
    ancestries: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> list[Verdict]:
    """Return all verdicts on a task, the worst first, from its metrics, the audit of its split and its cut flows.

    Args:
        ancestries: by model: the audit of what it begins with, if it begins with anything.
    """
    found = [
        leaks(audit),
        ancestors(ancestries or {}),
        suspicious(audit),
        overtraining(metrics["models"]),
        calibration(metrics["models"]),
        coverage(metrics["models"]),
        finite(metrics, parts),
        weights(metrics, parts),
        numbers(metrics, audit, rows),
    ]
    known = [verdict for verdict in found if verdict]
    return sorted(known, key=lambda verdict: -WORSE.index(verdict.state))


def leaks(audit: Mapping[str, Any]) -> Verdict:
    """Return whether an event is in two splits."""
    overlap = audit["overlap"]
    text = f"{'no event is' if not overlap else f'{count(overlap)} events are'} in two splits"
    copies = sum(audit["duplicates"]["within"].values()) + audit["duplicates"]["across_samples"]
    if copies:
        text += f"; {count(copies)} copies share the split of their event"
    return Verdict("Leaks", "bad" if overlap else "good", text, "splits")


def ancestors(ancestries: Mapping[str, Sequence[Mapping[str, Any]]]) -> Verdict | None:
    """Return whether models begin with something that has learned from their test events."""
    worst: dict[str, int | None] = {}
    for model, audits in ancestries.items():
        found = [one["shared"] for audit in audits for fold in audit["folds"] for one in fold["ancestors"]]
        if found:
            worst[model] = max((number for number in found if number), default=None if None in found else 0)
    if not worst:
        return None
    if leaking := {model: number for model, number in worst.items() if number}:
        told = _listed(f"{model} ({count(number)})" for model, number in leaking.items())
        return Verdict("Ancestors", "bad", f"test events have trained what a model begins with: {told}", "cards")
    if unknown := [model for model, number in worst.items() if number is None]:
        text = f"whether test events have trained what it begins with is not known: {_listed(unknown)}"
        return Verdict("Ancestors", "doubtful", text, "cards")
    return Verdict("Ancestors", "good", "no test event has trained what a model begins with", "cards")


def suspicious(audit: Mapping[str, Any]) -> Verdict:
    """Return whether inputs are what they seem: ids, weights, sentinels, or the class itself."""
    found = {kind: audit["traps"][kind] for kind in ("named", "separating", "sentinels")}
    names = sorted({name for of_kind in found.values() for name in of_kind})
    if not names:
        return Verdict("Traps", "good", "no input gives the class away or holds a sentinel", "warnings")
    state: State = "bad" if found["named"] or found["separating"] else "doubtful"
    what = "an id, a weight or the class itself" if state == "bad" else "values that stand for nothing"
    return Verdict("Traps", state, f"{what} may be among the inputs: {_listed(names)}", "warnings")


def overtraining(models: Mapping[str, Any]) -> Verdict | None:
    """Return whether a model knows its training events better than others."""
    measured = {name: one["overtraining"] for name, one in models.items() if one.get("overtraining")}
    if not measured:
        return None
    states = {name: OVERTRAINED[one["verdict"]] for name, one in measured.items()}
    state, names = _worst(states)
    if state == "good":
        return Verdict("Overtraining", state, "train and test agree for every model", "overtraining")
    what = "clear" if state == "bad" else "suspected"
    return Verdict("Overtraining", state, f"{what} for {_listed(map(_gap(measured), names))}", "overtraining")


def _gap(measured: Mapping[str, Any]) -> Any:
    def told(name: str) -> str:
        area = measured[name].get("auc") or {}
        return name if area.get("difference") is None else f"{name} (AUC {area['difference']:+.4f} on train)"

    return told


def calibration(models: Mapping[str, Any]) -> Verdict | None:
    """Return whether scores are probabilities: the expected calibration error on the test split, by its interval."""
    tested = {name: one.get("ensemble", one)["test"] for name, one in models.items()}
    errors = {name: test for name, test in tested.items() if test.get("ece") is not None}
    if not errors:
        return None
    states: dict[str, State] = {}
    for name, test in errors.items():
        least = test["ece"] if test.get("ece_low") is None else test["ece_low"]
        states[name] = WORSE[sum(least > limit for limit in MISCALIBRATED)]
    state, names = _worst(states)
    if state == "good":
        most = max(test["ece"] for test in errors.values())
        return Verdict("Calibration", state, f"scores are probabilities within {100 * most:.2g} %", "calibration")
    told = _listed(f"{name} ({100 * errors[name]['ece']:.2g} %)" for name in names)
    return Verdict("Calibration", state, f"scores are off on average: {told}", "calibration")


def coverage(models: Mapping[str, Any]) -> Verdict | None:
    """Return whether stated uncertainties are true: how far the interval of the coverage is from what it should be."""
    tested = {name: one.get("ensemble", one)["test"] for name, one in models.items()}
    stated = {name: test for name, test in tested.items() if test.get("coverage") is not None}
    if not stated:
        return None
    states: dict[str, State] = {}
    for name, test in stated.items():
        ends = (test.get("coverage_low"), test.get("coverage_high"))
        low, high = (test["coverage"] if end is None else end for end in ends)
        least = max(low - test["nominal_coverage"], test["nominal_coverage"] - high)
        states[name] = WORSE[sum(least > limit for limit in MISCALIBRATED)]
    state, names = _worst(states)
    told = _listed(
        f"{name} ({100 * stated[name]['coverage']:.3g} % of the {100 * stated[name]['nominal_coverage']:.3g} %)"
        for name in names
    )
    text = "intervals cover what they say" if state == "good" else "intervals do not cover what they say"
    return Verdict("Uncertainty", state, f"{text}: {told}", "coverage")


def finite(metrics: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> Verdict:
    """Return whether an input, a weight or a metric is not a number."""
    columns: dict[str, int] = {}
    for part in parts:
        for name, number in part.get("non_finite", {}).items():
            columns[name] = columns.get(name, 0) + number
    columns = {name: number for name, number in columns.items() if number}
    without = sorted({f"{metric} of {model}" for model, metric in _without_value(metrics)})
    if without:
        return Verdict("Not a number", "bad", f"no value: {_listed(without)}", "models")
    if columns:
        told = _listed(f"{name} ({count(number)})" for name, number in sorted(columns.items()))
        return Verdict("Not a number", "doubtful", f"inputs that are not finite: {told}", "cut-flow")
    return Verdict("Not a number", "good", "inputs, weights and metrics are finite", "cut-flow")


def weights(metrics: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> Verdict:
    """Return whether weights are negative, and whether a metric leaves its range by them."""
    negative = read = 0
    for part in parts:
        negative += part.get("negative_weights", 0)
        read += part["steps"][-1]["entries"]
    beyond = sorted({model for model, remark in _remarks(metrics) if "not in" in remark})
    if beyond:
        text = f"metrics of {_listed(beyond)} leave their range"
        return Verdict("Weights", "bad", text, "performance")
    if not negative:
        return Verdict("Weights", "good", "none is negative", "cut-flow")
    share = negative / max(read, negative)
    state: State = "doubtful" if share > NEGATIVE else "good"
    return Verdict("Weights", state, f"{count(negative)} are negative ({100 * share:.2g} %)", "cut-flow")


def numbers(metrics: Mapping[str, Any], audit: Mapping[str, Any], rows: str) -> Verdict:
    """Return whether there are enough events to train on, and enough in the test split for what is measured on it."""
    if few := audit["traps"]["few"]:
        told = _listed(f"{name} ({count(number)})" for name, number in few.items())
        return Verdict("Statistics", "doubtful", f"few {rows} to train on: {told}", "splits")
    known = REPORTED.load(metrics["kind"]).METRICS
    unbounded = sorted(
        {
            known[name].title
            for model in metrics["models"].values()
            for name in known
            if known[name].infinite and name in model["test"] and model["test"].get(f"{name}_high") is None
        }
    )
    if unbounded:
        text = f"too few test {rows} to bound {_listed(title[0].lower() + title[1:] for title in unbounded)}"
        return Verdict("Statistics", "doubtful", text, "models")
    return Verdict("Statistics", "good", f"every metric has its interval on the test {rows}", "models")


def _without_value(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for model, remark in _remarks(metrics):
        if "has no value" in remark:
            yield model, remark.split(" ", 1)[0]


def _remarks(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, one in metrics["models"].items():
        for split in SPLITS:
            yield from ((name, remark) for remark in one[split].get("remarks", []))


def _worst(states: Mapping[str, State]) -> tuple[State, list[str]]:
    """Return the worst state, and whose it is."""
    state = max(states.values(), key=WORSE.index)
    return state, [name for name, one in states.items() if one == state]


def _listed(names: Iterable[str], most: int = 3) -> str:
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + rest
