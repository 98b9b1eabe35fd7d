"""Numbers under systematic variations: the influence of each row is the derivative, the errors are the bootstrap's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate.significance import asimov
from snakeroot.systematics.__main__ import systematics
from snakeroot.systematics.kinds import KINDS
from snakeroot.systematics.quantity import Weighed, error
from snakeroot.systematics.settings import SystematicsSettings, Uncertainty
from templates import write

CLASSES = {"binary": ["background", "signal"], "multiclass": ["a", "b", "c"], "regression": [], "unsupervised": []}
KNOWN = {
    "working_points": [
        {"wanted": "signal_efficiency", "value": 0.5, "cut": 0.6},
        {"wanted": "background_rejection", "value": 100.0, "cut": None},
    ],
    "expected": {"background": 300.0, "signal": 40.0},
    "totals": {"background": 60.0, "signal": 10.0},
    "background_uncertainty": 0.1,
    "test": {"significance_cut": 0.6},
}


def settings(kind: str) -> SystematicsSettings:
    return SystematicsSettings.model_validate(
        {
            "task": "toy",
            "kind": kind,
            "classes": CLASSES[kind],
            "samples": {"one": None},
            "predicted": ["score"],
            "yields": True,
            "models": ["net"],
            "uncertainties": {"u": {"samples": ["one"], "normalisation": 0.1, "up": None, "down": None}},
        }
    )


def toy(kind: str, size: int, negative: float = 0.2, seed: int = 1) -> Weighed:
    """Return rows with ties among the scores, weights of both signs, and two rows of some events."""
    random = np.random.default_rng(seed)
    classes = max(len(CLASSES[kind]), 2)
    target = random.integers(0, classes, size)
    weight = random.uniform(0.5, 1.5, size) * np.where(random.random(size) < negative, -1, 1)
    if kind == "multiclass":
        predicted = np.round(random.random((size, classes)) + 0.4 * np.eye(classes)[target], 1)
        predicted /= predicted.sum(axis=1, keepdims=True)
    else:
        predicted = np.round(np.clip(random.normal(0.35 + 0.3 * target, 0.2), 0, 1), 2)
    wanted = target if CLASSES[kind] else random.normal(0.5, 0.3, size)
    return Weighed(wanted, predicted, weight, weight, np.arange(size) // 2 if size > 100 else np.arange(size))


def measured(rows: Weighed, kind: str) -> dict:
    found = list(KINDS.load(kind).quantities(rows, settings(kind), KNOWN))
    assert len({(one.name, one.point) for one in found}) == len(found)
    return {(one.name, one.point): one for one in found}


@pytest.mark.parametrize("kind", CLASSES)
def test_the_influence_of_a_row_is_the_derivative_by_its_weight(kind: str) -> None:
    """Where totals are known, adding to a row's weight takes from the others: the factor of `totals` follows."""
    rows, step = toy(kind, 60), 1e-6
    found = measured(rows, kind)
    for row in range(0, 60, 7):
        ends = []
        for sign in (1, -1):
            weight = rows.weight.copy()
            weight[row] *= 1 + sign * step
            changed = replace(rows, weight=weight, known=weight)
            known = {**KNOWN, "totals": dict(KNOWN["totals"])}
            if kind == "binary":  # what is expected in all, not the events that are here, says how much that is
                name = CLASSES[kind][rows.target[row]]
                own = rows.target == rows.target[row]
                known["totals"][name] *= weight[own].sum() / rows.weight[own].sum()
            ends.append(list(KINDS.load(kind).quantities(changed, settings(kind), known)))
        for one, other in zip(*ends, strict=True):
            slope = (one.value - other.value) / (2 * step)
            expected = found[one.name, one.point].influence[row]
            assert slope == pytest.approx(expected, rel=2e-4, abs=1e-8), (one.name, row)


def test_the_area_is_that_of_all_pairs() -> None:
    rows = toy("binary", 60)
    signal, background = rows.target == 1, rows.target == 0
    wins = rows.predicted[signal][:, None] - rows.predicted[background][None, :]
    weights = rows.weight[signal][:, None] * rows.weight[background][None, :]
    assert measured(rows, "binary")["auc", None].value == pytest.approx(
        (weights * (np.sign(wins) + 1) / 2).sum() / weights.sum(), rel=1e-12
    )


def test_errors_are_those_of_the_bootstrap_by_event() -> None:
    """Also of a difference: of the same events, some of which are there in one of the two alone."""
    rows = toy("binary", 1200, negative=0.05)
    random = np.random.default_rng(5)
    kept = random.random(1200) < 0.95
    shifted = np.clip(rows.predicted + random.normal(0.03, 0.02, 1200), 0, 1)
    parts = {key: getattr(rows, key)[kept] for key in ("target", "weight", "event")}
    factor = 1 + 0.1 * shifted[kept]
    varied = Weighed(parts["target"], shifted[kept], parts["weight"] * factor, parts["weight"], parts["event"])
    one, other = measured(rows, "binary"), measured(varied, "binary")
    drawn: dict = {key: [] for key in one}
    for _ in range(300):
        factors = random.poisson(1.0, 600).astype(float)
        ends = []
        for of in (rows, varied):
            resampled = {key: getattr(of, key) * factors[of.event] for key in ("weight", "known")}
            known = {**KNOWN, "totals": {}}
            for number, name in enumerate(CLASSES["binary"]):
                own = of.target == number
                known["totals"][name] = KNOWN["totals"][name] * resampled["known"][own].sum() / of.known[own].sum()
            ends.append(list(KINDS.load("binary").quantities(replace(of, **resampled), settings("binary"), known)))
        for first, second in zip(*ends, strict=True):
            drawn[first.name, first.point].append((first.value, second.value - first.value))
    for key, values in drawn.items():
        alone, difference = np.std(values, axis=0)
        assert error(one[key].influence, rows.event) == pytest.approx(alone, rel=0.15), key
        paired = error(other[key].influence, varied.event, one[key].influence, rows.event)
        assert paired == pytest.approx(difference, rel=0.15), key
        assert paired < alone, "the same events are in both"
    assert np.std(drawn["auc", None], axis=0)[1] < 0.5 * np.std(drawn["auc", None], axis=0)[0]


