"""metrics.json: of one network, of replicas, of their ensemble, and of folds."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sklearn_metrics
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate import metrics, resampling, significance
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.predictions import Predictions
from snakeroot.jobs.command import main

BESIDE = ("calibration", "expected", "overtraining", "working_points")
"""What is said of a model beside its metrics by split."""
SETTINGS = Metrics(task="toy", models=[], bootstrap=20, seed=0)


def split(random, count, replicas=1, folds=1):
    target = np.tile([1, 0, 0], count).astype(np.int8)
    scores = [np.clip(random.normal(0.3 + 0.3 * target, 0.15), 0, 1) for _ in range(replicas)]
    weight, event = random.uniform(0.01, 0.03, 3 * count), np.arange(3 * count)
    return Predictions(target, np.mean(scores, axis=0), weight, event, scores, folds)


def test_significance_is_for_all_splits_together_at_the_cut_of_validation():
    random = np.random.default_rng(1)
    splits = {"train": split(random, 900), "validation": split(random, 300), "test": split(random, 300)}
    found = binary.of_model(splits, SETTINGS)
    signal, background = (sum(part.total(number) for part in splits.values()) for number in (1, 0))
    validation = splits["validation"]
    cut = significance.best_cut(
        Ranking(validation.target, validation.predicted).curve(validation.weight), signal, background
    )
    for name, part in splits.items():
        assert found[name]["significance_cut"] == cut
        passing = part.predicted >= found[name]["significance_cut"]
        s, b = (
            total * part.weight[passing & (part.target == number)].sum() / part.total(number)
            for total, number in ((signal, 1), (background, 0))
        )
        assert found[name]["significance_signal"] == pytest.approx(s)
        assert found[name]["significance_background"] == pytest.approx(b)
        assert found[name]["significance"] == pytest.approx(math.sqrt(2 * ((s + b) * math.log1p(s / b) - s)))
        unweighted = found[name]["unweighted"]
        assert unweighted["auc"] == pytest.approx(sklearn_metrics.roc_auc_score(part.target, part.predicted))
        assert unweighted["auc"] != found[name]["auc"]
        assert "significance" not in unweighted


def splits_of(random, **more):
    return {name: split(random, count, **more) for name, count in (("train", 900), ("validation", 300), ("test", 300))}


def flat(found):
    """The metrics of a split, those of unit weights as `unweighted <metric>`."""
    inner = {f"unweighted {name}": value for name, value in found["unweighted"].items()}
    return {name: value for name, value in found.items() if name != "unweighted"} | inner


def test_metrics_of_replicas_are_their_mean_and_spread():
    splits = splits_of(np.random.default_rng(2), replicas=3)
    found = binary.of_model(splits, SETTINGS)
    alone = [
        binary.of_model({n: replace(s, replicas=[s.replicas[i]]) for n, s in splits.items()}, SETTINGS)
        for i in range(3)
    ]
    for name in splits:
        together, single = flat(found[name]), [flat(one[name]) for one in alone]
        measured = {key for key in single[0] if not key.endswith(("_low", "_high", "_error"))}
        assert len(measured) == 18
        assert set(together) == set(single[0]) | {f"{key}_spread" for key in measured}
        for key in measured:
            values = [one[key] for one in single]
            assert together[key] == pytest.approx(sum(values) / 3, rel=1e-12)
            mean = sum(values) / 3
            spread = math.sqrt(sum((value - mean) ** 2 for value in values) / 2)
            assert together[f"{key}_spread"] == pytest.approx(spread, rel=1e-9)
            assert spread > 0
        assert together["auc_low"] < together["auc"] < together["auc_high"]


def test_interval_of_replicas_is_that_of_their_mean_over_the_same_resamplings():
    part = split(np.random.default_rng(5), 200, replicas=2)
    parts = dict.fromkeys(metrics.SPLITS, part)
    alone = [
        binary.of_model(dict.fromkeys(metrics.SPLITS, replace(part, replicas=[score])), SETTINGS).drawn
        for score in part.replicas
    ]
    found = binary.of_model(parts, SETTINGS)
    for name in ("auc", "brier", "loss", "rejection_at_80"):
        mean = (alone[0][name] + alone[1][name]) / 2
        np.testing.assert_allclose(found.drawn[name], mean, rtol=1e-12)
        ends = [found["test"][f"{name}_{end}"] for end in ("low", "high")]
        assert ends == pytest.approx(resampling.interval(mean), rel=1e-12)


def test_the_ensemble_is_measured_by_its_mean_score():
    part = split(np.random.default_rng(6), 300, replicas=4)
    found = binary.of_model(dict.fromkeys(metrics.SPLITS, part.ensemble()), SETTINGS)["test"]
    expected = sklearn_metrics.roc_auc_score(part.target, np.mean(part.replicas, axis=0), sample_weight=part.weight)
    assert found["auc"] == pytest.approx(expected)
    assert found["auc"] > binary.of_model(dict.fromkeys(metrics.SPLITS, part), SETTINGS)["test"]["auc"]
    assert not [name for name in flat(found) if name.endswith("_spread")]


def test_yields_are_those_of_one_fold_however_many_there_are(monkeypatch):
    monkeypatch.setattr(significance, "MINIMUM_BACKGROUND", 1)  # copies are entries, but no more events
    splits = splits_of(np.random.default_rng(7))
    thrice = {
        name: Predictions(
            *(np.tile(column, 3) for column in (s.target, s.predicted, s.weight, s.event)), [np.tile(s.predicted, 3)], 3
        )
        for name, s in splits.items()
    }
    one, other = (flat(binary.of_model(found, SETTINGS)["test"]) for found in (splits, thrice))
    assert one["significance"] > 0
    for key, value in one.items():
        if "rejection" not in key:  # between the same points, but rounded in another way
            assert other[key] == pytest.approx(value, rel=1e-9), key


def test_a_replica_whose_metric_is_infinite_makes_mean_and_spread_null():
    part = split(np.random.default_rng(8), 50, replicas=2)
    perfect = replace(part, replicas=[part.replicas[0], part.target.astype(float)])
    found = binary.of_model(dict.fromkeys(metrics.SPLITS, perfect), SETTINGS)["test"]
    assert (found["rejection_at_50"], found["rejection_at_50_spread"]) == (None, None)
    assert found["auc_spread"] > 0
    few = split(np.random.default_rng(8), significance.MINIMUM_BACKGROUND // 2 - 1, replicas=2)
    found = binary.of_model(dict.fromkeys(metrics.SPLITS, few), SETTINGS)["test"]
    assert (found["significance"], found["significance_spread"], found["significance_cut"]) == (None, None, None)


def test_where_no_background_passes_the_rejection_has_a_lower_limit():
    """A mean of 1.139 gives 0 events in 32 % of the cases: the background would be that share of its events."""
    target = np.repeat([1, 0], 100)
    score = np.where(target == 1, 0.9, 0.1) + np.linspace(0, 0.05, 200)
    rows = Predictions(target, score, np.full(200, 3.0), np.arange(200), [score], 1)
    found = binary.of_model(dict.fromkeys(metrics.SPLITS, rows), SETTINGS)["test"]
    assert found["rejection_at_80"] is None
    assert found["rejection_at_80_low"] == pytest.approx(100 / 1.1394, rel=1e-4)
    assert np.exp(-100 / found["rejection_at_80_low"]) == pytest.approx(0.32)
    assert found["rejection_at_80_high"] is None
    weight = np.where(np.arange(200) % 2, 1.0, 3.0)  # worth 80 events of background: (50 + 150)² / (50 + 450)
    found = binary.of_model(dict.fromkeys(metrics.SPLITS, replace(rows, weight=weight)), SETTINGS)["test"]
    assert found["rejection_at_80_low"] == pytest.approx(80 / 1.1394, rel=1e-4)


def write_predictions(path, target, scores, weight):
    count = len(target)
    table = pa.table(
        {
            "id_event": pa.array(range(count), pa.int64()),
            "target": pa.array(target, pa.int8()),
            "fold": pa.array([0] * count, pa.int8()),
            "weight": pa.array(weight, pa.float64()),
            **{f"score_{number}": pa.array(score, pa.float64()) for number, score in enumerate(scores)},
            "score": pa.array(np.mean(scores, axis=0)),
        }
    )
    tables.write([table], table.schema, path)


def run_metrics(folder, test, replicas=1):
    """Measure a model whose replicas have the same scores but differ in their training."""
    good = ([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], [1.0, 2.0, 1.0, 2.0])
    for name, (target, score, weight) in {"train": good, "validation": good, "test": test}.items():
        write_predictions(folder / f"{name}.parquet", target, [score] * replicas, weight)
    metadata = [folder / f"model{replica}.json" for replica in range(replicas)]
    for replica, path in enumerate(metadata):
        write_json({"parameters": 5, "epochs": 3 + replica, "best_epoch": 2, "inputs": ["x"]}, path)
    models = [{"name": "mlp", "networks": replicas}]
    spec = json.dumps({"settings": {"task": "toy", "models": models, "bootstrap": 20, "seed": 1}})
    files = [str(folder / f"{name}.parquet") for name in ("train", "validation", "test")]
    written = str(folder / "metrics.json")
    arguments = ["--spec", spec, "--predictions", *files, "--metadata", *map(str, metadata)]
    arguments += ["--features", "--scalings", "--metrics", written]
    main(metrics.make, arguments)
    return read_json(folder / "metrics.json")


def test_metrics_file_has_its_schema_and_null_for_what_is_infinite(tmp_path):
    found = run_metrics(tmp_path, ([1, 0, 1, 0], [0.9, 0.2, 0.7, 0.1], [1.0, 1.0, 1.0, 1.0]))
    assert (found["task"], found["kind"]) == ("toy", "binary")
    model = found["models"]["mlp"]
    size = {"networks": 1, "parameters": 5, "epochs": 3, "best_epoch": 2}
    assert {key: model[key] for key in model if key not in (*metrics.SPLITS, *BESIDE)} == size
    assert set(BESIDE) < set(model)
    assert "comparisons" not in found
    assert model["test"]["auc"] == model["test"]["unweighted"]["auc"] == 1.0
    assert model["test"]["rejection_at_50"] is None
    assert model["validation"]["rejection_at_80"] == pytest.approx(2.0)
    assert model["test"]["significance"] is None
    names = {"auc", "rejection_at_50", "rejection_at_80", "accuracy", "loss", "brier", "ece"}
    expected = names | {f"{name}_{end}" for name in names for end in ("low", "high")}
    for name in ("train", "validation", "test"):
        assert expected <= set(model[name])
        assert expected == set(model[name]["unweighted"])


def test_metrics_file_of_replicas_has_the_ensemble_and_means_of_the_training(tmp_path):
    test = ([1, 0, 1, 0], [0.9, 0.2, 0.7, 0.8], [1.0, 1.0, 1.0, 1.0])
    [alone] = run_metrics(tmp_path, test)["models"].values()
    [model] = run_metrics(tmp_path, test, replicas=2)["models"].values()
    size = {"networks": 2, "parameters": 5.0, "epochs": 3.5, "best_epoch": 2.0}
    assert {key: model[key] for key in model if key not in (*metrics.SPLITS, "ensemble", *BESIDE)} == size
    assert {name: model[name] for name in BESIDE} == {name: alone[name] for name in BESIDE}
    assert model["ensemble"] == {name: alone[name] for name in metrics.SPLITS}
    assert model["test"]["auc"] == 0.75
    assert model["test"]["auc_spread"] == model["test"]["unweighted"]["accuracy_spread"] == 0.0


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (([0, 0], [0.1, 0.2], [1.0, 1.0]), ["no event of class signal", "split test", "model mlp", "larger share"]),
        (([1, 1], [0.1, 0.2], [1.0, 1.0]), ["no event of class background"]),
        (([1, 0], [0.1, 0.2], [1.0, 0.0]), ["class background", "sum to 0 ", "weight"]),
        (([1, 0], [0.1, 0.2], [-1.0, 1.0]), ["class signal", "sum to -1 "]),
    ],
)
def test_a_class_that_is_missing_or_weightless_is_an_error_that_names_it(tmp_path, test, said):
    with pytest.raises(SystemExit) as raised:
        run_metrics(tmp_path, test)
    for words in ["test.parquet", *said]:
        assert words in str(raised.value)
    assert not (tmp_path / "metrics.json").exists()
