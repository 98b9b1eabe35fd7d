"""Task files as text, loaded from the current folder."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from snakeroot import plan
from snakeroot.config.project import Project
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.catalogue import figures

TASK = """
kind: binary
tree: HZZ4LeptonsAnalysisReduced
luminosity: 2.0
samples:
  vbf: {class: signal, generate: {process: vbf_h4mu, events: 250, events_per_part: 100}}
  zz: {class: background, files: [data/*.root], cross_section: 2.0, generated: 100}
event_id: [run, event]
selection: (m > 0) & (n > 1)
features: {mass: m / 1000, ht: sum(pt)}
spectators: [n]
models:
  mlp: {architecture: mlp, inputs: [ht, mass], hidden: [3], training: {learning_rate: 1e-3}}
evaluation: {axes: {mass: {unit: GeV}}}
"""


def load(*texts: str, **config: Any) -> Project:
    """Load tasks task0, task1, … of these texts, in tasks/."""
    names = [f"task{number}" for number in range(len(texts))]
    Path("tasks").mkdir(exist_ok=True)
    for name, text in zip(names, texts, strict=True):
        Path(f"tasks/{name}.yaml").write_text(text, encoding="utf-8")
    return plan.load({"tasks": names, "task_folder": "tasks"} | config)


def refused(says: str, *texts: str, **config: Any) -> None:
    """The tasks are refused with a line that matches."""
    with pytest.raises(SnakerootError) as error:
        load(*texts, **config)
    assert re.search(says, str(error.value), re.MULTILINE), error.value


def edited(keys: str, value: Any, text: str = TASK) -> str:
    """Return the task with the value at keys "a.b.c" set; None deletes it."""
    task = yaml.safe_load(text)
    *above, last = keys.split(".")
    place = task
    for key in above:
        place = place[key]
    place[last] = copy.deepcopy(value)
    if value is None:
        del place[last]
    return yaml.safe_dump(task, sort_keys=False)


def settings(spec: str) -> Any:
    """Return the settings in a spec."""
    return json.loads(spec)["settings"]


def drawn(project: Project, name: str, task: str, subject: str = "") -> str:
    """Return the spec of a figure."""
    return plan.figures.figure(project, figures()[name], task, subject)
