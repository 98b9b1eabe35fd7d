"""The report's tables: pandas frames of text that is ready to be read, made from the stages' JSON files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from snakeroot.data import traps
from snakeroot.features import precision
from snakeroot.report.settings import SearchEntry

SPLITS = {"train": "Train", "validation": "Validation", "test": "Test"}
NONE = "–"
BY_ENTRY = (
    "events are identified by file and entry (event_id: entry): they change their splits if a file is renamed, moved, "
    "sorted or skimmed again, and copies of an event in other places are not known as such, so they may leak"
)


def samples(
    classes: Mapping[str, str | None], normalisation: Mapping[str, Any], *, labelled: bool, called: str
) -> pd.DataFrame:
    """Return one row per sample: class, if `labelled`, cross-section, events generated, read and selected, and
    the expected yield.

    Args:
        called: what its rows are: "events".
    """
    rows = {}
    for name, class_name in classes.items():
        facts = normalisation["samples"][name]
        rows[name] = {
            **({"Class": class_name or "none, scored"} if labelled else {}),
            "Cross-section [pb]": number(facts["cross_section_pb"]),
            "Generated": count(facts["generated"]),
            "Read": count(facts["read"]),
            "Selected": count(facts["written"]),
            f"Expected {called}": number(facts["weight"] * facts["factor"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Sample")


def cut_flow(
    names: Sequence[str], parts: Iterable[Mapping[str, Any]], normalisation: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row per step: entries and expected events that are left of each sample, summed over its parts."""
    entries: dict[str, dict[str, int]] = {}
    weights: dict[str, dict[str, float]] = {}
    order: list[str] = []
    for part in parts:
        order = merged(order, [step["step"] for step in part["steps"]])
        sample, factor = part["sample"], normalisation["samples"][part["sample"]]["factor"]
        for step in part["steps"]:
            name = step["step"]
            at, left = entries.setdefault(name, {}), weights.setdefault(name, {})
            at[sample] = at.get(sample, 0) + step["entries"]
            left[sample] = left.get(sample, 0.0) + step["weight"] * factor
    columns = {}
    for sample in names:
        columns[sample, "Entries"] = [count(entries[step].get(sample)) for step in order]
        columns[sample, "Expected"] = [number(weights[step].get(sample)) for step in order]
    return pd.DataFrame(columns, index=order).rename_axis(columns=[None, "Step"])


def merged(order: Sequence[str], steps: Sequence[str]) -> list[str]:
    """Return the steps in both, each new one right before the next that is known, as a sample's own cuts come first."""
    joined, place = list(order), len(order)
    for step in reversed(steps):
        if step in order:
            place = joined.index(step)
        else:
            joined.insert(place, step)
    return joined


def missing(
    names: Sequence[str], parts: Iterable[Mapping[str, Any]], normalisation: Mapping[str, Any]
) -> pd.DataFrame | None:
    """Return one row per feature that is missing anywhere: in how many rows of each sample, and their share.

    Of an image, a sequence or a tree it is how many of its objects are. None if nothing is missing.
    """
    counts: dict[str, Counter[str]] = {}
    for part in parts:
        for column, number in part.get("missing", {}).items():
            counts.setdefault(column, Counter())[part["sample"]] += number
    if not counts:
        return None
    columns = {}
    for name in names:
        written = normalisation["samples"][name]["written"]
        columns[name, "Missing"] = [count(counts[column][name]) for column in counts]
        columns[name, "Per row"] = [decimals(counts[column][name] / written) for column in counts]
    return pd.DataFrame(columns, index=list(counts)).sort_index().rename_axis(columns=[None, "Input"])


