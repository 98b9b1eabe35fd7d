"""What is made of all results of a search."""

from __future__ import annotations

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.tune.best import choose
from snakeroot.tune.collect import collect
from snakeroot.tune.settings import BestSettings, CollectSettings, ShortlistSettings
from snakeroot.tune.shortlist import shortlist
from tuning import SPACE, result

FAILED = {"state": "fail", "reason": "bad luck", "metrics": None, "epochs": None, "best_epoch": None}


@pytest.fixture
def best(tmp_path):
    """A function that collects results in any order and chooses the best."""

    def run(*results, objective=("loss",)):
        paths = []
        for found in results:
            paths.append(tmp_path / f"result{found['number']}.json")
            write_json({"trials": [found]}, paths[-1])
        collect(CollectSettings(round=0), [], paths[::-1], tmp_path / "history.json")
        settings = BestSettings.model_validate({"objective": list(objective), "space": SPACE, "name": "task model"})
        outputs = [tmp_path / name for name in ("best.json", "trials.parquet", "study.log")]
        choose(settings, tmp_path / "history.json", [], [], *outputs)
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


def again(place, *values, **changed):
    return [result(place, loss=value, **changed) for value in values]


@pytest.fixture
def confirmed(tmp_path):
    """A function that makes a shortlist of trials and chooses by what came of it, seed by seed."""

    def run(trials, count, *seeds, objective=("loss",)):
        history = tmp_path / "history.json"
        write_json({"round": 4, "trials": trials}, history)
        short, paths = tmp_path / "shortlist.json", []
        listed = ShortlistSettings.model_validate({"objective": list(objective), "count": count})
        shortlist(listed, history, short)
        for number, results in enumerate(seeds):
            paths.append(tmp_path / f"again{number}.json")
            write_json({"trials": results}, paths[-1])
        settings = BestSettings.model_validate({"objective": list(objective), "space": SPACE, "name": "task model"})
        outputs = [tmp_path / name for name in ("best.json", "trials.parquet", "study.log")]
        choose(settings, history, [short], paths, *outputs)
        return read_json(short), read_json(outputs[0])

    return run


def test_the_mean_of_other_seeds_decides_among_the_best(confirmed):
    """The best value of all is of trial 1, by its seed; trial 3 is as good with any."""
    trials = [result(0, 0.9), result(1, 0.10), result(2, 0.11), result(3, 0.12), result(4, 0.0, **FAILED)]
    first = [*again(0, 0.3), *again(1, 0.25), *again(2, 0.13)]
    second = [*again(0, 0.3), *again(1, 0.1), *again(2, 0.15)]
    short, best = confirmed(trials, 3, first, second)
    assert (short["round"], short["trials"]) == (5, [1, 2, 3])
    assert [one["point"]["hidden.units"] for one in short["proposals"]] == [3, 4, 5]
    assert (best["trial"], best["point"]["hidden.units"], best["metrics"]["loss"]) == (3, 5, 0.12)
    assert [(one["trial"], one["mean"]) for one in best["confirmation"]] == [
        (1, pytest.approx(0.3)),
        (2, pytest.approx(0.175)),
        (3, pytest.approx(0.14)),
    ]


def test_what_is_to_be_large_is(confirmed):
    trials = [result(0, 0.5), result(1, 0.1), result(2, 0.2)]
    short, best = confirmed(trials, 2, [*again(0, 0.3), *again(1, 0.2)], objective=("auc",))
    assert (short["trials"], best["trial"]) == ([1, 2], 2)
    assert [one["mean"] for one in best["confirmation"]] == [0.7, 0.8]


def test_one_that_fails_with_another_seed_comes_last(confirmed):
    trials = [result(0, 0.5), result(1, 0.1)]
    _, best = confirmed(trials, 2, [*again(0, 0.0, **FAILED), *again(1, 0.9)], [*again(0, 0.1), *again(1, 0.9)])
    assert (best["trial"], [one["failed"] for one in best["confirmation"]]) == (0, [1, 0])


def test_a_shortlist_of_fewer_than_asked_for(confirmed):
    short, best = confirmed([result(0, 0.5), result(1, 0.1, **FAILED), result(2, 0.2)], 3, [*again(0, 0.3)], [])
    assert (short["trials"], best["trial"]) == ([2, 0], 2)
    assert best["confirmation"][1]["values"] == []
