"""Calibrations: fits against closed forms and scikit-learn, and the same numbers in torch, in ONNX and in the files."""

from __future__ import annotations

import copy

import networks
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss
from snakeroot import plan
from snakeroot.apply.model import session
from snakeroot.calibrate import fits
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.classes import equal_classes
from snakeroot.export import parity
from snakeroot.export.graph import Graph
from snakeroot.export.make import make
from snakeroot.networks.calibration import Isotonic, Temperature, made
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import OBJECTIVES
from tasks import TASK, edited, load, refused

EVENTS = 20_000


def toy(factor: float, seed: int = 1, events: int = EVENTS) -> tuple[fits.Floats, fits.Integers, fits.Floats]:
    """Return outputs that are `factor` times the log of the odds, targets, and weights of equal totals."""
    random = np.random.default_rng(seed)
    odds = random.normal(0, 2, events)
    target = (random.random(events) < expit(odds)).astype(np.int8)
    return factor * odds[:, None], target, equal_classes(target, random.uniform(0.5, 1.5, events))


# ---- temperature


@pytest.mark.parametrize("factor", [0.2, 1.0, 5.0])
def test_the_temperature_is_how_far_the_network_exaggerates(factor) -> None:
    outputs, target, weight = toy(factor)
    found = fits.temperature(outputs, target, weight)
    assert found == pytest.approx(factor, rel=0.03)
    assert fits.loss(outputs / found, target, weight) == pytest.approx(
        log_loss(target, expit(outputs[:, 0] / found), sample_weight=weight)
    )


def test_no_other_temperature_is_better() -> None:
    random = np.random.default_rng(2)
    outputs = random.normal(0, 3, (500, 3))
    target = np.where(random.random(500) < 0.6, outputs.argmax(axis=1), random.integers(0, 3, 500))
    weight = equal_classes(target, random.uniform(0, 1, 500), 3)
    found = fits.temperature(outputs, target, weight)
    best = fits.loss(outputs / found, target, weight)
    assert all(best < fits.loss(outputs / (found * other), target, weight) for other in (0.99, 1.01))


def test_classes_that_do_not_overlap_have_the_last_temperature_tried() -> None:
    outputs, target = np.array([[-1.0], [2.0]]), np.array([0, 1])
    assert fits.temperature(outputs, target, np.full(2, 0.5)) == fits.RANGE[0]
    assert fits.temperature(-outputs, target, np.full(2, 0.5)) == fits.RANGE[1]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 1), st.integers(2, 40))
def test_weights_of_both_signs_never_make_it_worse(seed, share, events) -> None:
    random = np.random.default_rng(seed)
    outputs, target = random.normal(0, 2, (events, 1)), np.arange(events) % 2
    weight = np.where(random.random(events) < share, -1.0, 1.0)
    found = fits.temperature(outputs, target, weight)
    assert fits.RANGE[0] <= found <= fits.RANGE[1]
    assert fits.loss(outputs / found, target, weight) <= fits.loss(outputs, target, weight)


# ---- isotonic


def test_an_isotonic_curve_is_scikit_learns_where_each_event_is_a_group() -> None:
    outputs, target, weight = toy(1.0, events=fits.GROUPS)
    weight = np.full(len(weight), 1 / len(weight))
    knots, found = fits.isotonic(outputs, target, weight)
    reference = IsotonicRegression().fit(outputs[:, 0], target, sample_weight=weight)
    order = np.argsort(outputs[:, 0])
    assert knots == pytest.approx(outputs[order, 0])
    end = 1 / (fits.GROUPS + 2)
    assert found == pytest.approx(np.clip(reference.predict(outputs[order, 0]), end, 1 - end))


def test_a_bent_score_is_straightened() -> None:
    outputs, target, weight = toy(1.0)
    truth = expit(outputs[:, 0])
    knots, found = fits.isotonic(outputs**3, target, weight)
    assert len(knots) <= fits.GROUPS
    assert (np.diff(knots) > 0).all()
    assert (np.diff(found) >= 0).all()
    straight = np.interp(outputs[:, 0] ** 3, knots, found)
    balance = weight[target == 1].mean() / weight[target == 0].mean()  # classes of equal totals
    assert np.abs(straight - truth * balance / (truth * balance + 1 - truth)).mean() < 0.02


