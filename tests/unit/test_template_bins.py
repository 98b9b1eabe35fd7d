"""Bins of templates: equal shares, and the division of largest significance, against trying out all of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from snakeroot.evaluate.significance import asimov
from snakeroot.templates.binning import Axis, inner, optimised, quantiles


def squared(edges, values, weights):
    """Z² of all bins, and the least effective number of background events in one."""
    axis = Axis(np.asarray(edges, float))
    s, b = (np.bincount(axis.places(v), w, axis.bins) for v, w in zip(values, weights, strict=True))
    squares = np.bincount(axis.places(values[1]), weights[1] ** 2, axis.bins)
    with np.errstate(invalid="ignore"):
        return float(np.sum(asimov(s, b) ** 2)), float(np.min(np.nan_to_num(b**2 / squares) * (b > 0)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bins", [1, 2, 3, 4])
def test_no_division_between_the_candidates_is_better(seed, bins):
    random = np.random.default_rng(seed)
    values = np.round(random.beta(4, 2, 60), 1), np.round(random.beta(2, 4, 90), 1)
    weights = random.uniform(0.5, 1.5, 60), random.uniform(0.5, 3, 90) * random.choice([1, 1, 1, -0.3], 90)
    least, ends = 6.0, (0.0, 1.0)
    found = optimised(values, weights, bins, least, ends)
    candidates = np.unique(np.concatenate([*(inner(*one, 200) for one in zip(values, weights, strict=True)), ends]))
    best = {}
    for count in range(1, bins + 1):
        for cuts in itertools.combinations(candidates[1:-1], count - 1):
            gain, fewest = squared([0, *cuts, 1], values, weights)
            if fewest >= least and gain > max(best.values(), default=-1) * (1 + 1e-9):
                best = {(0, *cuts, 1): gain}
    [(edges, gain)] = best.items()
    assert squared(found, values, weights)[0] == pytest.approx(gain, rel=1e-12)
    assert len(found) <= len(edges)
    assert squared(found, values, weights)[1] >= least


def test_more_bins_never_have_less_and_copies_are_no_events():
    random = np.random.default_rng(7)
    values, weights = (random.beta(4, 2, 3000), random.beta(2, 4, 5000)), (np.full(3000, 0.01), np.full(5000, 1.0))
    gains = [squared(optimised(values, weights, bins, 20, (0, 1)), values, weights)[0] for bins in range(1, 9)]
    assert gains == sorted(gains)
    found = optimised(values, weights, 8, 20, (0, 1), copies=4.0)
    assert squared(found, values, weights)[1] >= 80


def test_none_where_not_even_one_bin_has_enough():
    values = np.array([0.5]), np.array([0.5, 0.6])
    assert optimised(values, (np.ones(1), np.ones(2)), 3, 2.1, (0, 1)) is None
    assert optimised(values, (np.ones(1), np.ones(2)), 3, 2.0, (0, 1)).tolist() == [0, 1]
    assert optimised(values, (np.ones(1), np.array([1.0, -1.0])), 3, 0.1, (0, 1)) is None


def test_quantiles_have_equal_shares_and_equal_values_one_bin():
    values = np.arange(12.0)
    assert quantiles(values, np.ones(12), 4, (0, 11)).tolist() == [0, 3, 6, 9, 11]
    weights = np.where(values < 6, 2.0, 1.0)  # 18 in all
    assert quantiles(values, weights, 3, (0, 11)).tolist() == [0, 3, 6, 11]
    assert quantiles(np.repeat([1.0, 2.0], [90, 10]), np.ones(100), 4, (0, 3)).tolist() == [0, 1, 3]
    assert quantiles(np.zeros(0), np.zeros(0), 4, (0, 3)).tolist() == [0, 3]


def test_places():
    values = np.array([-1, 0, 1, 2, 2.5, np.nan, np.inf])
    assert Axis(np.array([0.0, 1, 2])).places(values).tolist() == [-1, 0, 1, 1, -1, -1, -1]
    assert Axis(np.array([0.0, 1, 2]), open=True).places(values).tolist() == [0, 0, 1, 1, 1, -1, -1]
