"""Models that take something from others, maybe of other tasks: what is refused, who is whose ancestor."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from helpers import table_of
from snakeroot import plan
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.report.verdicts import verdicts
from snakeroot.split.ancestry import ancestry
from snakeroot.split.ancestry_settings import AncestrySettings
from tasks import TASK, edited, load, refused, settings
from unit.test_verdicts import AUDIT, PARTS


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """An ntuple below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()


def begins(initial, text=TASK, **changed):
    """A task whose model begins with another one."""
    for keys, value in {"models.mlp.initial": initial, **changed}.items():
        text = edited(keys.replace("__", "."), value, text)
    return text


def test_it_begins_with_the_same_fold_and_replica_where_there_are_such():
    many = edited("models.mlp.replicas", 2, edited("split", {"folds": 3}))
    project = load(begins("task1/mlp", edited("models.mlp.replicas", 3, edited("split", {"folds": 2}))), many)
    names = [plan.ancestors.network(project, "task0", "mlp", "1", replica).name for replica in "012"]
    assert names == ["task1/mlp/fold1-replica0", "task1/mlp/fold1-replica1", "task1/mlp/fold1-replica0"]
    assert plan.ancestors.files(project, "task0", "mlp", "1", "1") == [
        f"results/task1/models/mlp/fold1-replica1/model.{kind}" for kind in ("safetensors", "json")
    ]


def test_a_task_that_is_only_referred_to_is_read_and_its_mistakes_are_told():
    Path("tasks").mkdir()
    Path("tasks/other.yaml").write_text(TASK)
    project = load(begins({"model": "other/mlp", "freeze": ["layers.0.*"]}))
    known = settings(plan.train.train(project, "task0", "mlp", "0", "0"))["initial"]
    assert (known["name"], known["freeze"]) == ("other/mlp/fold0-replica0", ["layers.0.*"])
    assert list(project.tasks) == ["task0"]
    Path("tasks/other.yaml").write_text(edited("models.mlp.hidden", [0]))
    refused("tasks/other.yaml:.*models.mlp.hidden", begins("other/mlp"))


def test_a_spec_without_an_ancestor_knows_nothing_of_them():
    project = load(TASK, begins("task0/mlp"))
    assert "initial" not in settings(plan.train.train(project, "task0", "mlp", "0", "0"))
    one, other = (
        settings(
            plan.train.train(load(begins({"model": "task1/mlp", "known_events": how}), TASK), "task0", "mlp", "0", "0")
        )
        for how in ("error", "count")
    )
    assert one == other, "whether shared events are allowed trains nothing again"


TWO = edited("models.other", {"architecture": "mlp", "inputs": ["ht", "mass"]})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (begins("nowhere/mlp"), r"tasks/task0.yaml:\d+:\d+: models.mlp.initial: no task 'nowhere': .*Known: task0"),
        (begins("task0/mpl"), "models.mlp.initial: the task 'task0' has no model 'mpl': did you mean 'mlp'"),
        (begins("mlp"), "'mlp' is no model of a task: write <task>/<model>"),
        (begins("task0/mlp"), "models.mlp.initial: the model takes from itself, by way of task0/mlp"),
        (
            begins("task0/other", TWO, models__other__initial="task0/mlp"),
            "models.mlp.initial: the model takes from itself, by way of task0/other, task0/mlp",
        ),
        (begins("task0/other", edited("models.other.inputs", ["mass", "ht"], TWO)), "has its inputs in another order"),
        (begins("task0/other", edited("models.other.inputs", ["ht"], TWO)), "initial.layers: .* has other inputs"),
        (begins("task0/other", edited("models.other.architecture", "linear", TWO)), "is a linear, and this is a mlp"),
        (begins("task0/other", edited("models.mlp", {"architecture": "gbdt"}, TWO)), "begins with nothing"),
        (begins("w/model.onnx"), "in an ONNX file layers are folded .* name the model.safetensors"),
        (begins("w/model.pt"), "is no model of a task"),
        (begins("w/model.safetensors"), "known_events: nobody knows which events"),
        (begins({"weights": "w/m.safetensors", "known_events": "count"}), "w/m.safetensors: no such file"),
        (begins({"freeze": ["*"]}), "write 'model: <task>/<model>' or 'weights: <file>'"),
        (
            begins(
                {"model": "task0/other", "learning_rate": 1e-6},
                TWO,
                models__mlp__training={"schedule": {"name": "cosine", "eta_min": 1e-5}},
            ),
            "initial.learning_rate: training.schedule.eta_min 1e-05 is above it",
        ),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(text, says):
    refused(says, text)


