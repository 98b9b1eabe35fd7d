"""Loss, accuracy, AUC and training weights: against scikit-learn and brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from snakeroot.errors import SnakerootError
from snakeroot.train import metrics
from snakeroot.train.data import class_scales
from snakeroot.train.metrics import Metrics, auc, measure

EVENT = st.tuples(st.integers(-3, 3), st.booleans(), st.floats(0.01, 10))
"""Score, with many ties; class; weight."""


def columns(events):
    score, target, weight = (np.array(column, np.float32) for column in zip(*events, strict=True))
    assume(0 < target.sum() < len(target))
    return score, target, weight


def tensors(*arrays):
    return [torch.from_numpy(array) for array in arrays]


@given(st.lists(EVENT, min_size=2))
def test_metrics_are_those_of_scikit_learn(events):
    score, target, weight = columns(events)
    found = Metrics(*measure(*tensors(score, target, weight)).tolist())
    probability = 1 / (1 + np.exp(-score.astype(np.float64)))
    assert found.loss == pytest.approx(log_loss(target, probability, sample_weight=weight, labels=[0, 1]), rel=1e-6)
    assert found.accuracy == pytest.approx(accuracy_score(target, score > 0, sample_weight=weight), rel=1e-6)
    assert found.auc == pytest.approx(roc_auc_score(target, score, sample_weight=weight), rel=1e-6)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.floats(-1, 3)), min_size=2))
def test_auc_with_negative_weights_is_the_share_of_pairs(events):
    score, target, weight = columns(events)
    of = {
        value: [(s, float(w)) for s, t, w in zip(score, target, weight, strict=True) if t == value] for value in (0, 1)
    }
    totals = [sum(w for _, w in of[value]) for value in (0, 1)]
    assume(min(map(abs, totals)) > 0.1)
    pairs = sum(ws * wb * ((s > b) + (s == b) / 2) for s, ws in of[1] for b, wb in of[0])
    assert auc(*tensors(score, target, weight.astype(np.float64))).item() == pytest.approx(
        pairs / (totals[0] * totals[1]), rel=1e-9, abs=1e-9
    )


@given(st.lists(st.tuples(st.booleans(), st.floats(1e-8, 1e3)), min_size=2))
def test_training_weights_have_mean_1_and_keep_their_ratios(events):
    target, weight = map(np.array, zip(*events, strict=True))
    assume(0 < target.sum() < len(target))
    for balance in (True, False):
        target = target.astype(np.int8)
        parts = [(target[:1], weight[:1]), (target[1:], weight[1:])]
        found = weight * class_scales(parts, balance, "train")[target]
        assert found.mean() == pytest.approx(1)
        for value in (0, 1):
            chosen = target == value
            np.testing.assert_allclose(found[chosen] * weight[chosen][0], weight[chosen] * found[chosen][0], rtol=1e-9)
        if balance:
            assert found[target == 0].sum() == pytest.approx(found[target == 1].sum())
        else:
            np.testing.assert_allclose(found * weight[0], weight * found[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("target", "weight", "says"),
    [
        ([1, 1], [1, 1], "the train split has no background events"),
        ([0, 0], [1, 1], "the train split has no signal events"),
        ([0, 1], [1, 0], "the weights of the signal events in the train split add up to 0;"),
        ([0, 0, 1], [1, -2, 1], "the weights of the background events in the train split add up to -1;"),
    ],
)
def test_a_class_that_is_missing_or_weighs_nothing(target, weight, says):
    with pytest.raises(SnakerootError, match=says):
        class_scales([(np.array(target, np.int8), np.array(weight, float))], True, "train")


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2), st.randoms(use_true_random=False))
def test_auc_of_scores_of_any_size_and_type(scores, random):
    score = np.array(scores, np.float32)
    target = np.array([random.random() < 0.5 for _ in scores], np.float32)
    assume(0 < target.sum() < len(target))
    weight = np.array([10 ** random.uniform(-9, 3) for _ in scores])
    ranks = np.unique(score, return_inverse=True)[1]  # scikit-learn refuses infinity
    expected = roc_auc_score(target, ranks, sample_weight=weight)
    for kind, chunk in itertools.product((np.float32, np.float64), (1, 3, 1000)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(metrics.CHUNK, "cpu", chunk)
            found = auc(*tensors(score.astype(kind), target.astype(kind), weight)).item()
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
