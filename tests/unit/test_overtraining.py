"""Whether train and test differ: the tests against scipy's and by hand, their probabilities, and what is said of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from snakeroot.evaluate import overtraining
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.overtraining import Scores, chi_squared, kolmogorov_smirnov
from snakeroot.evaluate.predictions import Predictions

SETTINGS = Metrics(task="toy", models=[], bootstrap=100, seed=1)


def scores(values, weight=None, event=None):
    values = np.asarray(values, dtype=float)
    weight = np.ones(len(values)) if weight is None else np.asarray(weight, dtype=float)
    event = np.arange(len(values)) if event is None else event
    return Scores.of(values, weight, event, np.argsort(-values, kind="stable"))


def test_of_unit_weights_it_is_scipys():
    random = np.random.default_rng(1)
    for shift in (0.0, 0.1, 0.3):
        one, other = random.normal(0, 1, 800), random.normal(shift, 1, 500)
        found, p = kolmogorov_smirnov(scores(one), scores(other))
        known = stats.ks_2samp(one, other)
        assert found == pytest.approx(known.statistic, rel=1e-12)
        assert p == pytest.approx(known.pvalue, rel=0.15, abs=1e-4)
    ties = random.integers(0, 5, 300), random.integers(0, 5, 200)
    assert kolmogorov_smirnov(*map(scores, ties))[0] == pytest.approx(stats.ks_2samp(*ties).statistic)


def test_a_weight_is_worth_as_many_rows_and_rows_of_an_event_are_worth_one():
    random = np.random.default_rng(2)
    one, other, many = random.normal(0, 1, 300), random.normal(0.2, 1, 300), random.integers(1, 4, 300)
    weighted, repeated = scores(one, many), scores(np.repeat(one, many), event=np.repeat(np.arange(300), many))
    assert kolmogorov_smirnov(weighted, scores(other)) == pytest.approx(kolmogorov_smirnov(repeated, scores(other)))
    assert weighted.effective == pytest.approx(repeated.effective) == many.sum() ** 2 / (many**2).sum()
    assert scores(one, np.where(np.arange(300) % 4, 1, -1)).effective == pytest.approx(150**2 / 300)
    opposite = np.where(np.arange(300) % 2, 1.0, -0.5)
    pairs = scores(one, opposite, np.arange(300) // 2)
    assert pairs.effective == scores(one, opposite).effective, "what cancels within an event is worth no more for it"


def test_chi_squared_of_unit_weights_is_that_of_a_table():
    random = np.random.default_rng(3)
    one, other = random.random(700), random.random(400) ** 1.2
    found, free, p = chi_squared(scores(one), scores(other))
    both = np.sort(np.concatenate([one, other]))
    edges = [-np.inf, *both[np.arange(1, 20) * 1100 // 20], np.inf]
    first, second = (np.histogram(part, edges)[0] for part in (one, other))
    expected = np.sum((700 * second - 400 * first) ** 2 / (700**2 * second + 400**2 * first))
    assert (found, free) == (pytest.approx(expected), 19)
    assert p == pytest.approx(stats.chi2.sf(expected, 19))
    assert chi_squared(scores([0.5] * 90), scores([0.5] * 80)) == (None, 0, None)
    assert chi_squared(scores(one[:15]), scores(other[:15])) == (None, 0, None)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_probabilities_of_weighted_samples_without_a_difference_are_even(sign):
    """Of 300 toys as many are below p as p says, within 3 sigma; with weights of one sign and of both."""
    random = np.random.default_rng(4)
    p = {"ks": [], "chi2": []}
    for _ in range(300):
        both = []
        for count in (400, 300):
            weight = random.exponential(1.0, count) * np.where(random.random(count) < 0.2, sign, 1.0)
            both.append(scores(random.normal(0, 1, count), weight))
        p["ks"].append(kolmogorov_smirnov(*both)[1])
        p["chi2"].append(chi_squared(*both)[2])
    for name, values in p.items():
        for share in (0.1, 0.3, 0.5):
            below = np.mean(np.array(values) < share)
            assert below == pytest.approx(share, abs=0.02 + 3 * math.sqrt(share * (1 - share) / 300)), (name, share)


def rows(random, count, sharpness, folds=1, score=None):
    """Scores of two classes; with folds, each event in the test split of one, or in the train splits of the others."""
    target = (random.random(count) < 0.5).astype(np.int8)
    score = random.normal(sharpness * target, 1.0) if score is None else score
    score = 1 / (1 + np.exp(sharpness / 2 - score))
    return Predictions(target, score, random.uniform(0.5, 1.5, count), np.arange(count), [score], folds)


def found(random, train, test, gap, sharpness=2.0):
    splits = {"train": rows(random, train, sharpness + gap), "test": rows(random, test, sharpness)}
    splits["validation"] = splits["test"]
    return binary.of_model(splits, SETTINGS)["overtraining"]


def test_a_small_difference_of_millions_of_events_is_none_and_a_large_one_of_hundreds_is_clear():
    random = np.random.default_rng(5)
    many = found(random, 400_000, 400_000, 0.03)
    assert many["auc"]["difference"] > 3.5 * (many["auc"]["high"] - many["auc"]["difference"])
    assert min(many[name]["p"] for name in ("signal", "background")) < 1e-3
    assert many["verdict"] == "none"
    few = found(random, 300, 300, 2.5)
    assert (few["verdict"], few["auc"]["difference"] > 0.05) == ("clear", True)
    assert set(few["signal"]) == {"statistic", "p", "chi2", "ndf", "p_chi2"}
    assert few["auc"]["difference"] == few["auc"]["train"] - few["auc"]["test"]
    assert few["auc"]["low"] < few["auc"]["difference"] < few["auc"]["high"]


def test_there_is_rarely_an_alarm_where_there_is_nothing():
    random = np.random.default_rng(6)
    said = [found(random, 600, 300, 0.0)["verdict"] for _ in range(40)]
    assert said.count("clear") == 0
    assert said.count("suspected") <= 5, "2 % by the area, and 1 % by each of two distributions"


@pytest.mark.parametrize(
    ("difference", "error", "p", "test", "said"),
    [
        (0.03, 0.009, 0.5, 0.9, "clear"),
        (0.03, 0.014, 0.5, 0.9, "suspected"),
        (0.03, 0.02, 0.5, 0.9, "none"),
        (0.03, 0.02, 0.001, 0.9, "suspected"),
        (0.003, 0.0001, 1e-9, 0.9, "none"),
        (0.003, 0.0001, 1e-9, 0.99, "clear"),
        (-0.03, 0.001, 1e-9, 0.9, "none"),
        (0.0, 0.0, 1.0, 1.0, "none"),
        (0.03, math.nan, None, 0.9, "none"),
    ],
)
def test_overtraining_is_more_than_chance_and_large_enough_to_matter(difference, error, p, test, said):
    auc = {"difference": difference, "low": difference - error, "test": test}
    assert overtraining.verdict(auc, [p, 0.8]) == said


def test_of_folds_the_scores_of_the_same_network_are_compared():
    """Two networks with scores on scales of their own: each is as it is on its own events, and all together are not."""
    random = np.random.default_rng(7)
    events = {name: rows(random, 900, 1.0) for name in ("train", "test")}
    one = {}
    for name, part in events.items():
        fold = np.arange(900) % 3 if name == "test" else np.repeat([0, 1, 2], [100, 500, 300])
        score = part.predicted ** np.array([1.0, 6.0, 0.1])[fold]
        one[name] = Predictions(part.target, score, part.weight, part.event, [score], 3, fold=fold.astype(np.int8))
    order = {name: np.argsort(-part.predicted, kind="stable") for name, part in one.items()}
    auc = {"train": 0.8, "test": 0.8, "difference": 0.0, "low": -0.1, "high": 0.1}
    tests = overtraining.of_model(one, order, auc)
    assert min(tests[name]["p"] for name in ("signal", "background")) > 0.05
    mixed = {
        name: Predictions(part.target, part.predicted, part.weight, part.event, [part.predicted], 3)
        for name, part in one.items()
    }
    assert max(overtraining.of_model(mixed, order, auc)[name]["p"] for name in ("signal", "background")) < 1e-3
    three = [{"statistic": s, "p": p, "chi2": 1.0, "ndf": 3, "p_chi2": None} for s, p in ((1, 0.2), (2, 0.4), (3, 0.9))]
    assert overtraining.of_folds(three) == {"statistic": 2, "p": 0.8, "chi2": 1.0, "ndf": 3, "p_chi2": None}


def test_of_single_events_there_is_no_test_but_an_answer():
    target = np.array([1, 0], np.int8)
    part = Predictions(target, np.array([0.9, 0.1]), np.ones(2), np.arange(2), [np.array([0.9, 0.1])], 1)
    told = binary.of_model(dict.fromkeys(("train", "validation", "test"), part), SETTINGS)["overtraining"]
    assert told["verdict"] == "none"
    assert told["signal"]["p"] == pytest.approx(1.0)
    assert told["signal"]["p_chi2"] is None
