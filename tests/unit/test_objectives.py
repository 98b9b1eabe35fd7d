"""Losses, metrics and training weights of all kinds of task: against scikit-learn and brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from snakeroot.errors import SnakerootError
from snakeroot.networks.metrics import _ranking as ranking
from snakeroot.networks.metrics._ranking import auc
from snakeroot.networks.objectives import binary, multiclass, regression, unsupervised
from snakeroot.train.target import Target, class_scales

CLASSES = ["background", "signal"]

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
    objective = binary.Objective()
    values = objective.measure(*tensors(score[:, np.newaxis], target, weight)).tolist()
    found = dict(zip(objective.metrics, values, strict=True))
    probability = 1 / (1 + np.exp(-score.astype(np.float64)))
    assert found["loss"] == pytest.approx(log_loss(target, probability, sample_weight=weight, labels=[0, 1]), rel=1e-6)
    assert found["accuracy"] == pytest.approx(accuracy_score(target, score > 0, sample_weight=weight), rel=1e-6)
    assert found["auc"] == pytest.approx(roc_auc_score(target, score, sample_weight=weight), rel=1e-6)


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
        parts = [(target[:1], weight[:1], 1.0), (target[1:], weight[1:], 1.0)]
        found = weight * class_scales(parts, Target(CLASSES, balance), "train")[target]
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
        ([0, 1], [1, 0], r"the weights of the signal events in the train split add up to 0 \(their"),
        ([0, 0, 1], [1, -2, 1], r"the background events in the train split add up to -1 \(their magnitudes to 3\); is"),
        ([0, 0, 0, 1], [-0.3, 0.1, 0.2, 1], r"add up to 2\.\d+e-17 \(their magnitudes to 0\.6\)"),
        ([0, 0, 0, 1], [1e6 * 0.3, -1e6 * 0.1, -1e6 * 0.2, 1], r"add up to -?\d"),
    ],
)
def test_a_class_that_is_missing_or_weighs_nothing(target, weight, says):
    with pytest.raises(SnakerootError, match=says):
        class_scales([(np.array(target, np.int8), np.array(weight, float), 1.0)], Target(CLASSES), "train")


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
            patch.setitem(ranking.CHUNK, "cpu", chunk)
            found = auc(*tensors(score.astype(kind), target.astype(kind), weight)).item()
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


OUTPUTS = st.tuples(
    st.lists(st.floats(-5, 5, width=32), min_size=3, max_size=3), st.integers(0, 2), st.floats(0.01, 10)
)


@given(st.lists(OUTPUTS, min_size=6), st.sampled_from([0.0, 0.3]))
def test_several_classes_are_measured_as_scikit_learn_does(rows, smoothing):
    outputs, target, weight = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    assume(len(set(target)) == 3)
    objective = multiclass.Objective(3, smoothing)
    loss, accuracy, area = objective.measure(*tensors(outputs, target, weight)).tolist()
    wide = outputs.astype(np.float64)
    scores = np.exp(wide - wide.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    wanted = np.eye(3)[target.astype(int)] * (1 - smoothing) + smoothing / 3  # one-hot, smoothed
    assert loss == pytest.approx(np.average(-(wanted * np.log(scores)).sum(axis=1), weights=weight), rel=1e-4, abs=1e-6)
    assert accuracy == pytest.approx(accuracy_score(target, outputs.argmax(1), sample_weight=weight), rel=1e-6)
    ranked = torch.log_softmax(torch.from_numpy(outputs), 1).numpy()
    areas = [roc_auc_score(target == k, ranked[:, k], sample_weight=weight) for k in range(3)]
    assert area == pytest.approx(np.mean(areas), rel=1e-6)
    np.testing.assert_allclose(multiclass.predictions(torch.from_numpy(outputs)).numpy(), scores, rtol=1e-9)


PAIR = st.tuples(st.floats(-5, 5, width=32), st.floats(-5, 5, width=32), st.floats(0.01, 10))


@given(st.lists(PAIR, min_size=3))
def test_a_regression_is_measured_as_scikit_learn_does_in_the_unit_of_the_target(rows):
    output, target, weight = (np.array(column, np.float32) for column in zip(*rows, strict=True))
    assume(np.std(target) > 0.1)
    objective = regression.Objective("squared_error", unit=20.0)
    loss, *found = objective.measure(*tensors(output[:, np.newaxis], target, weight)).tolist()
    physical = 20 * target.astype(float) + 100, 20 * output.astype(float) + 100
    references = root_mean_squared_error, mean_absolute_error, r2_score
    assert found == pytest.approx([f(*physical, sample_weight=weight) for f in references], rel=1e-5, abs=1e-5)
    assert loss == pytest.approx((found[0] / 20) ** 2, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "near", "far"),
    [
        ("squared_error", lambda e: e**2, lambda e: e**2),
        ("absolute_error", abs, abs),
        ("huber", lambda e: e**2 / 2, lambda e: abs(e) - 0.5),
        ("log_cosh", lambda e: e**2 / 2, lambda e: abs(e) - np.log(2)),
    ],
)
def test_losses_near_and_far_from_the_target(name, near, far):
    objective = regression.Objective(name)
    error = torch.tensor([[0.01], [-0.01], [50.0], [-50.0]], dtype=torch.float64)
    found = objective.loss(error, torch.zeros(4), torch.ones(4), "none")
    assert found.tolist() == pytest.approx([near(0.01), near(-0.01), far(50.0), far(-50.0)], rel=1e-4)
    heavy = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert objective.loss(error, torch.zeros(4), heavy).item() == pytest.approx((found * heavy).mean().item())


def test_a_network_without_a_target_says_its_own_loss():
    outputs = torch.tensor([[1.0, 7.0], [3.0, 8.0]])
    objective = unsupervised.Objective()
    assert objective.measure(outputs, torch.zeros(2), torch.tensor([3.0, 1.0])).tolist() == [1.5]
    assert objective.loss(outputs, torch.zeros(2), torch.tensor([3.0, 1.0])).item() == 3.0


def test_smoothing_moves_both_targets():
    smooth, hard = binary.Objective(0.2), binary.Objective()
    outputs, one = torch.tensor([[0.7]]), torch.ones(1)
    expected = 0.9 * hard.loss(outputs, one, one) + 0.1 * hard.loss(outputs, 0 * one, one)
    assert smooth.loss(outputs, one, one).item() == pytest.approx(expected.item())
