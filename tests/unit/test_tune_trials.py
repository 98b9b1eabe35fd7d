"""A job of trials: what comes of it is a result, whatever it is."""

from __future__ import annotations

import re
import resource
import signal
import time

import psutil
import pytest
import splits
import starter
from snakeroot.data.files import read_json, to_json, write_json
from snakeroot.errors import FaultError
from snakeroot.tune.trial import KILLED
from tuning import SPACE, result

MODEL = {
    "kind": "binary",
    "classes": ["background", "signal"],
    "architecture": "mlp",
    "settings": {"hidden": [4], "dropout": 0.2},
    "inputs": [{"name": "x0"}, {"name": "x1"}],
    "seed": 1,
}

WITHOUT = dict.fromkeys(("reweighting", "mixed", "mixed_normalisations", "initial", "before", "begin", "end"), ())
"""What a job of whole trials has no files of."""


@pytest.fixture
def trial(tmp_path, forks):
    """A function that starts a job of trials at some points, as a fork or as a process of its own."""
    known = splits.metadata(tmp_path, 2)
    files = {name: splits.create(tmp_path, name, 4000, 2) for name in ("train", "validation")}

    def start(*points, attempt=1, files_of_rung=(), promotion=None, until=None, fork=True, **training):
        proposals = [{"point": point, "attributes": {"a": 1}} for point in points]
        write_json({"round": 2, "first": 8, "proposals": proposals}, tmp_path / "p.json")
        model = MODEL | {"training": {"optimizer": "sgd", "max_epochs": 50} | training, "until": until}
        settings = {
            "trials": list(range(len(points))),
            "promotion": promotion,
            "space": SPACE,
            "training": {"max_epochs": 3, "patience": 60} | training,
            "model": model,
        }
        words = ["snakeroot.tune.trials", "--spec", to_json({"settings": settings})]
        words += [word for name, path in known.items() for word in (f"--{name}", str(path))]
        words += [word for name, paths in files.items() for word in (f"--{name}", *map(str, paths))]
        words += ["--proposals", str(tmp_path / "p.json"), "--checkpoint", str(tmp_path / "checkpoint")]
        words += ["--result", str(tmp_path / "result.json"), "--provenance", str(tmp_path / "provenance.json")]
        for name, paths in (WITHOUT | dict(files_of_rung)).items():
            words += [f"--{name.replace('_', '-')}", *map(str, paths)]
        words += ["--accelerator", "cpu", "--gpus", "0", "--attempt", str(attempt)]
        return starter.begin(forks if fork else None, *words)

    return start


def finished(job, folder):
    said = job.communicate()[1]
    assert job.returncode == 0, said
    assert not (folder / "checkpoint").exists()
    return read_json(folder / "result.json")["trials"]


def test_a_training_at_a_point(trial, tmp_path):
    [found] = finished(trial({"hidden.units": 7, "training.learning_rate": 0.1}), tmp_path)
    assert (found["number"], found["round"], found["state"], found["attributes"]) == (8, 2, "complete", {"a": 1})
    assert found["metrics"]["parameters"] == (2 * 7 + 7) + (7 * 7 + 7) + (7 + 1), "two layers, as is the default"
    assert found["epochs"] == 3, "the settings of trials alone"
    assert found["metrics"]["loss"] == min(found["validation_loss"])
    [record] = read_json(tmp_path / "provenance.json")["trials"]
    assert (record["number"], record["accelerator"]) == (8, "cpu")


def test_a_divergence_is_a_result(trial, tmp_path):
    [found] = finished(trial({"hidden.units": 3, "training.learning_rate": 1e30}), tmp_path)
    assert (found["state"], found["metrics"]) == ("fail", None)
    assert found["reason"].startswith("the loss is not a number in epoch 1")


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ({"training.learning_rate": -1.0}, "training.learning_rate: Input should be greater than 0 (given: -1.0)"),
        ({"hidden.units": 0}, "hidden.units: Input should be greater than 0"),
        ({"hidden.units": 2.5}, "hidden.units: Input should be a valid integer, got a number with a fractional part"),
    ],
)
def test_a_point_that_is_refused_fails_at_once_with_the_reason(trial, tmp_path, point, says):
    [found] = finished(trial({"hidden.units": 3, "training.learning_rate": 0.1} | point), tmp_path)
    assert found["state"] == "fail"
    assert found["reason"].startswith(says)


def test_a_crash_is_a_result(trial, tmp_path):
    job = trial({"hidden.units": 3, "training.learning_rate": 0.1}, max_epochs=5000)
    while not (children := psutil.Process(job.pid).children()):
        assert job.poll() is None
        time.sleep(0.01)
    children[0].kill()
    [found] = finished(job, tmp_path)
    assert (found["state"], found["reason"]) == ("fail", f"its process was ended by signal 9{KILLED}")


def test_a_job_that_was_lost_too_often_is_a_result(trial, tmp_path):
    """Of the trial that it never got beyond; the others are trained."""
    points = [{"hidden.units": units, "training.learning_rate": 0.1} for units in (2, 3, 4)]
    job = trial(*points, max_epochs=5000)
    while not (tmp_path / "checkpoint/8/kept.json").exists():  # the first has ended, after its patience
        assert job.poll() is None
        time.sleep(0.01)
    job.kill()
    job.communicate()
    found = finished(trial(*points, attempt=4, max_epochs=5000), tmp_path)
    assert [one["state"] for one in found] == ["complete", "fail", "complete"]
    assert found[1]["reason"] == "its job was killed or lost 3 times"