def test_events_that_nobody_can_compare_have_to_be_allowed():
    other = edited("event_id", ["event"])
    refused("initial.known_events: event_id of task1 is without run", begins("task1/mlp"), other)
    project = load(begins({"model": "task1/mlp", "known_events": "count"}), other)
    assert plan.ancestors.learned(project, "task0", "mlp") == []
    [fold] = settings(plan.ancestors.ancestry(project, "task0", "mlp"))["folds"]
    assert fold["ancestors"] == [{"name": "task1/mlp/fold0", "allowed": True, "files": 0}]


def test_ancestors_of_ancestors_are_audited_too():
    project = load(begins("task1/mlp"), begins("task2/mlp", split={"folds": 2}), edited("split", {"folds": 3}))
    [fold] = settings(plan.ancestors.ancestry(project, "task0", "mlp"))["folds"]
    assert [one["name"] for one in fold["ancestors"]] == ["task1/mlp/fold0", "task2/mlp/fold0"]
    folds = settings(plan.ancestors.ancestry(project, "task1", "mlp"))["folds"]
    assert [fold["ancestors"][0]["name"] for fold in folds] == ["task2/mlp/fold0", "task2/mlp/fold1"]
    learned = plan.ancestors.learned(project, "task1", "mlp")
    assert {path.split("/")[4] for path in learned} == {"train", "validation"}
    assert {path.split("/")[4] for path in plan.ancestors.tested(project, "task1", "mlp")} == {"test"}


def table(path, events, kind=np.int64):
    rows = table_of("zz", weight=None, id_run=np.ones(len(events), np.int64), id_event=np.array(events, kind))
    tables.write([rows], rows.schema, path)
    return path


def audited(folder, allowed, kind=np.int64):
    """Events 0 to 9 are tested, those of two ancestors are 7 to 20 and 10 to 20; of a third they are not known."""
    ancestors = [
        {"name": "a", "allowed": allowed, "files": 2},
        {"name": "b", "allowed": False, "files": 1},
        {"name": "file", "allowed": True, "files": 0},
    ]
    folds = [{"fold": 1, "files": 2, "ancestors": ancestors}]
    known = AncestrySettings.model_validate({"name": "t/m", "identity": ["run", "event"], "folds": folds})
    tested = [table(folder / "0.parquet", [0, 1, 2, 3, 4, 5, 5]), table(folder / "1.parquet", [6, 7, 8, 9])]
    learned = [table(folder / f"{first}.parquet", list(range(first, 21)), kind) for first in (15, 7, 10)]
    ancestry(known, tested, learned, folder / "ancestry.json")
    return read_json(folder / "ancestry.json")["folds"]


def test_shared_events_are_counted_once_each(tmp_path):
    [fold] = audited(tmp_path, allowed=True)
    assert (fold["fold"], fold["tested"]) == (1, 10)
    assert fold["ancestors"] == [
        {"name": "a", "learned": 14, "shared": 3},
        {"name": "b", "learned": 11, "shared": 0},
        {"name": "file", "learned": None, "shared": None},
    ]


def test_shared_events_are_refused_with_their_number_and_what_to_do(tmp_path):
    with pytest.raises(
        SnakerootError, match=r"t/m: 3 of 10 events of the test split of fold 1 have trained a: .* split.seed"
    ):
        audited(tmp_path, allowed=False)
    assert not (tmp_path / "ancestry.json").exists()


def test_identities_of_different_types_are_never_taken_for_different_events(tmp_path):
    with pytest.raises(
        SnakerootError, match=r"other types here than where a was trained .*event: int64.*event: double"
    ):
        audited(tmp_path, allowed=True, kind=np.float64)


@pytest.mark.parametrize(
    ("shared", "state", "says"),
    [
        ([0, 0], "good", "no test event has trained"),
        ([0, None], "doubtful", "is not known: mlp"),
        ([3, None], "bad", r"mlp \(3\)"),
    ],
)
def test_the_report_says_what_was_shared(shared, state, says):
    known = [{"folds": [{"fold": 0, "tested": 9, "ancestors": [{"name": "a", "shared": one} for one in shared]}]}]
    found = verdicts({"kind": "binary", "models": {}}, AUDIT, PARTS, "events", {"mlp": known, "other": []})
    [verdict] = [one for one in found if one.name == "Ancestors"]
    assert verdict.state == state
    assert re.search(says, verdict.text)


def test_without_ancestors_there_is_no_verdict_and_no_audit():
    found = verdicts({"kind": "binary", "models": {}}, AUDIT, PARTS, "events", {"mlp": []})
    assert "Ancestors" not in {one.name for one in found}
    project = load(TASK)
    assert plan.ancestors.audits(project, "task0", "mlp") == []
    with pytest.raises(SnakerootError, match="the model 'mlp' takes nothing from others"):
        plan.names.check(project, {"task": "task0", "model": "mlp"}, ancestors=True)
