"""Differences of two runs: of metrics with their errors, by hand; of config and origin."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from snakeroot.errors import SnakerootError
from snakeroot.snapshots import differences, keep, state

INTERVAL = 0.01


def run(networks=1, **areas):
    def split(area):
        return {"auc": area, "auc_low": area - INTERVAL, "auc_high": area + INTERVAL, "unweighted": {"auc": area}}

    models = {name: {"test": split(area), "networks": networks} for name, area in areas.items()}
    return {"kind": "binary", "models": models}


def cells(before, after, folds=(1, 1)):
    table = differences.metrics(before, after, folds)
    return {name: dict(zip(table.columns, row, strict=True)) for name, row in table.rows.items()}


@pytest.mark.parametrize(("difference", "verdict"), [(0.02, "within errors"), (0.03, "significant"), (0.0, "the same")])
def test_a_difference_is_told_in_errors_of_both(difference, verdict):
    row = cells(run(mlp=0.9), run(mlp=0.9 + difference))["mlp, AUC"]
    assert (row["Before"].text, row["Before"].interval) == ("0.9000", "[0.8900, 0.9100]")
    assert row["Verdict"].text == verdict
    if difference:
        assert row["Difference"].text == f"{difference:+.4f}"
        assert row["In errors"].value == pytest.approx(difference / (math.sqrt(2) * INTERVAL))


def test_the_seed_adds_to_the_error_of_a_mean_over_replicas():
    """4 networks in 2 folds are 2 replicas, the error of whose mean is their spread over the root of 2."""
    pair = [run(networks=4, mlp=0.9), run(networks=4, mlp=0.95)]
    for one in pair:
        one["models"]["mlp"]["test"]["auc_spread"] = 0.03
    error = math.sqrt(2 * (INTERVAL**2 + 0.03**2 / 2))
    assert cells(*pair, folds=(2, 2))["mlp, AUC"]["In errors"].value == pytest.approx(0.05 / error)


def test_what_has_no_value_or_no_interval_is_not_judged():
    pair = [run(mlp=0.9), run(mlp=0.9)]
    for one, rejection, loss in zip(pair, (None, 50.0), (0.1, 0.2), strict=True):
        ends = {"rejection_at_50_low": 40.0, "rejection_at_50_high": None}
        one["models"]["mlp"]["test"] |= {"rejection_at_50": rejection, **ends, "loss": loss}
    rows = cells(*pair)
    assert rows["mlp, Rejection at 50 %"]["Before"].text == "> 40"
    assert rows["mlp, Rejection at 50 %"]["Verdict"].text == "not comparable"
    assert rows["mlp, Loss"]["Verdict"].text == "without an interval"
    assert rows["mlp, Loss"]["Difference"].text == "+0.1000"


def test_each_class_is_compared():
    pair = []
    for area in (0.8, 0.9):
        ends = {end: {"b": area + shift} for end, shift in (("auc", 0), ("auc_low", -0.01), ("auc_high", 0.01))}
        pair.append({"kind": "multiclass", "models": {"net": {"test": {**ends, "unweighted": {}}, "networks": 1}}})
    assert cells(*pair)["net, AUC of b"]["Verdict"].text == "significant"


def test_models_of_one_run_and_other_kinds_are_left_out():
    assert list(cells(run(mlp=0.9, cnn=0.8), run(mlp=0.9, gbdt=0.8))) == ["mlp, AUC"]
    assert cells(run(mlp=0.9), {**run(mlp=0.9), "kind": "regression"}) == {}


def test_lines_of_the_config_that_differ():
    changed = differences.texts(
        {"a": "x: 1\ny: 2\n", "b": "z\n", "d": "1"}, {"a": "x: 1\ny: 3\n", "c": "w\n", "d": "1"}
    )
    assert [kind for kind, _ in changed["a"]] == ["", "", "removed", "added"]
    assert changed["a"][2:] == [("removed", "-y: 2"), ("added", "+y: 3")]
    assert changed["b"][-1] == ("removed", "-z")
    assert changed["c"][-1] == ("added", "+w")
    assert "d" not in changed


def test_samples_of_one_run_alone_have_a_row():
    facts = {"written": 10, "weight": 4.0, "factor": 0.5}
    table = differences.events({"samples": {"zz": facts}}, {"samples": {"vbf": facts}})
    assert {name: [cell.text for cell in row] for name, row in table.rows.items()} == {
        "vbf": ["–", "10", "–", "2"],
        "zz": ["10", "–", "2", "–"],
    }


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "ä", "a b"])
def test_names_of_snapshots_are_names(name):
    with pytest.raises(SnakerootError, match="is no name of a snapshot"):
        keep.place(name)


def test_a_folder_without_results_is_no_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SnakerootError, match="no task was measured there"):
        state.find(".")
    with pytest.raises(SnakerootError, match="there is no snapshot 'first'"):
        state.find("first")
