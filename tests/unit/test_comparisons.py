"""Is one model better than another: paired by event, for tasks of several kinds."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, log_loss
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate import metrics
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.comparisons import compared, comparisons
from snakeroot.evaluate.measures import binary, multiclass, regression
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.performance import Ranking, auc
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.resampling import Measurement
from snakeroot.jobs.command import main

SPLITS = ("train", "validation", "test")


def settings(kind="binary", **more):
    return Metrics(task="toy", kind=kind, models=[], bootstrap=300, seed=1, **more)


def models(random, noises, count=2000):
    """Scores that differ by the noise on the same events."""
    target = (random.random(count) < 0.5).astype(np.int8)
    raw, weight = random.normal(1.5 * target, 1.0), random.uniform(0.5, 1.5, count)
    found = {}
    for name, noise in noises.items():
        score = 1 / (1 + np.exp(0.75 - raw - random.normal(0, noise, count)))
        part = Predictions(target, score, weight, np.arange(count), [score], 1)
        found[name] = binary.of_model(dict.fromkeys(SPLITS, part), settings())
    return found


def test_each_model_is_compared_with_each_before_it():
    found = comparisons(models(np.random.default_rng(1), {"a": 0.3, "b": 0.3, "c": 1.0}), binary.BETTER)
    auc = [one for one in found if one["metric"] == "auc"]
    assert [(one["model"], one["reference"]) for one in auc] == [("b", "a"), ("c", "a"), ("c", "b")]
    assert {one["metric"] for one in found} == {"auc", "rejection_at_50"}
    assert set(found[0]) == {"model", "reference", "metric", "difference", "low", "high", "probability"}
    for one in auc[1:]:
        assert one["low"] < one["difference"] < one["high"] < 0
        assert one["probability"] < 0.01
    assert 0.02 < auc[0]["probability"] < 0.98


def test_pairing_makes_the_interval_narrower_than_that_of_two_models_apart():
    known = models(np.random.default_rng(2), {"a": 0.2, "b": 0.2})
    [paired, _] = comparisons(known, binary.BETTER)
    widths = [one["test"]["auc_high"] - one["test"]["auc_low"] for one in known.values()]
    assert paired["high"] - paired["low"] < 0.5 * math.hypot(*widths)
    assert paired["difference"] == known["b"]["test"]["auc"] - known["a"]["test"]["auc"]


def test_the_interval_of_a_difference_covers_it_as_often_as_it_says():
    """Of 200 toys, within 3 sigma: the areas of two scores whose noises are known."""
    noises, toys, inside = (0.5, 1.0), 200, 0
    one, other = (0.5 * (1 + math.erf(0.75 / math.sqrt(1 + noise**2))) for noise in noises)
    random, target = np.random.default_rng(3), np.repeat([0, 1], 200)
    for toy in range(toys):
        raw, drawn = random.normal(1.5 * target, 1.0), []
        for noise in noises:
            score = raw + random.normal(0, noise, 400)
            cells = Cells(Ranking(target, score), target, score)
            drawn.append(auc(cells.curve(*cells.resampled(np.arange(400), [np.ones(400)], 100, [toy]))))
        known = compared(0.0, *drawn, 1)
        inside += known["low"] <= one - other <= known["high"]
    assert inside / toys == pytest.approx(0.68, abs=3 * math.sqrt(0.68 * 0.32 / toys))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30), st.sampled_from([1, -1]))
def test_probabilities_of_both_ways_add_up_to_one_and_equals_count_half(values, sign):
    one, other = np.array(values, dtype=float).T
    there, back = compared(1.0, one, other, sign), compared(-1.0, other, one, sign)
    assert there["probability"] + back["probability"] == pytest.approx(1)
    better = np.mean([(sign * (a - b) > 0) + 0.5 * (a == b) for a, b in values])
    assert there["probability"] == pytest.approx(better)


def test_what_is_infinite_or_undefined_is_not_compared_or_left_out():
    drawn = {"rejection_at_50": np.array([2.0, np.inf, np.nan, 4.0]), "auc": np.ones(4)}
    other = {"rejection_at_50": np.array([1.0, np.inf, 1.0, np.inf]), "auc": np.ones(4)}
    known = {
        "a": Measurement({"test": {"auc": 1.0, "rejection_at_50": None}}, other),
        "b": Measurement({"test": {"auc": 1.0, "rejection_at_50": 3.0}}, drawn),
    }
    [auc] = comparisons(known, binary.BETTER)
    assert auc == {
        "model": "b",
        "reference": "a",
        "metric": "auc",
        "difference": 0.0,
        "low": 0.0,
        "high": 0.0,
        "probability": 0.5,
    }
    known["a"]["test"]["rejection_at_50"] = 2.5
    [_, rejection] = comparisons(known, binary.BETTER)
    assert rejection["probability"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert (rejection["low"], rejection["high"]) == (None, 1.0), (
        "nothing is known of the difference of two infinite ones"
    )


def test_of_numbers_a_smaller_error_is_better():
    random, found = np.random.default_rng(4), {}
    target = random.uniform(20, 200, 500)
    for name, width in {"a": 5.0, "b": 4.0}.items():
        predicted = target + random.normal(0, width, 500)
        part = Predictions(target, predicted, np.ones(500), np.arange(500), [predicted], 1)
        found[name] = regression.of_model({"test": part}, settings("regression"))
    rmse, resolution = comparisons(found, regression.BETTER)
    assert (rmse["metric"], resolution["metric"]) == ("rmse", "resolution")
    assert rmse["difference"] < 0
    assert rmse["probability"] > 0.95


def test_of_several_classes_the_mean_area_and_the_loss_are_compared():
    random, found = np.random.default_rng(5), {}
    target = random.integers(0, 3, 600).astype(np.int8)
    for name, sharpness in {"a": 1.0, "b": 2.0}.items():
        raw = np.exp(random.normal(0.0, 1.0, (600, 3)) + sharpness * np.eye(3)[target])
        score = raw / raw.sum(axis=1, keepdims=True)
        part = Predictions(target, score, np.ones(600), np.arange(600), [score], 1)
        found[name] = multiclass.of_model({"test": part}, settings("multiclass", classes=["x", "y", "z"]))
    area, loss = comparisons(found, multiclass.BETTER)
    assert (area["metric"], loss["metric"]) == ("auc_macro", "loss")
    assert (area["probability"], loss["probability"]) == (1.0, 1.0)
    assert area["low"] > 0 > loss["high"]
    test = found["b"]["test"]
    for name, reference in (
        ("accuracy", balanced_accuracy_score(target, score.argmax(axis=1))),
        ("loss", log_loss(target, score, sample_weight=1 / np.bincount(target)[target])),
    ):
        assert test[name] == pytest.approx(reference)
        assert test[f"{name}_low"] < test[name] < test[f"{name}_high"]


def test_metrics_of_two_models_have_them_and_of_replicas_they_are_of_the_ensemble(tmp_path):
    random = np.random.default_rng(6)
    target = np.tile([1, 0], 150).astype(np.int8)
    for name, replicas in (("one", 1), ("two", 2)):
        scores = [np.clip(random.normal(0.4 + 0.2 * target, 0.15), 0, 1) for _ in range(replicas)]
        columns = {"id_event": np.arange(300), "target": target, "fold": np.zeros(300, np.int8), "weight": np.ones(300)}
        columns |= {f"score_{number}": score for number, score in enumerate(scores)}
        table = pa.table({**columns, "score": np.mean(scores, axis=0)})
        tables.write([table], table.schema, tmp_path / f"{name}.parquet")
    write_json({"parameters": 5, "epochs": 3, "best_epoch": 2}, tmp_path / "m.json")
    known = [{"name": "one", "networks": 1}, {"name": "two", "networks": 2}]
    spec = json.dumps({"settings": {"task": "toy", "models": known, "bootstrap": 40, "seed": 1}})
    files = [str(tmp_path / f"{name}.parquet") for name in ("one", "two") for _ in SPLITS]
    arguments = ["--spec", spec, "--predictions", *files, "--metadata", *[str(tmp_path / "m.json")] * 3]
    main(metrics.make, [*arguments, "--features", "--scalings", "--metrics", str(tmp_path / "metrics.json")])
    found = read_json(tmp_path / "metrics.json")
    auc = next(one for one in found["comparisons"] if one["metric"] == "auc")
    assert (auc["model"], auc["reference"]) == ("two", "one")
    two, one = found["models"]["two"], found["models"]["one"]
    assert auc["difference"] == pytest.approx(two["ensemble"]["test"]["auc"] - one["test"]["auc"])
    assert set(two["ensemble"]) == set(SPLITS)
    assert "working_points" in two
