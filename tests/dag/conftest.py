"""One project for all of the table, to Snakemake a finished one; each edit is made on a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import projects
import pytest


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tasks `first` (two models, two background files) and `second` (one model, one feature, systematics of rows
    and of weights, templates with one more of a yield): nothing is left to do.
    """
    net = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2}}
    first = projects.task(
        selection="(x > -9) & (y > -9)", models={"small": net, "large": {**net, "hidden": [8], "inputs": ["x"]}}
    )
    second = projects.task(features={"z": "z"})
    second["samples"]["bkg"]["files"] = ["ntuples/bkg_0.root"]
    second["systematics"] = {
        "shifted": {"up": {"features": {"z": "1.1 * z"}}},
        "weighted": {"up": {"weight": "1 + 0.1 * z"}},
    }
    second["templates"] = {
        "regions": {"all": {"observable": "score", "binning": [0, 0.5, 1]}},
        "systematics": {"scaled": {"samples": ["bkg"], "normalisation": 0.1}},
    }
    folder = projects.create(tmp_path_factory.mktemp("dag") / "finished", {"first": first, "second": second})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=90_000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=1000)
    projects.ntuple(folder / "ntuples/bkg_1.root", signal=False, events=1000, first=1000)
    projects.finish(folder)
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, under another path and with all times kept."""
    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
