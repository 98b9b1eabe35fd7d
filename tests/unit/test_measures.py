"""Metrics of several classes, of numbers and of what has no target: against scikit-learn, brute force and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import cells, resampling
from snakeroot.evaluate.measures import multiclass, regression, unsupervised
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.regression._profiles import profile
from snakeroot.evaluate.residuals import Order, residuals

unhurried = hypothesis_settings(deadline=None, max_examples=60)
CLASSES = ["b", "g", "q"]


def settings(kind, **more):
    return Metrics(task="toy", kind=kind, models=[], bootstrap=20, seed=1, **more)


def of_classes(count=900, replicas=1, seed=1):
    """Rows of three classes of very different totals, with scores that tell something."""
    random = np.random.default_rng(seed)
    target = random.choice(3, count, p=[0.2, 0.3, 0.5]).astype(np.int8)
    weight = random.uniform(0.5, 1.5, count) * np.array([1.0, 100.0, 1e-3])[target]
    scores = []
    for _ in range(replicas):
        raw = np.exp(random.normal(0.0, 1.0, (count, 3)) + 1.5 * np.eye(3)[target])
        scores.append(raw / raw.sum(axis=1, keepdims=True))
    return Predictions(target, np.mean(scores, axis=0), weight, np.arange(count), scores, 1)


def balanced(target, weight):
    return weight / np.bincount(target, weight)[target]


def test_metrics_of_classes_are_scikit_learns_with_equal_totals():
    split = of_classes()
    found = multiclass.of_model({"test": split}, settings("multiclass", classes=CLASSES))["test"]
    for measured, weight in ((found, split.weight), (found["unweighted"], np.ones(900))):
        even = balanced(split.target, weight)
        known = {"sample_weight": even}
        for number, name in enumerate(CLASSES):
            area = sklearn_metrics.roc_auc_score(split.target == number, split.predicted[:, number], **known)
            assert measured["auc"][name] == pytest.approx(area, abs=1e-12)
            assert measured["auc_low"][name] < area < measured["auc_high"][name]
        assert measured["auc_macro"] == pytest.approx(np.mean(list(measured["auc"].values())))
        assert measured["auc_macro_low"] < measured["auc_macro"] < measured["auc_macro_high"]
        loss = sklearn_metrics.log_loss(split.target, split.predicted, **known)
        assert measured["loss"] == pytest.approx(loss, rel=1e-9)
        likeliest = split.predicted.argmax(axis=1)
        assert measured["accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(split.target, likeliest, **known))
        matrix = sklearn_metrics.confusion_matrix(split.target, likeliest, sample_weight=weight)
        np.testing.assert_allclose(measured["confusion_sums"], matrix, rtol=1e-12)
        np.testing.assert_allclose(measured["confusion"], matrix / matrix.sum(axis=1, keepdims=True), rtol=1e-12)
    assert found["auc"]["q"] != found["unweighted"]["auc"]["q"]


@pytest.mark.parametrize(("count", "digits"), [(900, 1e-12), (6000, 1e-4)])
def test_resamplings_of_classes_are_the_measures_of_resampled_weights(count, digits):
    """To the last digit while a score has a cell of its own, and far within the interval beyond."""
    split = of_classes(count)
    event = np.arange(count) // 2  # two rows each
    separation = multiclass.Separation(split.target, split.predicted)
    weights = [split.weight * np.where(np.arange(count) % 7, 1.0, -0.5), np.ones(count)]
    places = np.arange(count // 2)
    [factors] = cells.resampled(places, len(places), places, [np.ones(len(places))], 60, [3])
    assert set(factors.ravel()) >= {0.0, 1.0, 2.0}
    assert abs(factors.mean() - 1) < 0.01
    for weight, found in zip(weights, separation.cells.resampled(event, weights, 60, [3]), strict=True):
        known = [separation(weight * factors[event, number]) for number in range(60)]
        for name, values in found.items():
            exact = np.array([one[name] for one in known])
            np.testing.assert_allclose(values, exact, rtol=0, atol=digits if "auc" in name else 1e-12)
            assert exact.std(axis=0).min() > 20 * digits


def test_a_resampling_without_a_class_is_undefined():
    split = of_classes(60)
    weight = np.where(split.target == 1, 0.0, split.weight)
    weight[np.flatnonzero(split.target == 1)[0]] = 1.0
    separation = multiclass.Separation(split.target, split.predicted)
    [found] = separation.cells.resampled(split.event, [weight], 100, [1])
    lost = np.isnan(found["loss"])
    assert 15 < lost.sum() < 60  # 1/e of 100
    for values in found.values():
        np.testing.assert_array_equal(np.isnan(values).reshape(100, -1).all(axis=1), lost)
        np.testing.assert_array_equal(np.isnan(values).reshape(100, -1).any(axis=1), lost)


def test_metrics_of_classes_do_not_depend_on_cross_sections():
    split = of_classes()
    other = Predictions(
        split.target,
        split.predicted,
        split.weight * np.array([8.0, 1.0, 0.25])[split.target],
        split.event,
        split.replicas,
        1,
    )  # powers of two change no rounding
    one, two = (
        multiclass.of_model({"test": rows}, settings("multiclass", classes=CLASSES))["test"] for rows in (split, other)
    )
    for name in ("auc", "auc_low", "auc_macro", "accuracy", "loss", "confusion"):
        assert one[name] == two[name]
    assert one["confusion_sums"] != two["confusion_sums"]


def test_replicas_of_classes_have_mean_and_spread():
    split = of_classes(replicas=3)
    known = settings("multiclass", classes=CLASSES)
    together = multiclass.of_model({"test": split}, known)["test"]
    alone = [
        multiclass.of_model({"test": Predictions(split.target, one, split.weight, split.event, [one], 1)}, known)[
            "test"
        ]
        for one in split.replicas
    ]
    for name in CLASSES:
        values = [one["auc"][name] for one in alone]
        assert together["auc"][name] == pytest.approx(np.mean(values))
        assert together["auc_spread"][name] == pytest.approx(np.std(values, ddof=1))
    shares = np.array([one["confusion"] for one in alone])
    np.testing.assert_allclose(together["confusion_spread"], shares.std(axis=0, ddof=1), atol=1e-15)


def of_numbers(count=2000, seed=2, shift=0.0):
    random = np.random.default_rng(seed)
    target = random.uniform(20, 200, count)
    predicted = target + random.normal(1.0, 5.0, count) + shift
    return Predictions(target, predicted, random.uniform(0.1, 2.0, count), np.arange(count), [predicted], 1)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_metrics_of_numbers_are_scikit_learns(offset):
    split = of_numbers()
    target, predicted = split.target + offset, split.predicted + offset
    split = Predictions(target, predicted, split.weight, split.event, [predicted], 1)
    found = regression.of_model({"test": split}, settings("regression"))["test"]
    for measured, weight in ((found, split.weight), (found["unweighted"], np.ones(2000))):
        known = {"sample_weight": weight}
        rmse = sklearn_metrics.root_mean_squared_error(target, predicted, **known)
        assert measured["rmse"] == pytest.approx(rmse, rel=1e-9)
        mae = sklearn_metrics.mean_absolute_error(target, predicted, **known)
        assert measured["mae"] == pytest.approx(mae, rel=1e-9)
        assert measured["r2"] == pytest.approx(sklearn_metrics.r2_score(target, predicted, **known), abs=1e-8)
        assert measured["bias"] == pytest.approx(np.average(predicted - target, weights=weight), rel=1e-6)
        assert measured["resolution"] == pytest.approx(5.0, rel=0.08)
        for name in ("rmse", "mae", "r2", "bias", "resolution"):
            assert measured[f"{name}_low"] < measured[name] < measured[f"{name}_high"], name
    assert found["rmse"] != found["unweighted"]["rmse"]


def test_relative_residuals_are_divided_by_the_target_and_need_it_above_zero():
    split = of_numbers()
    found = regression.of_model({"test": split}, settings("regression", residual="relative"))["test"]
    assert found["bias"] == pytest.approx(np.average(split.predicted / split.target - 1, weights=split.weight))
    absolute = regression.of_model({"test": split}, settings("regression"))["test"]
    assert found["resolution"] < absolute["resolution"] / 10
    assert found["rmse"] == absolute["rmse"]
    with pytest.raises(SnakerootError, match=r"evaluation\.residual: relative, but 1 targets are not above zero"):
        residuals(np.array([1.0, 0.0]), np.ones(2), "relative")


@unhurried
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), min_size=1, max_size=30), st.integers(1, 99))
def test_a_weighted_quantile_is_that_of_repeated_values(rows, percent):
    values, counts = (np.array(one) for one in zip(*rows, strict=True))
    found = Order(values.astype(float)).quantiles(counts.astype(float), [percent / 100])[0]
    repeated = np.sort(np.repeat(values, counts))
    place = -(-percent * len(repeated) // 100) - 1  # the first with at least this share at or below it
    assert found == repeated[place]


def test_profile_has_the_median_of_each_bin_and_errors_that_cover():
    random = np.random.default_rng(5)
    pulls = {"q50": [], "resolution": []}
    for _ in range(40):
        x = random.uniform(0, 10, 2000)
        table = profile(x, random.normal(x, 2.0), np.ones(2000), (0.0, 10.0), 5)
        centre = (table["low"] + table["high"]) / 2
        wide = np.sqrt(2.0**2 + 2.0**2 / 12)  # the bin's own width adds to the spread
        pulls["q50"] += ((table["q50"] - centre) / table["q50_error"]).tolist()
        pulls["resolution"] += (((table["q84"] - table["q16"]) / 2 - wide) / table["resolution_error"]).tolist()
    for name, found in pulls.items():
        assert 0.85 < np.std(found) < 1.15, name
    few = profile(np.array([0.5] * 9 + [1.5] * 10), np.arange(19.0), np.ones(19), (0.0, 2.0), 2)
    assert few["entries"].tolist() == [0, 10]
    assert few["q50"].isna().tolist() == [True, False]


def test_copies_make_no_error_of_a_profile_smaller():
    x, y = np.random.default_rng(6).uniform(0, 1, (2, 500))
    one = profile(x, y, np.ones(500), (0.0, 1.0), 3)
    thrice = profile(np.tile(x, 3), np.tile(y, 3), np.ones(1500), (0.0, 1.0), 3, copies=3.0)
    np.testing.assert_allclose(one["q50_error"], thrice["q50_error"])


def groups(seed=7, samples=3, count=60):
    random = np.random.default_rng(seed)
    sample = np.repeat(np.arange(samples), count)
    cluster = np.where(random.random(len(sample)) < 0.7, sample, random.integers(0, 4, len(sample)))
    return cluster, sample, random


def test_agreement_is_scikit_learns_for_equal_samples():
    cluster, sample, _ = groups()
    found = unsupervised.agreement(cluster, sample, np.ones(len(sample)), 3)
    assert found["adjusted_rand"] == pytest.approx(sklearn_metrics.adjusted_rand_score(sample, cluster), abs=1e-12)
    table = sklearn_metrics.cluster.contingency_matrix(sample, cluster)
    assert found["purity"] == pytest.approx(table.max(axis=0).sum() / len(sample))
    assert unsupervised.agreement(sample, sample, np.ones(len(sample)), 3) == pytest.approx(
        {"adjusted_rand": 1.0, "purity": 1.0}
    )
    assert unsupervised.agreement(0 * sample, sample, np.ones(len(sample)), 3) == pytest.approx(
        {"adjusted_rand": 0.0, "purity": 1 / 3}
    )


def test_weighted_agreement_is_a_sum_over_pairs():
    cluster, sample, random = groups(count=20)
    weight = random.uniform(0.2, 2.0, len(sample))
    even = balanced(sample, weight)
    pairs = np.triu(np.outer(even, even), 1)
    together, alike = (np.equal.outer(one, one) for one in (cluster, sample))
    total, both, a, b = pairs.sum(), pairs[together & alike].sum(), pairs[together].sum(), pairs[alike].sum()
    expected = (both - a * b / total) / ((a + b) / 2 - a * b / total)
    found = unsupervised.agreement(cluster, sample, weight, 3)
    assert found["adjusted_rand"] == pytest.approx(expected)
    heavier = unsupervised.agreement(cluster, sample, weight * np.array([1.0, 50.0, 0.1])[sample], 3)
    assert heavier == pytest.approx(found)


def test_intervals_of_an_array_are_those_of_its_elements():
    random = np.random.default_rng(8)
    columns, weight, event = random.normal(size=(3, 200)), np.ones(200), np.arange(200)
    factors = [*resampling.resamplings(event, 30, 1)]
    found = resampling.bootstrap([lambda w: {"all": columns @ w}], weight, iter(factors))["all"]
    for number, row in enumerate(columns):
        one = resampling.bootstrap([lambda w, row=row: {"one": row @ w}], weight, iter(factors))["one"]
        assert (found[0][number], found[1][number]) == pytest.approx(one, rel=1e-12)
