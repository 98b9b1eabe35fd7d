"""The default task at a smaller size, from nothing to the report: it is whole, and it is the same bytes every time."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import projects
import pyarrow.parquet as pq
import pytest
import shipped
import starter
import uproot
import yaml

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pythia8mc") is None, reason="pythia8mc is not installed: nothing can be generated"
)


RESULTS = "results/vbf-higgs"
ELSEWHERE = (
    "results/ntuples/plots/generation-mass4l.svg",
    *(f"{RESULTS}/{name}" for name in ("split/audit.json", "plots/input-massjj.svg", "plots/history-mlp.svg")),
    *(f"{RESULTS}/models/{name}" for name in ("trees/model.onnx", "mlp/card.md", "mlp/model.onnx")),
)
"""With what leads there: tables and weights of every stage, metrics, and a figure of each kind of input."""

FROM_THERE = ("results/report.html", f"{RESULTS}/metrics.json")
"""With the figures that are drawn with the metrics, those of a figure for each other job being in the unit tests."""


@pytest.fixture(scope="module", autouse=True)
def _seeds(_forks: None) -> Iterator[None]:
    """Jobs are forks of two processes, whose hashes have other seeds."""
    if not projects.STARTERS:
        yield
        return
    with starter.started("1") as one, starter.started("2") as other:
        projects.STARTERS |= {"1": one, "2": other}
        yield


@pytest.fixture(scope="module")
def finished(_seeds: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shipped.small(tmp_path_factory.mktemp("one") / "project", "vbf-higgs", seed=1)
    projects.run(folder, hash_seed="1")
    return folder


def test_a_finished_run_plans_nothing(finished: Path) -> None:
    assert not projects.plan(finished)


def test_another_folder_another_number_of_cores_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    other = shipped.small(tmp_path / "elsewhere" / "deeper", "vbf-higgs", seed=1)
    done = projects.snakemake(other, "--cores", "1", *ELSEWHERE, hash_seed="2")
    assert done.returncode == 0, done.stdout
    first, second = shipped.digests(finished), shipped.digests(other)
    assert {Path(name).suffix for name in second} == {*shipped.PROMISED, ".root"} - {".html"}
    assert [name for name in second if first.get(name) != second[name]] == []


def test_from_the_same_results_elsewhere_the_same_metrics_and_report(finished: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(finished, tmp_path / "elsewhere"))
    for name in FROM_THERE:
        (other / name).unlink()
    said = projects.run(other, *FROM_THERE, hash_seed="2")
    assert "11 of 11 steps (100%) done" in said, "metrics, their figures (3, and 2 of each model), two cards, report"
    assert shipped.digests(other) == shipped.digests(finished)


def test_metrics_are_whole_and_sane(finished: Path) -> None:
    metrics = json.loads((finished / "results/vbf-higgs/metrics.json").read_text())
    model = metrics["models"]["mlp"]
    assert (metrics["task"], metrics["kind"]) == ("vbf-higgs", "binary")
    assert model["parameters"] == (2 * 20 + 20) + (20 * 20 + 20) + (20 + 1)
    assert 1 <= model["best_epoch"] <= model["epochs"] <= 40
    for split in ("train", "validation", "test"):
        assert 0.9 < model[split]["auc"] <= 1
        assert model[split]["auc_low"] <= model[split]["auc"] <= model[split]["auc_high"]


def test_samples_are_complete_and_apart(finished: Path) -> None:
    audit = json.loads((finished / "results/vbf-higgs/split/audit.json").read_text())
    normalisation = json.loads((finished / "results/vbf-higgs/normalisation.json").read_text())["samples"]
    assert audit["overlap"] == 0
    assert audit["duplicates"] == {"within": {"vbf": 0, "zz": 0}, "across_samples": 0}
    for sample in ("vbf", "zz"):
        assert normalisation[sample]["generated"] == shipped.EVENTS[sample]
        assert (
            sum(content[sample]["entries"] for content in audit["folds"][0].values())
            == (normalisation[sample]["written"])
        )
    assert "ggh" not in audit["folds"][0]["train"], "a sample without a class is not trained on"


def test_scores_carry_back_to_their_entries(finished: Path) -> None:
    """Sample, part and entry of a prediction lead to the event in the ntuple that has the same id."""
    predictions = finished / "results/vbf-higgs/models/mlp/fold0-replica0/predictions/test.parquet"
    rows = pq.read_table(predictions).to_pandas()
    assert len(rows) > 50
    for (sample, part), group in rows.groupby(["sample", "part"], observed=True):
        with uproot.open(finished / f"results/ntuples/{sample}/{part}.root") as file:
            events = file["HZZ4LeptonsAnalysisReduced"]["f_event"].array(library="np")
        assert (events[group["entry"]] == group["id_f_event"]).all()


def test_report_holds_every_figure(finished: Path) -> None:
    text = (finished / "results/report.html").read_text()
    figures = list((finished / "results/vbf-higgs/plots").glob("*.svg"))
    figures += list((finished / "results/ntuples/plots").glob("*.svg"))
    inputs, comparisons, of_each_model, generated = 3, 8, 6, 3
    assert len(figures) == inputs + comparisons + 2 * of_each_model + generated
    assert text.count("data:image/svg+xml;base64,") == len(figures)
    for figure in figures:
        ElementTree.fromstring(figure.read_text())  # noqa: S314 - our own file
        assert all(figure.with_suffix(kind).stat().st_size for kind in (".png", ".pdf", ".csv"))


def test_snakemakes_own_report_works(finished: Path) -> None:
    done = projects.snakemake(finished, "--report", "snakemake-report.html")
    assert done.returncode == 0, done.stdout
    text = (finished / "snakemake-report.html").read_text()
    assert "The leading jet" in text or "leading jet" in text, "the captions are in it"


def test_more_events_generate_only_the_new_part(finished: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    path = copy / "config/tasks/vbf-higgs.yaml"
    task = yaml.safe_load(path.read_text())
    task["samples"]["zz"]["generate"]["events"] += 3000
    projects.write_yaml(path, task)
    jobs = projects.plan(copy)
    assert jobs["generate zz"] == jobs["features vbf-higgs zz"] == jobs["split vbf-higgs zz"] == 1
    assert jobs["generate vbf"] == jobs["features vbf-higgs vbf"] == 0