def test_equal_outputs_are_one_knot_and_negative_weights_are_refused() -> None:
    outputs, target = np.repeat([[0.0], [1.0]], 50, axis=0), np.tile([0, 1], 50)
    knots, found = fits.isotonic(outputs, target, np.full(100, 0.01))
    assert knots.tolist() == [0.0, 1.0]
    assert found == pytest.approx([0.5, 0.5])
    constant = fits.isotonic(outputs * 0, target, np.full(100, 0.01))
    assert constant[0].tolist() == [0.0]
    with pytest.raises(SnakerootError, match="negative weights: take calibration: temperature"):
        fits.isotonic(outputs, target, np.where(target == 1, 0.1, -0.01))


# ---- as layers


def test_layers_are_what_was_fitted() -> None:
    outputs, target, weight = toy(4.0)
    torched = torch.from_numpy(outputs)
    assert torch.equal(made({"method": "temperature", "temperature": 4.0})(torched), torched / 4)
    knots, found = fits.isotonic(outputs, target, weight)
    layer = made({"method": "isotonic", "outputs": knots.tolist(), "probabilities": found.tolist()})
    far = np.array([[-1e6], [1e6], [knots[3]], *outputs[:1000]])
    expected = logit(np.interp(far[:, 0], knots, found))
    np.testing.assert_allclose(layer(torch.from_numpy(far)).numpy()[:, 0], expected, rtol=1e-9, atol=1e-9)
    assert Isotonic([0.0], [0.3])(torched[:2]).sigmoid().squeeze(1).tolist() == pytest.approx([0.3, 0.3])


@pytest.mark.parametrize(
    "layer", [Temperature(2.5), Isotonic([-1.0, 0.0, 0.5], [0.1, 0.1, 0.8]), Isotonic([0.0], [0.4])]
)
def test_the_exported_network_is_calibrated(layer) -> None:
    """ONNX Runtime gives what torch gives, calibrated; and that is not what the bare network gives."""
    inputs = networks.scalars(3)
    replicas = []
    for seed in range(2):
        torch.manual_seed(seed)
        network = Network(networks.make("mlp", inputs, hidden=[5]), inputs).eval()
        network.calibration = copy.deepcopy(layer)
        replicas.append(network)
    graph = Graph(replicas, OBJECTIVES.load("binary").predictions).eval()
    rows = np.random.default_rng(1).normal(0, 2, (200, 3)).astype(np.float32)
    content = make(graph, ["score", "score_spread"]).SerializeToString(deterministic=True)
    assert parity.check(graph, session(content, 1), rows) < 1e-6
    bare = replicas[0](torch.from_numpy(rows)).sigmoid()
    replicas[0].calibration = None
    assert not torch.allclose(bare, replicas[0](torch.from_numpy(rows)).sigmoid().double(), atol=0.01)


# ---- config


def test_what_has_no_probabilities_has_no_calibration(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()
    given = edited("models.mlp.calibration", "isotonic")
    assert plan.calibrate.of_network(load(given), "task0", "mlp") == [
        "results/task0/models/mlp/fold{fold}-replica{replica}/calibration.json"
    ]
    assert not plan.calibrate.of_network(load(TASK), "task0", "mlp")
    with pytest.raises(SnakerootError, match="'mlp' has no 'calibration'"):
        plan.calibrate.calibrate(load(TASK), "task0", "mlp")
    refused(r"task0.yaml:\d+:\d+: models.mlp.calibration: an isotonic curve", edited("kind", "multiclass", given))
    regression = edited("target", "m", edited("kind", "regression", given))
    refused(r"task0.yaml:\d+:\d+: models.mlp.calibration: a task of kind 'regression'", regression)
    refused(r"models.mlp.calibration", edited("models.mlp.calibration", "platt"))