def warnings(parts: Iterable[Mapping[str, Any]], audit: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know before anything else: what is not read, traps, and what columns lost."""
    rounded: Counter[str] = Counter()
    inexact: Counter[str] = Counter()
    limited: dict[str, list[float]] = {}
    by_entry = False
    for part in parts:
        rounded.update(part["rounded"])
        inexact.update(part.get("inexact", {}))
        by_entry |= part.get("event_id") == "entry"
        read = part["steps"][0]["entries"]
        there = limited.setdefault(part["sample"], [0.0, 0.0])
        there[0], there[1] = there[0] + read, there[1] + read / part.get("share", 1.0)
    notes = [
        f"only {count(read)} of {count(there)} entries of {sample} are read (limit); their weights stand for all"
        for sample, (read, there) in limited.items()
        if read < there
    ]
    notes += [BY_ENTRY] if by_entry else []
    lost = precision.remarks(dict(sorted(rounded.items())), dict(sorted(inexact.items())))
    return [*notes, *traps.remarks(audit["traps"]), *lost]


def splits(names: Sequence[str], audit: Mapping[str, Any], normalisation: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per sample that is split, of each fold: entries and expected events in each split."""
    factors = {name: facts["factor"] for name, facts in normalisation["samples"].items()}
    rows: dict[Any, dict[tuple[str, str], str]] = {}
    for place, fold in enumerate(audit["folds"]):
        for name in [name for name in names if name in fold["train"]]:
            row = rows.setdefault((f"fold {place}", name) if len(audit["folds"]) > 1 else name, {})
            for split, title in SPLITS.items():
                row[title, "Entries"] = count(fold[split][name]["entries"])
                row[title, "Expected"] = number(fold[split][name]["weight"] * factors[name])
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns=[None, "Sample"])


def leakage(audit: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return what the audit counted of events, duplicates, overlap and groups, each with its name."""
    return [
        ("events", audit["events"]),
        ("of these in a test split", audit["tested"]),
        ("events in two splits", audit["overlap"]),
        *_flat("duplicates", audit["duplicates"]),
        *((key.replace("_", " "), audit[key]) for key in ("groups", "largest_group") if key in audit),
    ]


def _flat(name: str, value: Any) -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name} {key.replace('_', ' ')}", inner)
    else:
        yield name, value


def models(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per model: its size and its training, means over its networks."""
    keys = {"networks": "Networks", "parameters": "Parameters", "epochs": "Epochs", "best_epoch": "Best epoch"}
    rows = {
        name: {title: number(facts[key]) for key, title in keys.items()} for name, facts in metrics["models"].items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(columns="Model")


def searches(
    by_model: Mapping[str, tuple[SearchEntry, Sequence[Mapping[str, Any]], Mapping[str, Any]]],
) -> pd.DataFrame:
    """Return one column per search, from its entry, trials and best trial: what it tried, what came out, with which
    metrics of the validation split and settings.
    """
    columns = {}
    for model, (entry, trials, best) in by_model.items():
        metrics = best["metrics"]
        columns[model] = {
            "Sampler": entry.sampler,
            "Objective": ", ".join(entry.objective),
            "Rounds": count(1 + max(trial["round"] for trial in trials)),
            "Trials": count(len(trials)),
            "Failed": count(best["failed"]),
            "Stopped early": count(best["pruned"]),
            "On the Pareto front": count(len(best["front"])) if len(entry.objective) > 1 else NONE,
            "With other seeds": "; ".join(map(_again, best["confirmation"])) or NONE,
            "Best trial": str(best["trial"]),
            **{title: decimals(metrics[name]) for name, title in entry.metrics.items() if name in metrics},
            "Parameters": count(metrics["parameters"]),
            **{key: value if isinstance(value, str) else setting(value) for key, value in best["point"].items()},
        }
    return pd.DataFrame(columns).rename_axis(columns="Search")


def _again(confirmed: Mapping[str, Any]) -> str:
    """What a trial that was trained again reached: mean and number of these trainings."""
    failed = f", {confirmed['failed']} failed" if confirmed["failed"] else ""
    return f"trial {confirmed['trial']}: {decimals(confirmed['mean'])} (of {len(confirmed['values'])}{failed})"


def decimals(value: float | None) -> str:
    """Return a number with four decimals."""
    return NONE if value is None else f"{value:.4f}"


def setting(value: float | bool) -> str:
    """Return a number with four significant digits, a whole one with all; true and false as they are written."""
    return f"{value:.4g}" if isinstance(value, float) else str(value).lower()


def failures(model: str, trials: Iterable[Mapping[str, Any]]) -> list[tuple[str, int, str]]:
    """Return model, number of trials and reason of the failed trials of a search, the most frequent reason first."""
    reasons = Counter(trial["reason"] for trial in trials if trial["state"] == "fail")
    return [(model, number, reason) for reason, number in reasons.most_common()]


def count(value: float | None) -> str:
    """Return a whole number with its thousands apart."""
    return NONE if value is None else f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def number(value: float | None) -> str:
    """Return a number with four significant digits, or whole from 1000 on."""
    if value is None:
        return NONE
    return count(value) if abs(value) >= 1000 else f"{value:.4g}"
