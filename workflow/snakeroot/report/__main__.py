"""`python -m snakeroot.report`: results/report.html."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from snakeroot.data.files import atomic, read_json
from snakeroot.jobs.command import main
from snakeroot.report import captions as rst
from snakeroot.report import fits, performance, summaries
from snakeroot.report.settings import FigureEntry, ReportSettings, Section
from snakeroot.tune.results import judged


def make(
    settings: ReportSettings,
    *,
    metrics: Annotated[list[Path], "metrics, one file per task (JSON)"],
    audits: Annotated[list[Path], "audits of the split, one file per task (JSON)"],
    normalisations: Annotated[list[Path], "factors from weights to yields, one file per task (JSON)"],
    cut_flows: Annotated[list[Path], "cut flows, one file per part, task by task (JSON)"],
    trials: Annotated[list[Path], "all trials of each search, task by task (JSON)"],
    best: Annotated[list[Path], "best trial of each search, task by task (JSON)"],
    templates: Annotated[list[Path], "yields of the templates of each model, task by task (JSON)"],
    fit_results: Annotated[list[Path], "what their fits expect, task by task (JSON)"],
    cards: Annotated[list[Path], "cards of the models, task by task (JSON)"],
    figures: Annotated[list[Path], "figures, task by task, then those of no task (SVG)"],
    captions: Annotated[list[Path], "captions, named after the kinds of figures (RST)"],
    report: Annotated[Path, "the report, to be written (HTML)"],
) -> None:
    """Write one page with the cut flows, splits, metrics and figures of all tasks."""
    texts = {path.stem: rst.render(path) for path in captions}
    filled, fitted = map(read_json, templates), map(read_json, fit_results)
    images, flows, of_models = iter(figures), iter(cut_flows), iter(cards)
    outcomes = ((read_json(history)["trials"], read_json(chosen)) for history, chosen in zip(trials, best, strict=True))
    sections = [
        describe(
            section,
            metrics=read_json(measured),
            audit=read_json(audit),
            normalisation=read_json(normalisation),
            parts=[read_json(next(flows)) for _ in range(section.parts)],
            searches=[next(outcomes) for _ in section.searches],
            templates={model: next(filled) for model in section.templates},
            worth={model: next(fitted) for model in section.templates},
            cards=[read_json(next(of_models)) for _ in range(section.cards)],
            figures=list(illustrate(section.figures, images, texts)),
        )
        for section, measured, audit, normalisation in zip(
            settings.sections, metrics, audits, normalisations, strict=True
        )
    ]
    general = list(illustrate(settings.figures, images, texts))
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, loader=FileSystemLoader(Path(__file__).parent)
    )
    page = environment.get_template("template.html").render(title=settings.title, sections=sections, figures=general)
    with atomic(report) as [part]:
        part.write_text(page, encoding="utf-8")


def describe(
    section: Section,
    *,
    metrics: dict[str, Any],
    audit: dict[str, Any],
    normalisation: dict[str, Any],
    parts: list[dict[str, Any]],
    searches: list[tuple[list[dict[str, Any]], dict[str, Any]]],
    templates: dict[str, dict[str, Any]],
    worth: dict[str, dict[str, Any]],
    cards: list[dict[str, Any]],
    figures: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return what the template shows of one task."""
    searched = {
        entry.model: (entry, judged(trials, entry.objective), best)
        for entry, (trials, best) in zip(section.searches, searches, strict=True)
    }
    classes = {sample.name: sample.class_name for sample in section.samples}
    labelled = section.kind in ("binary", "multiclass")
    absent = summaries.missing(list(classes), parts, normalisation)
    return {
        "task": section.task,
        "warnings": summaries.warnings(parts, audit),
        "luminosity": normalisation["luminosity"],
        "rows": section.rows,
        "samples": summaries.html(summaries.samples(classes, normalisation, labelled=labelled, called=section.rows)),
        "cut_flow": summaries.html(summaries.cut_flow(list(classes), parts, normalisation)),
        "missing": summaries.html(absent) if absent is not None else None,
        "splits": summaries.html(summaries.splits(list(classes), audit, normalisation)),
        "leakage": summaries.leakage(audit),
        "models": summaries.html(summaries.models(metrics)),
        "performance": summaries.html(performance.table(metrics)),
        "remarks": performance.remarks(metrics),
        "meaning": performance.meaning(section.kind),
        "ensembles": any("ensemble" in facts for facts in metrics["models"].values()),
        "searches": summaries.html(summaries.searches(searched)) if searched else None,
        "timelines": [(entry.model, path) for entry in section.searches for path in entry.timelines],
        "failures": [
            failure for name, (_, trials, _) in searched.items() for failure in summaries.failures(name, trials)
        ],
        "templates": summaries.html(fits.yields(templates)) if templates else None,
        "template_remarks": fits.remarks(templates),
        "worth": summaries.html(fits.worth(worth)) if worth else None,
        "fitted": any(known["expected"] for known in worth.values()),
        "cards": cards,
        "figures": figures,
    }


def illustrate(
    entries: Sequence[FigureEntry], images: Iterator[Path], captions: dict[str, Markup]
) -> Iterator[dict[str, Any]]:
    """Yield heading, image and caption of each figure; takes as many images as there are entries."""
    for entry in entries:
        heading = f"{entry.title}: {entry.subject}" if entry.subject else entry.title
        image = base64.b64encode(next(images).read_bytes()).decode("ascii")
        yield {"heading": heading, "image": image, "caption": captions[entry.kind]}


if __name__ == "__main__":
    main(make)
