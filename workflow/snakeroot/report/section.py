"""What the page shows of one task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakeroot.errors import reading
from snakeroot.evaluate.others import KEY, view
from snakeroot.report import fits, opening, performance, summaries, variations
from snakeroot.report.comparison import compared
from snakeroot.report.diagnoses import diagnoses
from snakeroot.report.settings import Section
from snakeroot.report.tables import html
from snakeroot.report.verdicts import verdicts
from snakeroot.tune.results import judged


@dataclass(frozen=True)
class Files:
    """What the files of a task hold.

    Attributes:
        parts: cut flows.
        searches: trials and best trial of each.
        templates, worth: by model: yields, and what the fit expects.
        systematics: what becomes of the numbers of the models, if there are any.
        cards: by model.
        config: path of the task file.
    """

    metrics: dict[str, Any]
    audit: dict[str, Any]
    normalisation: dict[str, Any]
    parts: list[dict[str, Any]]
    searches: list[tuple[list[dict[str, Any]], dict[str, Any]]]
    templates: dict[str, dict[str, Any]]
    worth: dict[str, dict[str, Any]]
    systematics: dict[str, Any] | None
    cards: dict[str, dict[str, Any]]
    config: Path


def described(section: Section, files: Files) -> dict[str, Any]:
    """Return what the template shows of a task, but for its figures."""
    metrics, normalisation = files.metrics, files.normalisation
    best = opening.best(metrics)
    return {
        "task": section.task,
        "rows": section.rows,
        "luminosity": normalisation["luminosity"],
        "learned": opening.learned(section),
        "events": opening.events(section, files.audit, normalisation),
        "best": best,
        "apply": _applied(section, files.cards, best),
        "verdicts": verdicts(
            metrics,
            files.audit,
            files.parts,
            section.rows,
            {model: card["ancestry"] for model, card in files.cards.items()},
        ),
        "warnings": summaries.warnings(files.parts, files.audit),
        "compared": compared(metrics),
        "performance": html(performance.table(metrics)),
        "remarks": performance.remarks(metrics),
        "meaning": performance.meaning(section.kind),
        "others": list(_of_others(metrics)),
        "ensembles": any("ensemble" in facts for facts in metrics["models"].values()),
        "diagnoses": [
            {"name": one.name, "title": one.title, "text": one.text, "html": html(one.table)}
            for one in diagnoses(metrics)
        ],
        "variations": html(variations.table(files.systematics)) if files.systematics else None,
        "cards": list(files.cards.values()),
        "packages": section.packages,
        "config": {"name": str(files.config), "text": _text(files.config)},
        **_of_events(section, files),
        **_of_searches(section, files),
        **_of_templates(files),
    }


def _of_others(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what is said of each target beside the main one that a model learns: a table as the main one has."""
    for name, kind in metrics.get(KEY, {}).items():
        alone = view(metrics, name)
        table, remarks = html(performance.table(alone)), performance.remarks(alone)
        yield {"name": name, "meaning": performance.meaning(kind), "html": table, "remarks": remarks}


def _applied(section: Section, cards: Mapping[str, Mapping[str, Any]], best: opening.Best | None) -> dict[str, Any]:
    """Return the files of the best model, or of the first, and the command that applies it."""
    model = next((one for one in section.models if best and one.name == best.model), section.models[0])
    return {"files": model.exported, "command": cards[model.name]["command"]}


def _of_events(section: Section, files: Files) -> dict[str, Any]:
    parts, audit, normalisation = files.parts, files.audit, files.normalisation
    classes = {sample.name: sample.class_name for sample in section.samples}
    labelled = section.kind in ("binary", "multiclass")
    absent = summaries.missing(list(classes), parts, normalisation)
    return {
        "samples": html(summaries.samples(classes, normalisation, labelled=labelled, called=section.rows)),
        "cut_flow": html(summaries.cut_flow(list(classes), parts, normalisation)),
        "missing": html(absent) if absent is not None else None,
        "splits": html(summaries.splits(list(classes), audit, normalisation)),
        "leakage": summaries.leakage(audit),
    }


def _of_searches(section: Section, files: Files) -> dict[str, Any]:
    searched = {
        entry.model: (entry, judged(trials, entry.objective), best)
        for entry, (trials, best) in zip(section.searches, files.searches, strict=True)
    }
    failures = [failure for name, (_, trials, _) in searched.items() for failure in summaries.failures(name, trials)]
    return {
        "searches": html(summaries.searches(searched)) if searched else None,
        "timelines": [(entry.model, path) for entry in section.searches for path in entry.timelines],
        "failures": failures,
    }


def _of_templates(files: Files) -> dict[str, Any]:
    return {
        "templates": html(fits.yields(files.templates)) if files.templates else None,
        "template_remarks": fits.remarks(files.templates),
        "worth": html(fits.worth(files.worth)) if files.worth else None,
        "fitted": any(known["expected"] for known in files.worth.values()),
    }


def _text(path: Path) -> str:
    """The text of a config file, of which it is known that it can be read."""
    with reading(path):
        return path.read_text(encoding="utf-8")
