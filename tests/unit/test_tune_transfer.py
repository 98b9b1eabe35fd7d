"""The best points of a finished search as the first ones of another: which, in what form, and where they cannot be."""

from __future__ import annotations

import pytest
from snakeroot import plan
from snakeroot.data.files import read_json, write_json
from snakeroot.tune.allocation import Origin
from snakeroot.tune.propose import propose
from snakeroot.tune.settings import ProposeSettings
from snakeroot.tune.space import Parameter
from snakeroot.tune.transfer import transferred
from tasks import TASK, edited, load, refused, settings
from tuning import result

SPACE = {
    "hidden.units": {"int": [2, 5]},
    "activation": {"choices": ["relu", "tanh"]},
    "dropout": {"float": [0, 0.5]},
}


def trial(number, loss, **changed):
    """A trial of another space, which has no dropout."""
    known = result(number, loss)
    point = {"hidden.units": 2 + number, "activation": "relu" if number % 2 else "gelu", "training.l2": 0.1}
    return {**known, "point": point, "active": point, **changed}


TRIALS = [
    trial(0, 0.5),
    trial(1, 0.4),
    trial(2, 0.3, state="pruned"),
    trial(3, 0.2),
    trial(4, 0.1),
    trial(5, 0.6, state="fail", metrics=None),
]


def space(**changed):
    return {key: Parameter.model_validate(value) for key, value in {**SPACE, **changed}.items()}


def test_the_best_complete_trials_by_their_own_objective_as_far_as_the_space_has_them():
    points = transferred(space(), Origin(name="t/m", objective="loss", trials=4), TRIALS)
    assert points == [
        {"hidden.units": 5, "activation": "relu"},
        {"hidden.units": 3, "activation": "relu"},
        {"hidden.units": 2},
    ]
    by_size = [trial(number, 0.1 * number, metrics={"loss": 0.1 * number, "auc": 0.1 * number}) for number in range(3)]
    best = transferred(space(), Origin(name="t/m", objective="auc", trials=1), by_size)
    assert best == [{"hidden.units": 4}]


@pytest.mark.parametrize(
    ("parameter", "value", "there"),
    [
        ({"float": [0, 1], "step": 0.25}, 0.5, True),
        ({"float": [0, 1], "step": 0.25}, 0.3, False),
        ({"choices": [1, 2]}, True, False),
        ({"choices": [True, False]}, 1, False),
        ({"int": [1, 4]}, "2", False),
        ({"int": [1, 4]}, 2.5, False),
        ({"float": [1e-4, 1e-1], "log": True}, 0.01, True),
    ],
)
def test_only_values_of_the_space_are_taken(parameter, value, there):
    trials = [trial(0, 0.1, active={"x": value})]
    found = transferred(space(x=parameter), Origin(name="t/m", objective="loss", trials=1), trials)
    assert found == ([{"x": value}] if there else [])


def test_a_setting_that_did_not_count_there_says_nothing():
    trials = [trial(0, 0.1, active={"hidden.units": 4})]
    assert transferred(space(), Origin(name="t/m", objective="loss", trials=1), trials) == [{"hidden.units": 4}]


def proposals(folder, sampler, number=0, history=(), start=None):
    """The points of a round of two."""
    write_json({"trials": TRIALS}, folder / "other.json")
    write_json({"trials": list(history)}, folder / "history.json")
    known = ProposeSettings.model_validate(
        {
            "sampler": sampler,
            "space": SPACE,
            "objective": ["loss"],
            "count": 2,
            "round": number,
            "trials_per_round": 2,
            "seed": 1,
            "start": start,
        }
    )
    other = [folder / "other.json"] if start else []
    propose(known, [folder / "history.json"], other, [], folder / "proposals.json")
    return [one["point"] for one in read_json(folder / "proposals.json")["proposals"]], (
        folder / "proposals.json"
    ).read_bytes()


