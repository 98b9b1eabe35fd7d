"""One trial: what comes of it is a result, whatever it is; and what is made of all results."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import optuna
import psutil
import pytest
import splits
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.files import read_json, to_json, write_json
from snakeroot.tune.best import choose
from snakeroot.tune.collect import collect
from snakeroot.tune.settings import BestSettings, CollectSettings

SPACE = {"hidden.units": {"int": [2, 16]}, "training.learning_rate": {"float": [1e-4, 1e30], "log": True}}
MODEL = {
    "kind": "binary",
    "classes": ["background", "signal"],
    "architecture": "mlp",
    "settings": {"hidden": [4], "dropout": 0.2},
    "inputs": [{"name": "x0"}, {"name": "x1"}],
    "seed": 1,
}


@pytest.fixture
def trial(tmp_path):
    """A function that starts a trial at a point."""
    known = splits.facts(tmp_path, 2)
    files = {name: splits.create(tmp_path, name, 4000, 2) for name in ("train", "validation")}

    def start(point, attempt=1, files_of_rung=(), promotion=None, until=None, address_space=None, **training):
        write_json(
            {"round": 2, "first": 8, "proposals": [{"point": point, "attributes": {"a": 1}}]}, tmp_path / "p.json"
        )
        model = MODEL | {"training": {"optimizer": "sgd", "max_epochs": 50} | training, "until": until}
        settings = {
            "number": 0,
            "promotion": promotion,
            "space": SPACE,
            "training": {"max_epochs": 3, "patience": 60} | training,
            "model": model,
        }
        words = [sys.executable, "-m", "snakeroot.tune.trial", "--spec", to_json({"settings": settings})]
        words += [word for name, path in known.items() for word in (f"--{name}", str(path))]
        words += [word for name, paths in files.items() for word in (f"--{name}", *map(str, paths))]
        words += ["--proposals", str(tmp_path / "p.json"), "--checkpoint", str(tmp_path / "checkpoint")]
        words += ["--result", str(tmp_path / "result.json"), "--provenance", str(tmp_path / "provenance.json")]
        for name, paths in ({"before": (), "begin": (), "end": ()} | dict(files_of_rung)).items():
            words += [f"--{name}", *map(str, paths)]
        words += ["--accelerator", "cpu", "--gpus", "0", "--attempt", str(attempt)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        limit = (["prlimit", f"--as={address_space}"] if address_space else []) + words
        return subprocess.Popen(limit, env=environment, stderr=subprocess.PIPE, text=True)

    return start


def finished(job, folder):
    said = job.communicate()[1]
    assert job.returncode == 0, said
    assert not (folder / "checkpoint").exists()
    return read_json(folder / "result.json")


def test_a_training_at_a_point(trial, tmp_path):
    found = finished(trial({"hidden.units": 7, "training.learning_rate": 0.1}), tmp_path)
    assert (found["number"], found["round"], found["state"], found["attributes"]) == (8, 2, "complete", {"a": 1})
    assert found["metrics"]["parameters"] == (2 * 7 + 7) + (7 * 7 + 7) + (7 + 1), "two layers, as is the default"
    assert found["epochs"] == 3, "the settings of trials alone"
    assert found["metrics"]["loss"] == min(found["validation_loss"])
    assert read_json(tmp_path / "provenance.json")["accelerator"] == "cpu"


def test_a_divergence_is_a_result(trial, tmp_path):
    found = finished(trial({"hidden.units": 3, "training.learning_rate": 1e30}), tmp_path)
    assert (found["state"], found["metrics"]) == ("fail", None)
    assert found["reason"].startswith("the loss is not a number in epoch 1")


def test_a_crash_is_a_result(trial, tmp_path):
    job = trial({"hidden.units": 3, "training.learning_rate": 0.1}, max_epochs=5000)
    while not (children := psutil.Process(job.pid).children()):
        assert job.poll() is None
        time.sleep(0.01)
    children[0].kill()
    found = finished(job, tmp_path)
    assert (found["state"], found["reason"]) == ("fail", "its process was ended by signal 9 (out of memory?)")


def test_a_job_that_was_lost_too_often_is_a_result(trial, tmp_path):
    found = finished(trial({"hidden.units": 3, "training.learning_rate": 0.1}, attempt=4), tmp_path)
    assert (found["state"], found["reason"]) == ("fail", "its job was killed or lost 3 times")


def test_a_trial_that_is_told_to_go_goes_on_where_it_was(trial, tmp_path):
    point, training = (
        {"hidden.units": 3, "training.learning_rate": 0.1},
        {"max_epochs": 60, "checkpoint_minutes": 0.001},
    )
    whole = finished(trial(point, **training), tmp_path)
    (tmp_path / "result.json").unlink()
    job = trial(point, **training)
    while not (tmp_path / "checkpoint/checkpoint").exists():
        assert job.poll() is None
        time.sleep(0.01)
    job.terminate()
    job.communicate()
    assert job.returncode == 128 + signal.SIGTERM
    assert not (tmp_path / "result.json").exists()
    job = trial(point, attempt=2, **training)
    said = job.communicate()[1]
    assert "going on after epoch" in said
    assert read_json(tmp_path / "result.json") == whole


def test_a_trial_in_rungs_is_one_that_was_never_interrupted(trial, tmp_path):
    point, training = {"hidden.units": 7, "training.learning_rate": 0.5}, {"max_epochs": 4, "patience": 60}
    whole = finished(trial(point, **training), tmp_path)
    state, rung = tmp_path / "state", tmp_path / "rung.json"
    found = finished(trial(point, files_of_rung={"end": [state]}, until=2, **training), tmp_path)
    assert (found["state"], found["epochs"]) == ("running", 2)
    assert found["validation_loss"] == whole["validation_loss"][:2]
    (tmp_path / "result.json").replace(rung)
    promotion = {"objective": "loss", "count": 1}
    last = trial(point, files_of_rung={"before": [rung], "begin": [state]}, promotion=promotion, **training)
    assert finished(last, tmp_path) == whole


@pytest.mark.parametrize(
    ("state", "passed", "reason"),
    [
        ("running", "pruned", "others were better after epoch 3"),
        ("complete", "complete", "max_epochs"),
        ("fail", "fail", "max_epochs"),
    ],
)
def test_a_trial_that_does_not_go_on_passes_its_result_on_without_torch(
    trial, tmp_path, monkeypatch, state, passed, reason
):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # of this process and of any that it starts
    before = [tmp_path / "other.json", tmp_path / "own.json"]
    write_json(result(9, 0.1, state="running"), before[0])
    write_json(own := result(8, 0.2, state=state), before[1])
    files = {"before": before, "begin": [tmp_path / "empty"], "end": [tmp_path / "end"]}
    job = trial({}, attempt=4, files_of_rung=files, promotion={"objective": "loss", "count": 1}, until=6)
    said = job.communicate()[1]
    assert job.returncode == 0, said
    assert "snakeroot.tune.halving" in said
    assert "torch" not in said
    assert read_json(tmp_path / "result.json") == own | {"state": passed, "reason": reason}
    assert (tmp_path / "end").read_bytes() == b""


def test_memory_that_is_not_there_is_a_result(trial, tmp_path):
    """The weights between the two layers are 17 GB."""
    found = finished(trial({"hidden.units": 2**16, "training.learning_rate": 0.1}, address_space=12 * 10**9), tmp_path)
    assert found["state"] == "fail"
    assert re.fullmatch(r"out of memory: .*17179869184 bytes.*\(a smaller network.*", found["reason"]), found["reason"]


def result(number, loss, parameters=10, **changed):
    """A trial's result."""
    point = {"hidden.units": 2 + number, "training.learning_rate": 0.01}
    known = {
        "number": number,
        "round": 0,
        "point": point,
        "active": point,
        "attributes": {},
        "epochs": 3,
        "best_epoch": 2,
    }
    metrics = {"loss": loss, "accuracy": 0.5, "auc": 1 - loss, "parameters": parameters}
    return (
        known
        | {"state": "complete", "reason": "max_epochs", "metrics": metrics, "validation_loss": [1, loss]}
        | changed
    )