def test_how_many_trials_a_job_has_changes_none(trial, tmp_path):
    """Not even where one of them fails."""
    points = [
        {"hidden.units": units, "training.learning_rate": rate} for units, rate in [(7, 0.1), (3, 1e30), (5, 0.2)]
    ]
    together = finished(trial(*points), tmp_path)
    assert [one["state"] for one in together] == ["complete", "fail", "complete"]
    for number, point in enumerate(points):
        [alone] = finished(trial(point), tmp_path)
        assert alone | {"number": 8 + number} == together[number]


def test_a_job_that_was_killed_repeats_no_trial(trial, tmp_path):
    points = [{"hidden.units": units, "training.learning_rate": 0.1} for units in (2, 3)]
    training = {"max_epochs": 60, "checkpoint_minutes": 0.001}
    whole = finished(trial(*points, **training), tmp_path)
    job = trial(*points, **training)
    while not (tmp_path / "checkpoint/9/checkpoint").exists():
        assert job.poll() is None
        time.sleep(0.01)
    [training_process] = psutil.Process(job.pid).children()
    job.kill()
    job.communicate()
    training_process.wait(timeout=10)  # it goes with the process that started it
    job = trial(*points, attempt=2, **training)
    said = job.communicate()[1]
    assert "trial 9" in said
    assert "trial 8" not in said
    assert "going on after epoch" in said
    assert read_json(tmp_path / "result.json")["trials"] == whole
    job = trial(*points[::-1], **training)
    assert "trial 8" in job.communicate()[1], "what was kept is of these points alone"


def test_a_trial_that_is_told_to_go_goes_on_where_it_was(trial, tmp_path):
    point, training = (
        {"hidden.units": 3, "training.learning_rate": 0.1},
        {"max_epochs": 60, "checkpoint_minutes": 0.001},
    )
    whole = finished(trial(point, **training), tmp_path)
    (tmp_path / "result.json").unlink()
    job = trial(point, **training)
    while not (tmp_path / "checkpoint/8/checkpoint").exists():
        assert job.poll() is None
        time.sleep(0.01)
    job.terminate()
    job.communicate()
    assert job.returncode == 128 + signal.SIGTERM
    assert not (tmp_path / "result.json").exists()
    job = trial(point, attempt=2, **training)
    said = job.communicate()[1]
    assert "going on after epoch" in said
    assert read_json(tmp_path / "result.json")["trials"] == whole


def test_trials_in_rungs_are_as_if_never_interrupted(trial, tmp_path):
    """Two in a job; the better one goes on."""
    points = [{"hidden.units": units, "training.learning_rate": 0.5} for units in (7, 2)]
    training = {"max_epochs": 4, "patience": 60}
    whole = finished(trial(*points, **training), tmp_path)
    states, rung = tmp_path / "states", tmp_path / "rung.json"
    found = finished(trial(*points, files_of_rung={"end": [states]}, until=2, **training), tmp_path)
    assert [(one["state"], one["epochs"]) for one in found] == [("running", 2)] * 2
    assert found[0]["validation_loss"] == whole[0]["validation_loss"][:2]
    assert sorted(path.name for path in states.iterdir()) == ["8.safetensors", "9.safetensors"]
    (tmp_path / "result.json").replace(rung)
    best = min((0, 1), key=lambda place: found[place]["metrics"]["loss"])
    promotion = {"objective": "loss", "count": 1}
    last = trial(*points, files_of_rung={"before": [rung], "begin": [states]}, promotion=promotion, **training)
    ended = finished(last, tmp_path)
    assert ended[best] == whole[best]
    assert ended[1 - best] == found[1 - best] | {"state": "pruned", "reason": "others were better after epoch 2"}


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
    before = tmp_path / "before.json"
    own = result(8, 0.2, state=state)
    write_json({"trials": [own, result(9, 0.1, state="running")]}, before)
    files = {"before": [before], "begin": [tmp_path / "states"], "end": [tmp_path / "end"]}
    promotion = {"objective": "loss", "count": 1}
    job = trial({}, attempt=4, files_of_rung=files, promotion=promotion, until=6, fork=False)
    said = job.communicate()[1]
    assert job.returncode == 0, said
    assert "snakeroot.tune.halving" in said
    assert "torch" not in said
    assert read_json(tmp_path / "result.json")["trials"] == [own | {"state": passed, "reason": reason}]
    assert not list((tmp_path / "end").iterdir())


def test_memory_that_is_not_there_is_a_result(trial, tmp_path):
    """The weights between the two layers are 1.9 GB."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (45 * 10**8, before[1]))  # which the job inherits
    try:
        job = trial({"hidden.units": 22_000, "training.learning_rate": 0.1}, fork=False)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    [found] = finished(job, tmp_path)
    assert found["state"] == "fail"
    assert re.fullmatch(r"out of memory: .*1936000000 bytes.*\(a smaller network.*", found["reason"]), found["reason"]


def test_a_disk_that_is_full_is_no_result(trial, tmp_path):
    """What can be written is too little for a checkpoint, and enough for what a failed trial would leave."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))  # which the job inherits
    try:
        job = trial({"hidden.units": 64, "training.learning_rate": 0.1}, fork=False)
        said = job.communicate()[1]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert job.returncode == FaultError.code, said
    assert "cannot be written, as it would be larger than" in said.splitlines()[-1]
    assert not (tmp_path / "result.json").exists()
    [found] = finished(trial({"hidden.units": 64, "training.learning_rate": 0.1}), tmp_path)
    assert found["state"] == "complete"
