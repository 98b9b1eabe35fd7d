"""The two schedulers, booted once each; and what is the same on a laptop."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import projects
import pytest
from cluster import htcondor
from cluster.farm import Farm
from cluster.htcondor import Pool
from cluster.slurm import Slurm
from cluster.slurm import missing as no_slurm
from snakeroot.data.files import read_json

ASK = {"memory_MB": 2000, "minutes": 5, "disk_MB": 100}
"""Eight in a row still fit into the hour that a partition here allows."""
STAGES = ("features", "split", "scale", "tune", "train", "predict", "evaluate")


def made(name: str) -> Farm:
    """Return a scheduler that can be started here, or skip."""
    # always the same folder: what a run that was killed has left behind is found there, and ended
    folder = Path(tempfile.gettempdir()) / f"snakeroot-{name}"
    if not find_spec(f"snakemake_executor_plugin_{name}"):
        pytest.skip(f"the plugin for {name} is not in this environment: `make test-cluster` makes one that has it")
    if name == "slurm":
        if reason := no_slurm():
            pytest.skip(reason)
        return Slurm(folder)
    installed = Path(os.environ.get("SNAKEROOT_HTCONDOR", "/nonexistent"))
    if reason := htcondor.missing(installed):
        pytest.skip(reason)
    return Pool(installed, folder)


@pytest.fixture(scope="session", params=["slurm", "htcondor"])
def farm(request: pytest.FixtureRequest) -> Iterator[Farm]:
    farm = made(request.param)
    try:
        farm.start()
        yield farm
    finally:
        farm.stop()


@pytest.fixture(autouse=True)
def counted(farm: Farm, request: pytest.FixtureRequest) -> Iterator[None]:
    """Note how many jobs the test had, and what was done again: those that failed, and those the farm started anew."""
    before = {job.id for job in farm.found()}
    yield
    jobs = [job for job in farm.found() if job.id not in before]
    numbers = (len(jobs), sum(job.state == "failed" for job in jobs), sum(job.restarts for job in jobs))
    request.node.user_properties.append(("jobs", numbers))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the numbers of jobs, test by test and in all."""
    reports = [report for of in terminalreporter.stats.values() for report in of if hasattr(report, "user_properties")]
    # the report of a test's end has them
    counts = {report.nodeid: dict(report.user_properties)["jobs"] for report in reports if report.user_properties}
    if not (numbers := {name: count for name, count in counts.items() if count[0]}):
        return
    terminalreporter.section("jobs of the schedulers")
    text = "{:4d} jobs, {:2d} of them failed or were taken away, {:2d} starts again by the scheduler: {}"
    for name, count in numbers.items():
        terminalreporter.line(text.format(*count, name))
    terminalreporter.line(text.format(*map(sum, zip(*numbers.values(), strict=True)), f"{len(numbers)} tests"))


def create(folder: Path, events: int, train: dict[str, object] | None = None, **model: object) -> Path:
    """A project of one network on so many events of each class; `train` says what its training asks for."""
    net = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2}, **model}
    resources = {**dict.fromkeys(STAGES, ASK), **({"train": {**ASK, **train}} if train else {})}
    projects.create(folder, {"first": projects.task(models={"net": net})}, resources=resources)
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=events)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=events)
    return folder


BEFORE = ("results/first/scaling/fold0.json", "results/first/normalisation.json")
NETWORK = "results/first/models/net/fold0-replica0/model.json"
RECORD = "provenance/first/models/net/fold0-replica0/model.json.json"
LOG = "logs/first/models/net/fold0-replica0/model.json.log"


class Training:
    """A training that takes its time, ready to begin, and what it ends with on a laptop."""

    def __init__(self, folder: Path, epochs: int) -> None:
        self.epochs = epochs
        settings = {"max_epochs": epochs, "patience": epochs, "batch_size": 64, "checkpoint_epochs": 1}
        self.ready = create(folder / "ready", 20_000, training=settings)
        projects.run(self.ready, *BEFORE)
        local = self.copy(folder / "local")
        projects.run(local, NETWORK)
        self.bytes = content(local)
        self.seconds = float(read_json(local / RECORD)["training_seconds"])

    def copy(self, folder: Path, **train: object) -> Path:
        """The same, whose training asks for something else."""
        shutil.copytree(self.ready, folder, symlinks=True)
        config = folder / "config/config.yaml"
        projects.write_yaml(config, {"tasks": ["first"], "resources": {"train": {**ASK, **train}}})
        return folder


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """Some 40 s long."""
    return Training(tmp_path_factory.mktemp("training"), 150)


@pytest.fixture(scope="session")
def long_training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """Some three minutes long: beyond a minute, the shortest time limit, on a machine that is less busy too."""
    folder = tmp_path_factory.mktemp("long")
    pace = Training(folder / "pace", 40).seconds / 40
    return Training(folder / "whole", round(180 / pace))


def content(folder: Path) -> dict[str, bytes]:
    """All results."""
    paths = [path for path in (folder / "results").rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