FAILED = {"state": "fail", "reason": "bad luck", "metrics": None, "epochs": None, "best_epoch": None}


@pytest.fixture
def best(tmp_path):
    """A function that collects results in any order and chooses the best."""

    def run(*results, objective=("loss",)):
        paths = []
        for found in results:
            paths.append(tmp_path / f"result{found['number']}.json")
            write_json(found, paths[-1])
        collect(CollectSettings(round=0), [], paths[::-1], tmp_path / "history.json")
        settings = BestSettings.model_validate({"objective": list(objective), "space": SPACE, "name": "task model"})
        outputs = [tmp_path / name for name in ("best.json", "trials.parquet", "study.log")]
        choose(settings, tmp_path / "history.json", *outputs)
        return read_json(outputs[0]), tables.read(outputs[1]).to_pandas(), outputs

    return run


def test_the_best_trial_of_any_order_of_results(best):
    found, table, outputs = best(result(0, 0.5), result(1, 0.3), result(2, 0.3), result(3, 0.0, **FAILED))
    assert (found["trial"], found["point"]["hidden.units"], found["failed"]) == (1, 3, 1)
    assert table["number"].tolist() == [0, 1, 2, 3]
    assert table["loss"].tolist()[:3] == [0.5, 0.3, 0.3]
    assert table["state"].tolist() == ["complete"] * 3 + ["fail"]
    storage = JournalStorage(JournalFileBackend(str(outputs[2])))
    study = optuna.load_study(study_name="task model", storage=storage)
    assert (len(study.trials), study.best_trial.number, study.trials[3].state.name) == (4, 1, "FAIL")
    assert study.trials[0].intermediate_values == {1: 1.0, 2: 0.5}
    before = [path.read_bytes() for path in outputs]
    *_, again = best(result(0, 0.5), result(1, 0.3), result(2, 0.3), result(3, 0.0, **FAILED))
    assert [path.read_bytes() for path in again] == before


