"""Two runs side by side, as a page that needs nothing beside it."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from snakeroot.data import paths
from snakeroot.data.files import atomic
from snakeroot.report.illustrations import Illustration, size
from snakeroot.report.page import render
from snakeroot.snapshots import differences
from snakeroot.snapshots.state import State


def write(before: State, after: State, page: Path) -> dict[str, int]:
    """Write the page; return how many metrics differ significantly, figures and files of the config at all."""
    shared = [task for task in after.tasks if task in before.tasks]
    tasks = [_task(before, after, task) for task in shared]
    drawn = _figures(before, after, page)
    changed = differences.texts(before.config, after.config)
    text = render(
        "compare.html",
        Path(__file__).parent,
        before=before,
        after=after,
        tasks=tasks,
        alone={one.name: sorted({*one.tasks} - {*shared}) for one in (before, after)},
        config=changed,
        facts=differences.facts(before.facts(), after.facts()),
        significant=SIGNIFICANT,
        **drawn,
    )
    with atomic(page) as [part]:
        part.write_text(text, encoding="utf-8")
    significant = sum(task["significant"] for task in tasks)
    return {"metrics": significant, "figures": len(drawn["pairs"]), "config": len(changed)}


SIGNIFICANT = f"{differences.SIGNIFICANT:g}"


def _task(before: State, after: State, task: str) -> dict[str, Any]:
    pair = (before, after)
    audits = [state.json(paths.AUDIT, task) for state in pair]
    measured = [state.json(paths.METRICS, task) for state in pair]
    folds = (len(audits[0]["folds"]), len(audits[1]["folds"]))
    compared = differences.metrics(measured[0], measured[1], folds)
    return {
        "name": task,
        "kinds": [one["kind"] for one in measured],
        "metrics": compared,
        "significant": sum(cells[-1].text == "significant" for cells in compared.rows.values()),
        "models": [sorted({*one["models"]} - {*other["models"]}) for one, other in (measured, measured[::-1])],
        "alike": differences.tested_alike(*audits),
        "events": differences.events(*(state.json(paths.NORMALISATION, task) for state in pair)),
    }


def _figures(before: State, after: State, page: Path) -> dict[str, Any]:
    """Return pairs of figures that differ, names of those that do not, and of those that only one has."""
    both = [name for name in after.figures if name in before.figures]
    contents = {name: (before.figures[name].read_bytes(), after.figures[name].read_bytes()) for name in both}
    differing = [name for name in both if contents[name][0] != contents[name][1]]
    pairs = {}
    for name in differing:
        shown = zip((before, after), contents[name], strict=True)
        pairs[name] = [_illustration(state, name, content, page) for state, content in shown]
    return {
        "pairs": pairs,
        "same": [name for name in both if name not in pairs],
        "only": {
            one.name: [name for name in one.figures if name not in other.figures]
            for one, other in ((before, after), (after, before))
        },
    }


def _illustration(state: State, name: str, content: bytes, page: Path) -> Illustration:
    svg = state.figures[name]
    width, height = size(content, svg)
    link = Path(os.path.relpath(svg, page.parent)).as_posix()
    files = paths.beside(link)
    links = {"svg": link, "numbers (CSV)": files["csv"], "PDF": files["pdf"]}
    title = f"{name.removesuffix('.svg').replace('/plots/', ': ')}, {state.name}"
    return Illustration(state.name, title, base64.b64encode(content).decode("ascii"), width, height, links, str(svg))