def test_what_nothing_passes_has_no_error_rather_than_none() -> None:
    rows = toy("binary", 60)
    rows = replace(rows, predicted=np.where(rows.target == 0, 0.1, rows.predicted))
    found = measured(rows, "binary")
    assert found["background_efficiency", 0.5].value == 0
    assert np.isnan(error(found["background_efficiency", 0.5].influence, rows.event))
    assert np.isnan(found["significance", None].value)


def test_of_weights_that_cancel_nothing_is_said() -> None:
    rows = toy("multiclass", 60)
    weight = np.where(rows.target == 0, 0.0, rows.weight)
    assert all(
        np.isnan(one.value) for key, one in measured(replace(rows, weight=weight, known=weight), "multiclass").items()
    )
    assert np.isnan(
        measured(replace(toy("unsupervised", 60), weight=np.zeros(60)), "unsupervised")["error", None].value
    )


def test_one_row_of_each_class_is_measured() -> None:
    rows = Weighed(np.array([0, 1]), np.array([0.2, 0.9]), np.ones(2), np.ones(2), np.arange(2))
    found = measured(rows, "binary")
    assert found["auc", None].value == 1
    assert error(found["auc", None].influence, rows.event) == 0


def test_a_sample_that_is_not_tested_stops_nothing(tmp_path: Path) -> None:
    """One without rows, and one whose weights cancel, as in the metrics; a variation has the yield of its own total."""
    random = np.random.default_rng(1)

    def sample(size: int, mean: float, weight: float = 1.0) -> dict[str, Any]:
        score = np.clip(random.normal(mean, 0.2, size), 0, 1)
        return {"weight": np.full(size, weight), "score": score, "z": np.ones(size, np.float32)}

    cancelling = {**sample(2, 0.4), "weight": np.array([1.0, -1.0])}
    nominal = {"sig": sample(50, 0.7), "bkg": sample(80, 0.3), "odd": cancelling}
    made = write(tmp_path / "nominal", nominal, share=0.25)
    twice = {**nominal["bkg"], "weight": 2 * nominal["bkg"]["weight"]}
    varied = write(tmp_path / "varied", {"bkg": twice}, share=0.5)  # so that four times as many are scored
    totals = read_json(made["normalisation"])
    totals["samples"]["none"] = {"weight": 3.0, "factor": 1.0, "read": 5}
    write_json(totals, tmp_path / "normalisation.json")
    classes = {"sig": "signal", "bkg": "background", "odd": "background", "none": "background"}
    shifted = {"weight": None, "own": True}
    one = {"normalisation": None, "down": None}
    uncertainties = {
        "rows": {**one, "samples": ["bkg"], "up": shifted},
        "weights": {**one, "samples": ["sig", "none"], "up": {"weight": "3 * z", "own": False}},
    }
    chosen = settings("binary").model_copy(
        update={"samples": classes, "uncertainties": {n: Uncertainty(**u) for n, u in uncertainties.items()}}
    )
    measured_before = {"working_points": KNOWN["working_points"], "expected": KNOWN["expected"], "test": KNOWN["test"]}
    metrics = {"models": {"net": measured_before}, "background_uncertainty": 0.0}
    write_json(metrics, tmp_path / "metrics.json")
    systematics(
        chosen,
        metrics=tmp_path / "metrics.json",
        predictions=made["predictions"],
        features=made["features"],
        normalisation=tmp_path / "normalisation.json",
        varied=varied["predictions"],
        varied_features=[],
        varied_normalisations=[varied["normalisation"]],
        shifts=tmp_path / "systematics.json",
    )
    model = read_json(tmp_path / "systematics.json")["models"]["net"]
    rows, weights = model["variations"]
    assert rows["events"] == {"kept": 80, "gained": 0, "lost": 0}
    for of, by_rows, by_weights in zip(model["quantities"], rows["quantities"], weights["quantities"], strict=True):
        assert np.isfinite([of["value"], by_rows["value"], by_weights["value"]]).all()
        if of["name"] == "signal_efficiency":
            assert by_weights["shift"] == pytest.approx(0, abs=1e-12)
    significance = model["quantities"][-1]["value"], rows["quantities"][-1]["value"], weights["quantities"][-1]["value"]
    assert significance[2] > 2 * significance[0], "three times the signal"
    passing = (nominal["bkg"]["score"] >= 0.6).sum() + (cancelling["weight"] * (cancelling["score"] >= 0.6)).sum()
    background = KNOWN["expected"]["background"] / 80 * passing
    signal = KNOWN["expected"]["signal"] * (nominal["sig"]["score"] >= 0.6).mean()
    assert significance[0] == pytest.approx(float(asimov(signal, background)))
    assert significance[1] == pytest.approx(float(asimov(signal, background))), "as much is expected of it"