def test_a_trial_that_was_stopped_early_is_none_of_the_best(best):
    found, table, outputs = best(result(0, 0.5), result(1, 0.1, state="pruned", epochs=2), result(2, 0.0, **FAILED))
    assert (found["trial"], [trial["trial"] for trial in found["front"]]) == (0, [0])
    assert (found["failed"], found["pruned"]) == (1, 1)
    assert table["state"].tolist() == ["complete", "pruned", "fail"]
    assert table["epochs"].tolist()[:2] == [3, 2]
    storage = JournalStorage(JournalFileBackend(str(outputs[2])))
    study = optuna.load_study(study_name="task model", storage=storage)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED", "FAIL"]
    assert study.trials[1].intermediate_values == {1: 1.0, 2: 0.1}
    assert study.best_trial.number == 0


def test_a_front_of_two_objectives(best):
    trials = [result(0, 0.5, 5), result(1, 0.3, 50), result(2, 0.4, 60), result(3, 0.4, 20)]
    found, *_ = best(*trials, objective=["loss", "parameters"])
    assert [trial["trial"] for trial in found["front"]] == [0, 1, 3]
    assert found["trial"] == 1
    assert best(*trials, objective=["auc"])[0]["trial"] == 1


def test_all_trials_failed(best):
    with pytest.raises(SnakerootError, match="2 of 2 trials of task model failed, and none is complete: bad luck"):
        best(result(0, 0, **FAILED), result(1, 0, **FAILED))
