"""What a binary evaluation says of cuts and probabilities, against scikit-learn, brute force and closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from snakeroot.evaluate import calibration, cells, performance, resampling, significance, working_points
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics_settings import Metrics, WorkingPoints
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.significance import asimov, best_cut

unhurried = hypothesis_settings(deadline=None, max_examples=60)
SPLITS = ("train", "validation", "test")


def rows(random, count, sharpness=0.3, weights=(0.5, 2.0)):
    target = (random.random(count) < 0.4).astype(np.int8)
    score = np.clip(random.normal(0.5 - sharpness / 2 + sharpness * target, 0.15), 0, 1)
    return Predictions(target, score, random.uniform(*weights, count), np.arange(count), [score], 1)


def settings(**more):
    return Metrics(task="toy", models=[], **{"bootstrap": 50, "seed": 1, **more})


def measured(random, count=3000, **more):
    splits = {name: rows(random, count) for name in SPLITS}
    return splits, binary.of_model(splits, settings(**more))


# what follows from cells


@st.composite
def weighted(draw):
    count = draw(st.integers(2, 40))
    target = np.array([1, 0, *draw(st.lists(st.integers(0, 1), min_size=count - 2, max_size=count - 2))])
    score = np.array(draw(st.lists(st.integers(0, 20), min_size=count, max_size=count))) / 20
    weight = np.array(draw(st.lists(st.integers(-64, 192), min_size=count, max_size=count))) / 64
    weight[:2] = 100.0
    return target, score, weight


@unhurried
@given(weighted(), st.integers(1, 12))
def test_of_few_scores_cells_lose_nothing(sample, many):
    """The sums of unresampled weights give what all rows give; with fewer cells, what passes a cut is still exact."""
    target, score, weight = sample
    ranking = Ranking(target, score)
    for cut in (0.05 * many, 0.5):
        for fewer in (cells.CELLS, 3):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(cells, "CELLS", fewer)
                one = Cells(ranking, target, score, [cut])
            found = one.passing(cut, one.sums(weight))
            exact = [weight[(score >= cut) & (target == number)].sum() for number in (0, 1)]
            np.testing.assert_allclose(found, exact, atol=1e-9)
    one = Cells(ranking, target, score)
    known, curve = binary.resampled(one, one.sums(weight)[:, :, np.newaxis]), ranking.curve(weight)
    even = equal_classes(target, weight)
    of_rows = {
        "auc": performance.auc(curve),
        "rejection_at_50": performance.rejection(curve, 0.5),
        "accuracy": performance.accuracy(target, score, even),
        "loss": performance.log_loss(target, score, even),
        "brier": calibration.brier(target, score, even),
        "ece": calibration.reliability(target, score, even).ece(),
    }
    for name, value in of_rows.items():
        assert known[name].item() == pytest.approx(value, rel=1e-9, abs=1e-9), name


def test_of_many_scores_cells_lose_much_less_than_the_error():
    split = rows(np.random.default_rng(3), 60_000)
    ranking = Ranking(split.target, split.predicted)
    one = Cells(ranking, split.target, split.predicted)
    assert len(one.lowest) < 1.05 * cells.CELLS < 2000 < len(np.unique(split.predicted))
    found = binary.of_model(dict.fromkeys(SPLITS, split), settings())["test"]
    coarse = binary.resampled(one, one.sums(split.weight)[:, :, np.newaxis])
    for name, value in coarse.items():
        width = (found[f"{name}_high"] - found[f"{name}_low"]) / 2
        assert abs(value.item() - found[name]) < 0.05 * width, name


def test_factors_of_events_are_those_of_a_bootstrap():
    """Sums of the rows of an event move together; each is Poisson distributed with mean and variance 1."""
    target = np.array([0, 0, 1, 1, 0, 1])
    event = np.array([0, 1, 1, 2, 0, 2])
    score = np.linspace(0, 1, 6)
    one = Cells(Ranking(target, score), target, score)
    [drawn] = one.resampled(event, [np.array([1.0, 1e3, 1.0, 1.0, 2.0, 3.0])], 4000, [7])
    factor = drawn[:, ::-1].sum(axis=0)  # of each row, from the lowest score on
    known = ~np.isnan(factor[0])
    np.testing.assert_allclose(factor[4, known], 2 * factor[0, known])
    np.testing.assert_allclose(factor[5, known], 3 * factor[3, known])
    np.testing.assert_allclose(factor[1, known], 1e3 * factor[2, known])
    assert known.mean() == pytest.approx((1 - math.exp(-2)) ** 2, abs=0.1), "undefined where a class is not drawn"
    every = np.random.default_rng([7]).poisson(1.0, (3, 4000))
    assert (every.mean(), every.var()) == (pytest.approx(1, abs=0.03), pytest.approx(1, abs=0.05))


@pytest.mark.parametrize("sizes", [(600, 600), (3000, 300)], ids=["one by one", "in groups"])
def test_intervals_are_as_wide_as_those_of_a_formula(sizes, monkeypatch):
    """The variance of an AUC: J. A. Hanley, B. J. McNeil, Radiology 143 (1982) 29, from its structural components."""
    monkeypatch.setattr(cells, "GROUPS", sizes[1])
    random = np.random.default_rng(5)
    split = rows(random, sizes[0], weights=(1.0, 1.0))
    above = (split.predicted[split.target == 1][:, np.newaxis] > split.predicted[split.target == 0]).astype(float)
    variance = above.mean(axis=1).var(ddof=1) / above.shape[0] + above.mean(axis=0).var(ddof=1) / above.shape[1]
    one = Cells(Ranking(split.target, split.predicted), split.target, split.predicted)
    drawn = binary.resampled(one, *one.resampled(split.event, [split.weight], 2000, [1]))["auc"]
    assert np.std(drawn) == pytest.approx(math.sqrt(variance), rel=0.12 if sizes[1] < sizes[0] else 0.06)


def test_a_score_that_is_a_probability_is_that_of_scikit_learn():
    split = rows(np.random.default_rng(6), 2000)
    found = binary.of_model(dict.fromkeys(SPLITS, split), settings())["test"]
    totals = [split.weight[split.target == number].sum() for number in (0, 1)]
    even, equal = split.weight / np.array(totals)[split.target], 1 / np.bincount(split.target)[split.target]
    for measure, weight in ((found, even), (found["unweighted"], equal)):
        known = {"sample_weight": weight}
        assert measure["brier"] == pytest.approx(
            sklearn_metrics.brier_score_loss(split.target, split.predicted, **known), rel=1e-9
        )
        likely = np.clip(split.predicted, 1e-15, 1 - 1e-15)
        assert measure["loss"] == pytest.approx(sklearn_metrics.log_loss(split.target, likely, **known), rel=1e-6)
        assert measure["auc"] == pytest.approx(sklearn_metrics.roc_auc_score(split.target, split.predicted, **known))
        error = 0.0
        for low in np.arange(10) / 10:
            own = (split.predicted >= low) & ((split.predicted < low + 0.1) | (low == 0.9))
            if own.any():
                mean, share = (np.average(one[own], weights=weight[own]) for one in (split.predicted, split.target))
                error += weight[own].sum() / weight.sum() * abs(mean - share)
        assert measure["ece"] == pytest.approx(error, rel=1e-9)
        for name in ("brier", "ece", "loss", "auc", "accuracy"):
            assert measure[f"{name}_low"] <= measure[name] <= measure[f"{name}_high"]


def test_the_error_of_a_score_that_is_the_probability_reaches_to_nearly_nothing():
    random = np.random.default_rng(7)
    score = random.random(1500)
    split = Predictions(
        (random.random(1500) < score).astype(np.int8), score, np.ones(1500), np.arange(1500), [score], 1
    )
    found = binary.of_model(dict.fromkeys(SPLITS, split), settings(bootstrap=200))["test"]
    assert 0 <= found["ece_low"] < 0.6 * found["ece"] < found["ece"] <= found["ece_high"]


def test_bins_of_the_calibration_have_shares_with_intervals():
    splits, found = measured(np.random.default_rng(8))
    split, parts = splits["test"], found["calibration"]
    assert sum(part["entries"] for part in parts) == len(split.target)
    even = split.weight / np.array([split.weight[split.target == number].sum() for number in (0, 1)])[split.target]
    for part in parts:
        own = (split.predicted >= part["low"]) & ((split.predicted < part["high"]) | (part["high"] == 1.0))
        assert part["signal"] == pytest.approx(np.average(split.target[own], weights=even[own]))
        assert part["score"] == pytest.approx(np.average(split.predicted[own], weights=even[own]))
        assert 0 <= part["signal_low"] <= part["signal"] <= part["signal_high"] <= 1
        assert part["signal_low"] < part["signal_high"]
    alone = [part for part in parts if part["signal"] in (0, 1)]
    assert alone, "an interval of a class alone is a limit"


# significance


def test_asimov_with_uncertainty_has_its_limits():
    s, b = np.array([1.0, 5.0, 30.0]), np.array([3.0, 100.0, 1e4])
    np.testing.assert_allclose(asimov(s, b, 1e-7 * b), asimov(s, b), rtol=1e-6)
    np.testing.assert_allclose(asimov(s, b, 1e-3 * np.sqrt(b)), asimov(s, b), rtol=1e-5)
    few, error = 1e-3 * b, 0.2 * b
    np.testing.assert_allclose(asimov(few, b, error), few / np.sqrt(b + error**2), rtol=2e-3)


@unhurried
@given(st.floats(0.01, 1e3), st.floats(0.1, 1e6), st.floats(0.001, 3))
def test_asimov_is_the_formula_as_it_is_printed_and_falls_with_the_uncertainty(s, b, relative):
    """Eq. 20 by decimal arithmetic."""
    from decimal import Decimal, localcontext  # noqa: PLC0415

    with localcontext() as context:
        context.prec = 60
        s_, b_ = Decimal(s), Decimal(b)
        v = (Decimal(relative) * b_) ** 2
        first = (s_ + b_) * ((s_ + b_) * (b_ + v) / (b_**2 + (s_ + b_) * v)).ln()
        second = b_**2 / v * (1 + v * s_ / (b_ * (b_ + v))).ln()
        expected = float((2 * (first - second)).sqrt())
    values = [asimov(np.array([s]), np.array([b]), error * b).item() for error in (relative, 1.1 * relative, 0.0)]
    # what is left of a difference of numbers of the size of s
    assert values[0] ** 2 == pytest.approx(expected**2, rel=1e-9, abs=1e-13 * s * max(1, 1 / relative**2))
    assert values[1] <= values[0] * (1 + 1e-6) + 1e-6
    assert values[0] <= values[2] * (1 + 1e-6) + 1e-6


def test_an_uncertain_background_moves_the_best_cut_to_where_there_is_less_of_it():
    random = np.random.default_rng(9)
    split = rows(random, 20_000)
    curve = Ranking(split.target, split.predicted).curve(split.weight)
    cuts = [best_cut(curve, 100.0, 5000.0, uncertainty) for uncertainty in (0.0, 0.1, 0.5)]
    assert cuts[0] < cuts[1] <= cuts[2]
    splits, certain = measured(np.random.default_rng(10))
    doubtful = binary.of_model(splits, settings(background_uncertainty=0.3))
    for found, relative in ((certain, 0.0), (doubtful, 0.3)):
        test = found["test"]
        s, b = test["significance_signal"], test["significance_background"]
        assert test["significance"] == pytest.approx(asimov(np.array([s]), np.array([b]), relative * b).item())
        assert test["significance_low"] < test["significance"] < test["significance_high"]
        assert test["significance_cut"] == found["validation"]["significance_cut"]
        passing = splits["test"].predicted >= test["significance_cut"]
        for number, name in enumerate(("background", "signal")):
            own = splits["test"].weight[passing & (splits["test"].target == number)]
            scale = found["expected"][name] / splits["test"].total(number)
            assert test[f"significance_{name}"] == pytest.approx(scale * own.sum())
            assert test[f"significance_{name}_error"] == pytest.approx(scale * math.sqrt((own**2).sum()))
    assert doubtful["test"]["significance_background"] < certain["test"]["significance_background"]
    assert significance.MINIMUM_BACKGROUND == 10


# working points


def test_working_points_are_cut_on_validation_and_measured_on_test():
    wanted = WorkingPoints(signal_efficiency=[0.3, 0.9], background_rejection=[20])
    splits, found = measured(np.random.default_rng(12), yields=True, working_points=wanted)
    points = found["working_points"]
    assert [(point["wanted"], point["value"]) for point in points] == [
        ("signal_efficiency", 0.3),
        ("signal_efficiency", 0.9),
        ("background_rejection", 20),
    ]
    validation = splits["validation"]
    false, true, cuts = sklearn_metrics.roc_curve(
        validation.target, validation.predicted, sample_weight=validation.weight, drop_intermediate=False
    )
    for point in points[:2]:
        assert point["cut"] == cuts[np.argmax(true >= point["value"])]
    assert points[2]["cut"] == cuts[np.argmax(false > 1 / 20) - 1]
    split = splits["test"]
    for point in points:
        passing = split.predicted >= point["cut"]
        for number, name in enumerate(("background", "signal")):
            own = split.target == number
            share = split.weight[own & passing].sum() / split.weight[own].sum()
            error = math.sqrt((split.weight[own & passing] ** 2).sum()) / split.weight[own].sum()
            assert point[f"{name}_efficiency"] == pytest.approx(share)
            low, high = point[f"{name}_efficiency_low"], point[f"{name}_efficiency_high"]
            assert low < share < high
            binomial = math.sqrt(share * (1 - share) / own.sum())
            assert (high - low) / 2 == pytest.approx(1.07 * binomial, rel=0.35), "weights differ by a factor of 4"
            assert point[f"{name}_entries"] == (own & passing).sum()
            assert point[f"{name}_yield"] == pytest.approx(found["expected"][name] * share)
            assert point[f"{name}_yield_error"] == pytest.approx(found["expected"][name] * error)
        assert point["rejection"] == pytest.approx(1 / point["background_efficiency"])
        assert point["rejection_low"] == pytest.approx(1 / point["background_efficiency_high"])
        assert point["rejection_high"] == pytest.approx(1 / point["background_efficiency_low"])
    _, bare = measured(np.random.default_rng(12), working_points=wanted)
    assert not [name for name in bare["working_points"][0] if "yield" in name], "weights are no yields"


def test_a_rejection_that_no_cut_has_is_no_cut():
    curve = Ranking(np.array([0, 1, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])).curve(np.ones(4))
    found = working_points.cuts(curve, WorkingPoints(signal_efficiency=[0.5], background_rejection=[2, 3]))
    assert found == [
        ("signal_efficiency", 0.5, 0.8),
        ("background_rejection", 2, 0.7),
        ("background_rejection", 3, None),
    ]


def test_where_nothing_passes_there_is_a_limit_and_weights_that_cancel_have_no_rejection():
    target = np.repeat([1, 0], 100)
    score = np.where(target == 1, 0.9, 0.1) + np.linspace(0, 0.05, 200)
    rows = Predictions(target, score, np.full(200, 3.0), np.arange(200), [score], 1)
    found = binary.of_model(dict.fromkeys(SPLITS, rows), settings())["working_points"][0]
    assert (found["rejection"], found["rejection_high"], found["background_entries"]) == (None, None, 0)
    assert found["rejection_low"] == pytest.approx(100 / 1.1394, rel=1e-4)
    assert found["background_efficiency_high"] == pytest.approx(1.1394 / 100, rel=1e-4)
    weight = np.full(200, 3.0)
    weight[[198, 199]] = 1.0, -1.0  # the background that passes
    mixed = replace(rows, weight=weight, predicted=score.copy(), replicas=[score.copy()])
    for one in (mixed.predicted, mixed.replicas[0]):
        one[[198, 199]] = 1.0
    found = binary.of_model(dict.fromkeys(SPLITS, mixed), settings())["working_points"][0]
    assert (found["rejection"], found["background_entries"]) == (None, 2)
    assert found["background_efficiency"] == pytest.approx(0, abs=1e-12)


def test_resampling_twice_is_the_same_and_splits_are_independent():
    splits, found = measured(np.random.default_rng(13))
    again = binary.of_model(splits, settings())
    assert found == again
    np.testing.assert_array_equal(found.drawn["auc"], again.drawn["auc"])
    other = binary.of_model(splits, settings(seed=2))
    assert other["test"]["auc"] == found["test"]["auc"]
    assert other["test"]["auc_low"] != found["test"]["auc_low"]
    same = binary.of_model(dict.fromkeys(SPLITS, splits["test"]), settings())
    assert same["train"]["auc_low"] != same["test"]["auc_low"]
    assert resampling.interval(same.drawn["auc"]) == (same["test"]["auc_low"], same["test"]["auc_high"])
