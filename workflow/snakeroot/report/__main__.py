"""`python -m snakeroot.report`: results/report.html."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from snakeroot.data import paths
from snakeroot.data.files import atomic, read_json
from snakeroot.jobs.command import main
from snakeroot.report import captions as rst
from snakeroot.report.illustrations import grouped
from snakeroot.report.page import render
from snakeroot.report.section import Files, described
from snakeroot.report.settings import ReportSettings, Section


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
    systematics: Annotated[list[Path], "what becomes of models under variations, of tasks that have any (JSON)"],
    cards: Annotated[list[Path], "cards of the models, task by task (JSON)"],
    configs: Annotated[list[Path], "task files, one per task (YAML)"],
    figures: Annotated[list[Path], "figures, task by task, then those of no task (SVG)"],
    captions: Annotated[list[Path], "captions, named after the kinds of figures (RST)"],
    report: Annotated[Path, "the report, to be written (HTML)"],
) -> None:
    """Write one page with what was learned, whether anything is wrong, and all tables and figures of all tasks."""
    texts = {path.stem: rst.render(path) for path in captions}
    images, flows, of_models = iter(figures), iter(cut_flows), iter(cards)
    shifted = map(read_json, systematics)
    filled, fitted = map(read_json, templates), map(read_json, fit_results)
    outcomes = ((read_json(history)["trials"], read_json(chosen)) for history, chosen in zip(trials, best, strict=True))

    def files(section: Section, measured: Path, audit: Path, normalisation: Path, config: Path) -> Files:
        return Files(
            metrics=read_json(measured),
            audit=read_json(audit),
            normalisation=read_json(normalisation),
            parts=[read_json(next(flows)) for _ in range(section.parts)],
            searches=[next(outcomes) for _ in section.searches],
            templates={model: next(filled) for model in section.templates},
            worth={model: next(fitted) for model in section.templates},
            systematics=next(shifted) if section.systematics else None,
            cards={model.name: read_json(next(of_models)) for model in section.models},
            config=config,
        )

    each = zip(settings.sections, metrics, audits, normalisations, configs, strict=True)
    sections: list[dict[str, Any]] = []
    for section, measured, *others in each:
        shown = described(section, files(section, measured, *others))
        own = grouped(section.figures, images, texts, report)
        record = f"../{paths.provenance(paths.METRICS.format(task=section.task))}"
        sections.append(shown | {"figures": own, "explained": str(measured), "record": record})
    page = render(
        "report.html",
        title=settings.title,
        version=settings.version,
        seed=settings.seed,
        sections=sections,
        figures=grouped(settings.figures, images, texts, report),
    )
    with atomic(report) as [part]:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(make)
