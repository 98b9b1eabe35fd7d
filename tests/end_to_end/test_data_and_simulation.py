"""Recorded events of CMS Open Data against simulation, in the inputs and in what a model says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import projects
import pytest
import yaml
from data import real_file

FIGURES = ("data-input-Higgs_mass", "data-input-theta_star", "data-score-mlp")


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures of the task that docs/report.md shows, with its files where they are."""
    page = (projects.REPOSITORY / "docs/report.md").read_text()
    [task] = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "cms8tev" in text]
    for sample in task["samples"].values():
        sample["files"] = [str(real_file(f"real/{Path(file).name}")) for file in sample["files"]]
    folder = projects.create(tmp_path_factory.mktemp("recorded") / "project", {"open-data": task})
    projects.run(folder, *(f"results/open-data/plots/{name}.svg" for name in FIGURES))
    return folder / "results/open-data/plots"


@pytest.mark.parametrize("name", FIGURES)
def test_each_event_counts_once_and_data_agree_with_simulation(plots: Path, name: str) -> None:
    table = pd.read_csv(plots / f"{name}.csv")
    rows = table[table["low"].isna()]
    whole = dict(zip(rows["content"] + " " + rows["sample"].fillna(""), rows["value"], strict=True))
    assert (whole["yield of data "], whole["copies "]) == (90, 52), "142 rows in four files of two trigger streams"
    assert whole["yield of sample higgs"] == pytest.approx(2.9157, abs=1e-3)
    assert whole["yield of sample zz"] == pytest.approx(95.221, abs=1e-2)
    assert whole["yield of sum "] == pytest.approx(98.137, abs=1e-2)
    assert whole["p "] > 1e-3
    assert table["value"][(table["content"] == "data") & table["low"].notna()].sum() == 90
