"""The mathematics of evaluation, against scikit-learn, brute force and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from snakeroot.evaluate import performance, resampling, significance
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.significance import asimov

unhurried = hypothesis_settings(deadline=None, max_examples=60)


def curve(target, score, weight=None):
    target, score = np.asarray(target), np.asarray(score, dtype=float)
    weight = np.ones(len(target)) if weight is None else np.asarray(weight, dtype=float)
    return Ranking(target, score).curve(weight)


def mann_whitney(target, score, weight):
    signal, background = np.asarray(target) == 1, np.asarray(target) == 0
    difference = np.subtract.outer(score[signal], score[background])
    pairs = np.multiply.outer(weight[signal], weight[background])
    return np.sum(pairs * np.heaviside(difference, 0.5)) / np.sum(pairs)


@st.composite
def samples(draw, low=1):
    """Events with many ties, both classes, weights in 64ths from `low` on, and class totals well above zero."""
    count = draw(st.integers(2, 30))
    target = np.array([1, 0, *draw(st.lists(st.integers(0, 1), min_size=count - 2, max_size=count - 2))])
    score = np.array(draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))) / 8
    weight = np.array(draw(st.lists(st.integers(low, 192), min_size=count, max_size=count))) / 64
    weight[:2] = 100.0
    return target, score, weight


@pytest.fixture(scope="module")
def gaussians():
    random = np.random.default_rng(3)
    target = random.integers(0, 2, 3000)
    score = np.round(1 / (1 + np.exp(-random.normal(target, 1.0))), 3)
    return target, score, random.uniform(0.1, 2.0, 3000)


def test_roc_is_that_of_scikit_learn(gaussians):
    target, score, weight = gaussians
    background, signal, cut = sklearn_metrics.roc_curve(target, score, sample_weight=weight, drop_intermediate=False)
    found = curve(target, score, weight)
    np.testing.assert_allclose(found.background_efficiency, background, atol=1e-12)
    np.testing.assert_allclose(found.signal_efficiency, signal, atol=1e-12)
    np.testing.assert_array_equal(found.cut, cut)
    expected = sklearn_metrics.roc_auc_score(target, score, sample_weight=weight)
    assert performance.auc(found) == pytest.approx(expected, abs=1e-12)


@unhurried
@given(samples(low=-192))
def test_auc_is_mann_whitney_also_with_negative_weights(sample):
    target, score, weight = sample
    assert performance.auc(curve(target, score, weight)) == pytest.approx(mann_whitney(target, score, weight), abs=1e-9)


@unhurried
@given(samples(low=-192), st.integers(-30, 30), st.integers(-30, 30))
def test_auc_and_rejection_do_not_depend_on_cross_sections_or_the_scale_of_the_score(sample, signal, background):
    target, score, weight = sample
    one = curve(target, score, weight)
    other = curve(target, np.exp(3 * score) - 7, weight * np.where(target == 1, 2.0**signal, 2.0**background))
    # Powers of two change no rounding, so nothing may differ at all.
    assert performance.auc(other) == performance.auc(one)
    for efficiency in (0.5, 0.8):
        assert performance.rejection(other, efficiency) == performance.rejection(one, efficiency)


def test_rejection_by_hand():
    target, score = [1, 0, 1, 0, 1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    assert performance.rejection(curve(target, score), 0.5) == pytest.approx(4.0)
    assert performance.rejection(curve(target, score), 1.0) == pytest.approx(4 / 3)
    assert performance.rejection(curve([1, 0], [0.5, 0.5]), 0.8) == pytest.approx(1 / 0.8)
    assert performance.rejection(curve([1, 0], [0.9, 0.1]), 0.8) == math.inf


def test_rejection_is_at_the_tightest_cut_when_negative_weights_bend_the_curve_back():
    target, score, weight = [1, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5], [1, 1, -0.8, 1, 3]
    assert performance.rejection(curve(target, score, weight), 0.5) == math.inf


@unhurried
@given(samples())
def test_loss_and_accuracy_are_scikit_learns_with_equal_classes(sample):
    target, score, weight = sample
    balanced = weight / np.where(target == 1, weight[target == 1].sum(), weight[target == 0].sum())
    even = equal_classes(target, weight)
    assert performance.log_loss(target, score, even) == pytest.approx(
        sklearn_metrics.log_loss(target, np.clip(score, 1e-15, 1 - 1e-15), sample_weight=balanced), rel=1e-3
    )
    assert performance.accuracy(target, score, even) == pytest.approx(
        sklearn_metrics.accuracy_score(target, score >= 0.5, sample_weight=balanced), abs=1e-9
    )


def test_loss_is_finite_for_scores_of_zero_and_one():
    assert performance.log_loss(np.array([1, 0]), np.array([0.0, 1.0]), np.full(2, 0.5)) == pytest.approx(
        -math.log(1e-15)
    )
    assert performance.log_loss(np.array([1, 0]), np.array([1.0, 0.0]), np.full(2, 0.5)) == pytest.approx(
        0.0, abs=1e-12
    )


def test_asimov_closed_forms():
    found = asimov(np.array([1.0, 1.0, 0.0, -1.0, 1.0]), np.array([1.0, 1e8, 1.0, 1.0, 0.0]))
    assert found[0] == pytest.approx(math.sqrt(2 * (2 * math.log(2) - 1)))
    assert found[1] == pytest.approx(1e-4, rel=1e-3)  # s / sqrt(b) for s << b
    assert list(found[2:4]) == [0.0, 0.0]
    assert math.isnan(found[4])


def test_best_cut_is_the_best_of_all_and_keeps_its_guard(gaussians):
    target, score, weight = gaussians
    found = curve(target, score, weight)
    cut = significance.best_cut(found, 5.0, 100.0)
    values = {}
    for trial in np.unique(score):
        passing = score >= trial
        if np.sum(passing & (target == 0)) >= significance.MINIMUM_BACKGROUND:
            s, b = (
                total * weight[passing & (target == number)].sum() / weight[target == number].sum()
                for total, number in ((5.0, 1), (100.0, 0))
            )
            values[trial] = math.sqrt(2 * ((s + b) * math.log1p(s / b) - s))
    assert cut == max(values, key=values.__getitem__)
    few = significance.MINIMUM_BACKGROUND - 1
    assert significance.best_cut(curve([1] * 5 + [0] * few, np.linspace(1, 0, 5 + few)), 1.0, 1.0) is None


def test_at_cut_counts_what_is_at_or_above():
    found = curve([1, 1, 1, 1], [0.2, 0.4, 0.4, 0.8])
    assert [found.signal[performance.at_cut(found, cut)] for cut in (0.9, 0.8, 0.5, 0.4, 0.3, 0.0)] == [
        0,
        1,
        1,
        3,
        3,
        4,
    ]


def test_events_are_rows_that_agree_in_all_columns():
    identity = pd.DataFrame(
        {"run": [1, 1, 2, 1, 1, 2], "mass": [0.5, np.nan, 0.5, np.nan, 0.5, np.nan], "name": [*"aaaaba"]}
    )
    assert list(resampling.events(identity)) == [0, 1, 2, 1, 3, 4]
    assert len(resampling.events(identity[:0])) == 0


def test_resampling_moves_the_rows_of_an_event_together_and_repeats():
    event = np.array([0, 1, 0, 2, 1, 0])
    draws = list(resampling.resamplings(event, 500, seed=5))
    for draw in draws:
        assert draw[0] == draw[2] == draw[5]
        assert draw[1] == draw[4]
    assert np.mean(draws) == pytest.approx(1.0, abs=0.1)
    assert np.var([draw[3] for draw in draws]) == pytest.approx(1.0, abs=0.25)
    np.testing.assert_array_equal(draws, list(resampling.resamplings(event, 500, seed=5)))
    assert not np.array_equal(draws, list(resampling.resamplings(event, 500, seed=6)))


def drawn(event, target, score, seed=1, count=300):
    """The AUC of each resampling."""
    cells = Cells(Ranking(target, score), target, score)
    [sums] = cells.resampled(event, [np.ones(len(target))], count, [seed])
    return performance.auc(cells.curve(sums))


def width(event, target, score):
    low, high = resampling.interval(drawn(event, target, score))
    return high - low


def test_copies_of_an_event_make_no_interval_smaller(gaussians):
    target, score, _ = (array[:400] for array in gaussians)
    event = np.arange(len(target))
    copies = np.repeat(event, 4)
    alone = width(event, target, score)
    assert width(copies, target[copies], score[copies]) == pytest.approx(alone, rel=1e-6)
    assert width(np.arange(len(copies)), target[copies], score[copies]) < 0.7 * alone


def test_interval_covers_the_truth_as_often_as_it_says():
    """Of 200 toys, within 3 sigma: two normal distributions of width 1, a distance of 1 apart."""
    truth, toys = 0.5 * (1 + math.erf(0.5)), 200
    random = np.random.default_rng(11)
    target = np.repeat([0, 1], 200)
    inside = 0
    for toy in range(toys):
        low, high = resampling.interval(drawn(np.arange(400), target, random.normal(target, 1.0), toy, 200))
        inside += low <= truth <= high
    assert inside / toys == pytest.approx(0.68, abs=3 * math.sqrt(0.68 * 0.32 / toys))


@unhurried
@given(st.lists(st.floats(0, 1) | st.just(math.inf) | st.just(math.nan), max_size=30))
def test_interval_is_ordered_and_passes_over_what_is_undefined(values):
    low, high = resampling.interval(np.array(values))
    defined = [value for value in values if not math.isnan(value)]
    assert (low <= high and low in defined and high in defined) if defined else math.isnan(low) and math.isnan(high)