@pytest.mark.parametrize("sampler", ["gp", "tpe", "random", "qmc", "nsga2"])
def test_they_are_the_first_trials_and_what_they_lack_is_the_samplers(tmp_path, sampler):
    start = {"name": "t/m", "objective": "loss", "trials": 3}
    own, _ = proposals(tmp_path, sampler)
    points, first = proposals(tmp_path, sampler, start=start)
    assert [(one["hidden.units"], one["activation"]) for one in points] == [(5, "relu"), (3, "relu")]
    assert [one["dropout"] for one in points] == [one["dropout"] for one in own]
    assert proposals(tmp_path, sampler, start=start)[1] == first, "the same bytes"
    history = [result(place, 0.1, point=point, active=point) for place, point in enumerate(points)]
    plain, _ = proposals(tmp_path, sampler, 1, history)
    later, _ = proposals(tmp_path, sampler, 1, history, start)
    assert later[0] == {**plain[0], "hidden.units": 2}
    assert later[1] == plain[1]


TUNING = {"sampler": "tpe", "rounds": 3, "trials_per_round": 2, "space": {"hidden.units": {"int": [2, 5]}}}


@pytest.fixture(autouse=True)
def ntuples(tmp_path, monkeypatch):
    """An ntuple below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()


def searched(text=TASK, **changed):
    return edited("models.mlp.hidden", {"layers": 1}, edited("models.mlp.tuning", {**TUNING, **changed}, text))


def test_a_round_that_has_none_of_them_knows_nothing_of_the_other_search():
    project = load(searched(start={"search": "task1/mlp", "trials": 3}), searched(rounds=4, objective=["auc", "loss"]))
    history = "results/task1/models/mlp/tuning/history3.json"
    assert [plan.tune.start(project, "task0", "mlp", number) for number in range(3)] == [[history], [history], []]
    specs = [settings(plan.tune.propose(project, "task0", "mlp", number)) for number in "012"]
    assert specs[0]["start"] == {"name": "task1/mlp", "objective": "auc", "trials": 3}
    assert "start" not in specs[2]
    assert "start" not in settings(plan.tune.propose(project, "task1", "mlp", "0"))


def test_what_that_search_has_seen_is_audited_where_this_one_is():
    project = load(searched(edited("split", {"folds": 2}), start="task1/mlp"), searched())
    [fold] = settings(plan.ancestors.ancestry(project, "task0", "mlp"))["folds"]
    assert (fold["fold"], [one["name"] for one in fold["ancestors"]]) == (0, ["task1/mlp/fold0"])


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ({"start": "task1/mlp"}, None, "models.mlp.tuning.start: task1/mlp has no 'tuning'"),
        ({"start": "task0/mlp"}, {}, "models.mlp.tuning.start: the model takes from itself"),
        ({"start": "task1/mlp"}, {"start": "task0/mlp"}, "takes from itself, by way of task1/mlp, task0/mlp"),
        (
            {"start": "task1/mlp", "sampler": "grid", "rounds": None},
            {},
            "tuning.start: grid tries its own points alone",
        ),
        ({"start": "task1/mlp", "sampler": "cmaes"}, {}, "tuning.start: cmaes tries its own points alone"),
        ({"start": {"search": "task1/mlp", "trials": 7}}, {}, "6 trials, of which 7 cannot be the first"),
        ({"start": "task1/mlp"}, {"space": {"dropout": {"float": [0, 1e-3]}}}, "nothing of that is searched here"),
        (
            {"start": "task1/mlp"},
            {"space": {"hidden.units": {"int": [8, 9]}}},
            "no values of hidden.units that task1/mlp searches are in this space",
        ),
        ({"start": "task2/mlp"}, {}, r"tasks/task0.yaml:\d+:\d+: models.mlp.tuning.start: no task 'task2'"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(first, second, says):
    refused(says, searched(**first), TASK if second is None else searched(**second))
