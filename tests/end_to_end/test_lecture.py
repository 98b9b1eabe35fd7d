"""The notebook of the lecture's exercises: its cells run, from top to bottom, as a student has them run."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from projects import REPOSITORY

NOTEBOOK = REPOSITORY / "docs/lecture.ipynb"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_is_kept_without_outputs() -> None:
    """So a change of it is a change of its text, and no picture swells the history."""
    cells = [cell for cell in read().cells if cell.cell_type == "code"]
    assert cells
    assert [(cell.execution_count, cell.outputs) for cell in cells] == [(None, [])] * len(cells)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each cell with code says, after all have run; figures are "<Image>".

    A minute of the CPU's: 24 jobs, each of which imports what it needs, and six starts of the command.
    """
    notebook = read()
    folder = tmp_path_factory.mktemp("lecture")
    package = str(REPOSITORY / "workflow")  # of this checkout, whichever is installed
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # Jupyter has its own
    environment |= {"PYTHONPATH": package, "TMPDIR": str(folder)}
    client = NotebookClient(notebook, timeout=600, kernel_name="python3")
    client.create_kernel_manager()
    client.km.kernel_spec.argv[0] = sys.executable
    client.execute(env=environment, cwd=str(folder))
    return ["".join(map(text, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"]


def text(output: Any) -> str:
    return output.text if output.output_type == "stream" else "<Image>" if "image/png" in output.data else ""


def test_every_exercise_shows_what_its_text_speaks_of(said: list[str]) -> None:
    """The area by hand is that of the metrics; 150 of 750 events of a class are to train on, about."""
    _, events, checked, first, split, roc, learning, search, label = said
    assert events == "<Image>"
    assert "0 mistakes, 2 warnings" in checked
    assert "Done: 14 jobs" in first
    assert first.count("<Image>") == 3
    assert "events in two splits: 0" in split
    train = re.search(r"train \{'vbf': (\d+), 'zz': (\d+)\}", split)
    assert train
    assert [int(count) for count in train.groups()] == pytest.approx([150, 150], abs=40)
    area = re.search(r"AUC by hand: ([\d.]+); in metrics.json: ([\d.]+)", roc)
    assert area
    assert float(area[1]) == pytest.approx(float(area[2]), abs=1e-4)
    assert float(area[1]) > 0.85
    assert learning.count("<Image>") == 2
    assert "train        3" in learning
    losses = [float(loss) for loss in re.findall(r"validation loss ([\d.]+)", search)]
    assert len(losses) == 4
    assert "2 jobs would run" in label
    assert "train" not in label
