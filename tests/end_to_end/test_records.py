"""Records of a finished project: what MLflow and TensorBoard find is what its results have."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import projects
import pytest
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.records.formats import FORMATS

INSTALLED = [name for name in FORMATS.names() if find_spec(name)]
pytestmark = pytest.mark.skipif(not INSTALLED, reason="neither of the extras `mlflow` and `tensorboard` is installed")

DRAWN = ("results/first/plots", "times/first/plots")
NETWORK = "results/first/models/net/fold0-replica0"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One trial of two fails."""
    tuning = {"sampler": "grid", "space": {"training.learning_rate": {"choices": [0.01, 1e30]}}}
    net = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2, "optimizer": "sgd"}, "tuning": tuning}
    folder = tmp_path_factory.mktemp("records") / "finished"
    projects.create(folder, {"first": projects.task(features={"x": "x"}, models={"net": net})}, records=INSTALLED)
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=1000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=1000)
    projects.run(folder, *(f"records/{name}" for name in INSTALLED))
    return folder


def figures(folder: Path, *below: str) -> dict[str, bytes]:
    """The figures below these folders, by name."""
    return {path.stem: path.read_bytes() for name in below for path in (folder / name).rglob("*.png")}


def test_records_are_made_once(finished: Path) -> None:
    assert projects.plan(finished, *(f"records/{name}" for name in INSTALLED)) == Counter()


def test_tensorboard_shows_what_is_in_the_results(finished: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed here")
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer  # noqa: PLC0415

    found = EventMultiplexer().AddRunsFromDirectory(str(finished / "records/tensorboard")).Reload()
    assert {"first/net/trial0", "first/net/trial1", "first/net/fold0-replica0"} < set(found.Runs())
    history = tables.read(finished / NETWORK / "history.parquet").to_pydict()
    training = found.GetAccumulator("first/net/fold0-replica0")
    for name in set(history) - {"epoch"}:
        assert [one.value for one in training.Scalars(name)] == pytest.approx(history[name], rel=1e-6)
    runs = [found.GetAccumulator(name) for name in ("first", "first/net")]
    images = {tag: run.Images(tag)[0].encoded_image_string for run in runs for tag in run.Tags()["images"]}
    assert images == figures(finished, *DRAWN)
    measured = read_json(finished / "results/first/metrics.json")["models"]["net"]["test"]["auc"]
    assert found.GetAccumulator("first/net").Scalars("test/auc")[0].value == pytest.approx(measured)


@pytest.mark.filterwarnings("default")  # of what MLflow uses, in which it has no part
def test_mlflow_shows_what_is_in_the_results(finished: Path) -> None:
    pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed here")
    from mlflow import MlflowClient  # noqa: PLC0415

    folder = finished / "records/mlflow"
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    [experiment] = client.search_experiments()
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {"all models", "net", "net fold0-replica0", "net trial0", "net trial1"}
    metadata = read_json(finished / NETWORK / "model.json")
    training = runs["net fold0-replica0"]
    assert training.data.params["training.learning_rate"] == str(metadata["training"]["learning_rate"]) == "0.01"
    history = tables.read(finished / NETWORK / "history.parquet").to_pydict()
    curve = client.get_metric_history(training.info.run_id, "validation_loss")
    assert [(one.step, one.value) for one in curve] == list(enumerate(history["validation_loss"], 1))
    trials = read_json(finished / "results/first/models/net/tuning/history0.json")["trials"]
    for trial in trials:
        run = runs[f"net trial{trial['number']}"]
        assert run.data.params["training.learning_rate"] == str(trial["active"]["training.learning_rate"])
        assert run.info.status == {"complete": "FINISHED", "fail": "FAILED"}[trial["state"]]
        assert run.data.tags["reason"] == trial["reason"]
        assert run.info.end_time > run.info.start_time > 1.7e12  # as the provenance has it
    assert figures(folder, "artifacts") == figures(finished, *DRAWN)
