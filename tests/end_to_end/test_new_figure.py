"""A figure is one module and its caption: all else follows."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import projects

FIGURE = '''"""How many events each class has."""

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask

TITLE, ORDER = "Counted", 45
SUBJECT = "model"
READS = ("test",)


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    width: float = Field(0.8, description="of a bar")


def draw(settings, test):
    """Draw a bar for each class."""
    import pandas as pd

    numbers = pd.DataFrame({"target": [0, 1], "events": [int((test.target == target).sum()) for target in (0, 1)]})
    figure, [axes] = plotting.panels(1, stated=settings)
    axes.bar(numbers["target"], numbers["events"], settings.width)
    return figure, numbers
'''


def test_a_new_figure_is_planned_drawn_and_in_the_report(tmp_path: Path) -> None:
    folder = projects.create(tmp_path / "project", {"first": projects.task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=200)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=300)
    (folder / "workflow/snakeroot/evaluate/binary/events_of_classes.py").write_text(FIGURE)
    (folder / "workflow/report/events-of-classes.rst").write_text("How *many* there are.\n")
    projects.run(folder)
    plots = folder / "results/first/plots"
    assert {path.suffix for path in plots.glob("events-of-classes-net.*")} == {".svg", ".png", ".pdf", ".csv"}
    _, *rows = (plots / "events-of-classes-net.csv").read_text().splitlines()
    background, signal = (int(row.split(",")[1]) for row in rows)
    assert background > signal > 20
    page = (folder / "results/report.html").read_text()
    assert re.findall(r"<h4>(.*)</h4>", page).index("Counted: net") > 0
    assert "How <em>many</em> there are." in page
    assert projects.plan(folder) == Counter()
