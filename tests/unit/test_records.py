"""Records of trainings and searches: what a run is made of, and what MLflow's and TensorBoard's own readers find."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import tasks
from snakeroot.config.project import Project
from snakeroot.data import paths, tables
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.plan import records as planned
from snakeroot.records import formats, runs, times
from snakeroot.records.__main__ import record
from snakeroot.records.formats import FORMATS
from snakeroot.records.runs import Times

OPTIMIZER = {"name": "sgd", "momentum": 0.5, "nesterov": False}
NETWORK = {
    "kind": "binary",
    "classes": ["background", "signal"],
    "architecture": "mlp",
    "settings": {"hidden": {"layers": 1, "units": 20}, "activation": "relu"},
    "inputs": [{"name": "x", "kind": "scalar"}, {"name": "jet", "kind": "image"}],
    "training": {"learning_rate": 0.001, "gradient_clipping": None, "optimizer": OPTIMIZER},
    "seed": 2**63 - 1,
}
"""As in model.json."""
HISTORY = {"epoch": [1, 2, 3], "train_loss": [0.7, 0.6, 0.5], "validation_loss": [0.7, 0.65, math.nan]}
ENDED = {"epochs": 3, "best_epoch": 2, "parameters": 41, "ended": "patience", "validation": {"loss": 0.65, "auc": None}}
POINT = {"training.learning_rate": 0.25, "training.optimizer.name": "adam", "hidden.units": 4}
TRIAL = {"number": 0, "round": 0, "point": POINT, "active": POINT, "epochs": 2, "best_epoch": 1, "reason": "max_epochs"}
TRIALS = [
    {**TRIAL, "state": "complete", "metrics": {"loss": 0.4, "parameters": 9}, "validation_loss": [0.4, None]},
    {
        **TRIAL,
        "number": 1,
        "state": "fail",
        "reason": "no | memory",
        "metrics": None,
        "epochs": None,
        "best_epoch": None,
    },
    {
        **TRIAL,
        "number": 2,
        "state": "pruned",
        "reason": "others were better after epoch 1",
        "metrics": {"loss": 0.6, "parameters": 9},
        "validation_loss": [0.6],
    },
    {**TRIAL, "number": 3, "state": "complete", "metrics": {"loss": None, "parameters": 9}},
]
STATES = {"trial0": "complete", "trial1": "fail", "trial2": "pruned", "trial3": "fail"}
MEASURED = {
    "networks": 1,
    "test": {"auc": 0.9, "significance": None, "confusion": [[1.0]], "unweighted": {"auc": 0.8}},
}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0" + b"not read"
"""Three pixels wide and two high, by its head."""


def noted(path, *hours, **more):
    """A record of a job that began at the one hour and ended at the other."""
    start, end = (datetime(2026, 1, 1, hour, tzinfo=UTC).isoformat() for hour in hours)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json({"start": start, "end": end, **more}, path)


def of_trial(number, *hours):
    start, end = (datetime(2026, 1, 1, hour, tzinfo=UTC).isoformat() for hour in hours)
    return {"number": number, "start": start, "end": end}


def hours(known: Times) -> tuple[int, int]:
    return known.start.hour, known.end.hour


def test_settings_have_the_keys_of_a_task_file():
    assert runs.settings(NETWORK) == {
        "architecture": "mlp",
        "kind": "binary",
        "seed": "9223372036854775807",
        "hidden.layers": 1,
        "hidden.units": 20,
        "activation": "relu",
        "inputs": "x, jet",
        "training.learning_rate": 0.001,
        "training.optimizer.name": "sgd",
        "training.optimizer.momentum": 0.5,
        "training.optimizer.nesterov": False,
    }
    lists = {**NETWORK, "settings": {"layers": [{"filters": 8}, {"filters": 16}]}}
    assert runs.settings(lists)["layers"] == '[{"filters": 8}, {"filters": 16}]'


def test_a_trial_has_all_settings_that_it_was_trained_with():
    """Another optimizer has options of its own, and none of those of the one before."""
    now = times.written(Path(__file__))
    run = runs.trial(("first", "net", "trial0"), TRIALS[0], NETWORK, now)
    changed = {"training.learning_rate": 0.25, "training.optimizer.name": "adam", "hidden.units": 4}
    gone = ("training.optimizer.momentum", "training.optimizer.nesterov")
    expected = {key: value for key, value in runs.settings(NETWORK).items() if key not in gone} | changed
    assert run.settings == expected
    assert run.curves == {"validation_loss": [0.4, None]}
    assert run.numbers == {"best_validation_loss": 0.4, "parameters": 9, "epochs": 2, "best_epoch": 1}
    failed = runs.trial(("first", "net", "trial1"), TRIALS[1], NETWORK, now)
    assert (failed.state, failed.reason, failed.curves, failed.numbers) == ("fail", "no | memory", {}, {})


def test_numbers_are_those_that_are_one_by_where_they_stand():
    assert dict(runs.numbers(MEASURED)) == {"networks": 1, "test/auc": 0.9, "test/unweighted/auc": 0.8}
    assert dict(runs.numbers({"a": math.nan, "b": math.inf, "c": True, "d": "text"})) == {}


def test_a_trial_ran_from_its_first_rung_to_its_last(tmp_path):
    for place, trials in {
        "round0/trial0-1/rung0": [of_trial(0, 1, 2), of_trial(1, 2, 3)],
        "round0/trial0-1": [of_trial(0, 5, 7)],
        "round1/trial0/rung0": [of_trial(2, 8, 9)],
        "round1/trial1": [of_trial(9, 1, 2)],  # of a job that the search has no longer
    }.items():
        noted(tmp_path / place / "result.json.json", 0, 0, trials=trials)
    found = times.of_trials(tmp_path, [["0-1"], ["0"]], rungs=1)
    assert {number: hours(known) for number, known in found.items()} == {0: (1, 7), 1: (2, 3), 2: (8, 9)}


def test_without_provenance_a_training_ran_when_its_result_was_written(tmp_path):
    (tmp_path / "model.json").touch()
    os.utime(tmp_path / "model.json", (1e9, 1e9))
    known = times.of_training(tmp_path / "gone.json", tmp_path / "model.json")
    assert known.start.timestamp() == known.end.timestamp() == 1e9


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """What a task with a searched model has left."""
    folder = tmp_path_factory.mktemp("records")
    write_json({"models": {"net": MEASURED}}, folder / "metrics.json")
    write_json({**NETWORK, **ENDED}, folder / "model.json")
    table = pa.table(HISTORY)
    tables.write([table], table.schema, folder / "history.parquet")
    write_json({"round": 0, "trials": TRIALS}, folder / "history.json")
    noted(folder / "trained.json", 10, 12)
    noted(folder / "searched/round0/trial0-3/result.json.json", 0, 0, trials=[of_trial(n, n, n + 1) for n in range(4)])
    for name in ("roc", "scores"):
        (folder / f"{name}.png").write_bytes(PNG + name.encode())
    return folder


def settings(kind):
    search = {"objective": ["loss"], "settings": NETWORK, "jobs": [["0-3"]], "rungs": 0}
    model = {"name": "net", "networks": ["fold0-replica0"], "search": search, "figures": ["scores"]}
    return {"format": kind, "tasks": [{"name": "first", "models": [model], "figures": ["roc"]}]}


def written(folder, finished, kind):
    """Write the records as the rule does."""
    named = {"metrics": "metrics.json", "metadata": "model.json", "histories": "history.parquet"}
    named |= {"trials": "history.json", "trained": "trained.json", "searched": "searched"}
    words = [word for name, file in named.items() for word in (f"--{name}", str(finished / file))]
    words += ["--figures", str(finished / "roc.png"), str(finished / "scores.png")]
    main(record, ["--spec", json.dumps({"settings": settings(kind)}), *words, "--records", str(folder)])
    return folder


def test_tensorboard_finds_every_run(finished, tmp_path):
    pytest.importorskip("tensorboard", reason="the extra `tensorboard` is not installed here")
    from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer  # noqa: PLC0415
    from tensorboard.plugins.hparams import api_pb2, metadata  # noqa: PLC0415

    folder = written(tmp_path / "tensorboard", finished, "tensorboard")
    found = EventMultiplexer().AddRunsFromDirectory(str(folder)).Reload()
    trials = [f"first/net/{name}" for name in STATES]
    assert sorted(found.Runs()) == ["first", "first/net", "first/net/fold0-replica0", *trials]

    training = found.GetAccumulator("first/net/fold0-replica0")
    assert [(one.step, one.value) for one in training.Scalars("train_loss")] == [
        (step, pytest.approx(value)) for step, value in enumerate(HISTORY["train_loss"], 1)
    ]
    assert [one.step for one in training.Scalars("validation_loss")] == [1, 2]  # the third is not a number
    assert training.Scalars("best_validation_loss")[0].value == pytest.approx(0.65)
    assert training.Scalars("train_loss")[0].wall_time == datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()

    statuses = {"complete": "SUCCESS", "pruned": "UNKNOWN", "fail": "FAILURE"}
    for name, state in STATES.items():
        trial = found.GetAccumulator(f"first/net/{name}")
        start = trial.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
        session = metadata.parse_session_start_info_plugin_data(start)
        assert session.hparams["hidden.units"].number_value == 4
        assert session.hparams["training.optimizer.name"].string_value == "adam"
        assert session.start_time_secs == datetime(2026, 1, 1, int(name[-1]), tzinfo=UTC).timestamp()
        end = trial.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content
        status = metadata.parse_session_end_info_plugin_data(end).status
        assert status == api_pb2.Status.Value(f"STATUS_{statuses[state]}")
    assert b"no | memory" in found.GetAccumulator("first/net/trial1").Tensors("state")[0].tensor_proto.string_val[0]

    [image] = found.GetAccumulator("first").Images("roc")
    assert (image.encoded_image_string, image.width, image.height) == (PNG + b"roc", 3, 2)
    assert found.GetAccumulator("first/net").Tags()["images"] == ["scores"]
    assert found.GetAccumulator("first/net").Scalars("test/auc")[0].value == pytest.approx(0.9)


@pytest.mark.filterwarnings("default")  # of what MLflow uses, in which it has no part
def test_mlflow_finds_every_run(finished, tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed here")
    monkeypatch.chdir(tmp_path)
    folder = written(tmp_path / "mlflow", finished, "mlflow")
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow"]

    from mlflow import MlflowClient  # noqa: PLC0415

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    [experiment] = client.search_experiments()
    assert experiment.name == "first"
    found = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(found) == {"all models", "net", "net fold0-replica0", *(f"net {name}" for name in STATES)}
    parents = {name: run.data.tags.get("mlflow.parentRunId") for name, run in found.items()}
    net = found["net"].info.run_id
    assert parents == {name: None if name in ("all models", "net") else net for name in found}

    training = found["net fold0-replica0"]
    assert training.data.params == {key: str(value) for key, value in runs.settings(NETWORK).items()}
    curve = client.get_metric_history(training.info.run_id, "train_loss")
    assert [(one.step, one.value) for one in curve] == list(enumerate(HISTORY["train_loss"], 1))
    assert training.data.metrics["best_validation_loss"] == 0.65
    assert (training.info.start_time, training.info.end_time) == tuple(
        datetime(2026, 1, 1, hour, tzinfo=UTC).timestamp() * 1000 for hour in (10, 12)
    )
    statuses = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}
    assert {name: found[f"net {name}"].info.status for name in STATES} == {
        name: statuses[state] for name, state in STATES.items()
    }
    assert found["net trial1"].data.tags["reason"] == "no | memory"
    assert "is not a number" in found["net trial3"].data.tags["reason"]
    assert found["net trial0"].data.params["training.learning_rate"] == "0.25"
    assert found["net"].data.metrics == {"networks": 1, "test/auc": 0.9, "test/unweighted/auc": 0.8}

    for name, figure in {"all models": "roc", "net": "scores"}.items():
        scheme, _, place = found[name].info.artifact_uri.partition(":/")
        assert scheme == "mlflow-artifacts"  # relative to what the server is told
        assert [path.read_bytes() for path in (folder / "artifacts" / place).iterdir()] == [PNG + figure.encode()]


def test_a_long_history_and_a_long_setting_are_written_as_far_as_mlflow_takes_them(finished, tmp_path):
    pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed here")
    from mlflow import MlflowClient  # noqa: PLC0415

    many = {f"key{number}": number for number in range(250)} | {"inputs": "x, " * 5000}
    long = runs.Run(("first",), "task", times.written(finished / "model.json"), many, {"loss": [0.5] * 2500})
    FORMATS.load("mlflow").write([long], tmp_path)
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    [run] = client.search_runs([client.search_experiments()[0].experiment_id])
    assert len(run.data.params) == 251
    assert len(run.data.params["inputs"]) == 6000
    assert [one.step for one in client.get_metric_history(run.info.run_id, "loss")] == list(range(1, 2501))


def test_the_files_of_the_rule_are_in_the_order_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("vbf", "zz"):
        Path(f"data/{name}.root").touch()
    classes = {"vbf": "signal", "zz": "background"}
    samples = {name: {"files": [f"data/{name}.root"], "class": of} for name, of in classes.items()}
    search = {"rounds": 3, "space": {"hidden.units": {"int": [1, 3]}}}
    searched = {"architecture": "mlp", "hidden": {"layers": 1}, "replicas": 2, "tuning": search}
    plain = {"architecture": "linear"}
    both = ({"b": plain, "a": searched}, {"a": searched, "c": plain, "d": searched})
    project = tasks.load(*(tasks.edited("models", models, tasks.edited("samples", samples)) for models in both))
    found = json.loads(planned.records(project, "mlflow"))["settings"]["tasks"]
    assert [task["name"] for task in found] == ["task0", "task1"]
    models = [(f"results/{task['name']}/models/{model['name']}", model) for task in found for model in task["models"]]
    networks = [f"{folder}/{name}/model.json" for folder, model in models for name in model["networks"]]
    assert planned.networks(project, paths.METADATA) == networks
    assert len(networks) == 1 + 2 + 2 + 1 + 2
    histories = [f"{folder}/tuning/history2.json" for folder, model in models if model["search"]]
    assert planned.searches(project, paths.TUNING_HISTORY) == histories
    assert len(histories) == 3
    names = [[*task["figures"], *(name for model in task["models"] for name in model["figures"])] for task in found]
    drawn = [Path(path) for path in planned.drawn(project)]
    assert [path.stem for path in drawn] == [*names[0], *names[1]]
    assert [path.parts[1] for path in drawn] == ["task0"] * len(names[0]) + ["task1"] * len(names[1])
    assert {"roc", "input-mass"} <= set(found[0]["figures"])
    assert {"history-a", "tuning-timeline-a"} <= set(found[0]["models"][1]["figures"])


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda _: None)


def test_what_is_not_installed_is_told_when_the_config_is_read(nothing_installed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/zz.root").touch()
    known = {"files": ["data/*.root"], "cross_section": 2.0, "generated": 100}
    text = tasks.edited(
        "samples",
        {
            "vbf": {**known, "class": "signal", "selection": "m > 1"},
            "zz": {**known, "class": "background", "selection": "m < 1"},
        },
    )
    project = tasks.load(text)
    assert planned.asked_for(project) == []
    wanted = {"records": ["tensorboard", "mlflow"]}
    tasks.refused(
        r"config: records: tensorboard: .* not installed here.*'\.\[tensorboard\]', or remove", text, **wanted
    )
    tasks.refused(r"config: records: mlflow: .*'\.\[mlflow\]'", text, **wanted)


def test_a_folder_that_is_called_like_the_package_is_not_the_package(tmp_path, monkeypatch):
    (tmp_path / "event_files").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(FORMATS.load("tensorboard"), "PACKAGE", "event_files")
    assert "'.[tensorboard]'" in str(formats.missing("tensorboard"))
    (tmp_path / "event_files/__init__.py").touch()
    assert formats.missing("tensorboard") is None


def test_what_is_not_installed_is_told_by_the_job_too(nothing_installed, finished, tmp_path):
    with pytest.raises(SystemExit, match=r"error: mlflow: the package mlflow is not installed here"):
        written(tmp_path / "mlflow", finished, "mlflow")
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_there_is_not_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for given, text in ((["wandb"], r"records.0: .*'mlflow'"), (["mlflow", "mlflow"], "records.1: 'mlflow' is listed")):
        with pytest.raises(SnakerootError, match=text):
            Project.load({"tasks": ["a"], "records": given})


def test_each_format_says_what_it_needs():
    assert FORMATS.names() == ["mlflow", "tensorboard"]
    for name in FORMATS.names():
        assert name == FORMATS.load(name).PACKAGE
