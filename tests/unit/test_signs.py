"""Weights of both signs: sums of them that cancel, and metrics that leave their range, with the reason beside them."""

from __future__ import annotations

import itertools

import figures
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakeroot import plotting
from snakeroot.data import tables
from snakeroot.data.cancellation import add_up
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import predictions
from snakeroot.evaluate.binary import roc
from snakeroot.evaluate.measures import binary, multiclass, regression, unsupervised
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.reported import REPORTED
from snakeroot.evaluate.representations import Representations
from snakeroot.evaluate.unsupervised import clusters, errors, latent
from snakeroot.report import performance

SETTINGS = Metrics(task="toy", models=[], bootstrap=10, seed=0)
CANCEL = [0.1, 0.2, -0.3]
"""5.6e-17 in floats."""


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_weights_and_their_opposites_add_up_to_nothing(weights):
    both = np.random.default_rng(1).permutation([*weights, *(-w for w in weights)])
    assert not add_up(both)
    assert add_up(np.append(both, 1e-6 * (np.abs(both).sum() or 1.0)))


def split(target, score, weight):
    rows = len(target)
    found = np.asarray(score, float)
    return Predictions(np.asarray(target), found, np.asarray(weight, float), np.arange(rows), [found], 1)


def pairs(target, score, weight):
    """The share of pairs of signal and background in which the signal scores higher."""
    won = total = 0.0
    for (t, s, w), (u, r, v) in itertools.product(zip(target, score, weight, strict=True), repeat=2):
        if t == 1 and u == 0:
            won, total = won + w * v * ((s > r) + 0.5 * (s == r)), total + w * v
    return won / total


BOTH_SIGNS = [1, 1, 1, 0, 0, 0], [0.9, 0.6, 0.1, 0.8, 0.5, 0.2], [4.0, 1.0, -2.0, -1.0, 3.0, 1.0]


def test_an_area_beyond_one_is_remarked_on_with_the_reason():
    rows = split(*BOTH_SIGNS)
    metrics = binary.of_model(dict.fromkeys(("train", "validation", "test"), rows), SETTINGS)
    found = metrics["test"]
    assert found["auc"] == pytest.approx(pairs(*BOTH_SIGNS)) == pytest.approx(16 / 9)
    reason = "as 0.25 of the weights' magnitude is negative"
    assert next(one for one in found["remarks"] if one.startswith("auc")).endswith(f"not in [0, 1], {reason}")
    assert "remarks" not in found["unweighted"]
    said = performance.remarks({"models": {"net": metrics}})
    assert said[: len(found["remarks"])] == [("net", "test", one) for one in found["remarks"]]
    assert roc.area(found).endswith(" (negative weights)")
    assert roc.area(found | {"auc_low": None}) == f"AUC = {found['auc']:.3f} (negative weights)"
    assert "negative" not in roc.area({"auc": 0.5, "auc_low": 0.4, "auc_high": 0.6})


def test_weights_of_one_sign_are_not_remarked_on():
    random = np.random.default_rng(2)
    rows = split(np.tile([0, 1], 50), random.random(100), random.random(100))
    metrics = binary.of_model(dict.fromkeys(("train", "validation", "test"), rows), SETTINGS)
    assert "remarks" not in metrics["test"]
    assert performance.remarks({"models": {"net": metrics}}) == []
    perfect = split(np.tile([0, 1], 50), np.tile([0.0, 1.0], 50), random.random(100))
    metrics = binary.of_model(dict.fromkeys(("train", "validation", "test"), perfect), SETTINGS)
    assert (metrics["test"]["auc"], "remarks" in metrics["test"]) == (pytest.approx(1), False)


def test_metrics_of_several_classes_are_remarked_on_by_name():
    scores = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    rows = Predictions(np.array([0, 0, 1, 2]), scores, np.array([3.0, -1.0, 1.0, 1.0]), np.arange(4), [scores], 1)
    settings = SETTINGS.model_copy(update={"classes": ["a", "b", "c"], "bootstrap": 100})
    found = multiclass.of_model({"test": rows}, settings)["test"]
    assert found["accuracy"] == pytest.approx((3 / 2 + 1 + 1) / 3)
    assert found["confusion"][0] == pytest.approx([1.5, -0.5, 0])
    for names in ("accuracy and accuracy_high", "confusion"):
        assert f"{names} not in [0, 1], as 0.17 of the weights' magnitude is negative" in found["remarks"]


def test_errors_of_a_regression_that_have_no_value_are_null_and_say_why():
    rows = split([1.0, 2.0], [1.1, 4.0], [1.0, -0.5])
    found = regression.of_model({"test": rows}, SETTINGS)["test"]
    assert (found["rmse"], found["mae"]) == (None, pytest.approx((0.1 - 0.5 * 2) / 0.5))
    assert found["remarks"][0] == (
        "rmse has no value: the mean square is negative, as 0.33 of the weights' magnitude is negative"
    )
    assert found["unweighted"]["rmse"] == pytest.approx((2.005) ** 0.5)
    cells = performance.row(found, REPORTED.load("regression").METRICS)
    assert cells["RMSE"].startswith("–")
    assert "∞" not in "".join(cells.values())


@pytest.mark.parametrize("target", [[3.1], [3.1] * 7])
def test_targets_that_do_not_differ_have_no_r2_in_any_resampling(target):
    rows = split(target, np.linspace(0, 1, len(target)), np.linspace(0.1, 0.7, len(target)))
    found = regression.of_model({"test": rows}, SETTINGS)["test"]
    assert (found["r2"], found["r2_low"], found["r2_high"]) == (None, None, None)
    assert found["remarks"] == ["r2 has no value: the targets' variance is not above 0"]
    assert found["rmse"] > 0


def test_predictions_whose_weights_cancel_are_refused(tmp_path):
    names = {"id_event": pa.array(range(4)), "fold": pa.array([0] * 4, pa.int8()), "target": pa.array([1, 0, 0, 0])}
    scores = {name: pa.array([0.5] * 4) for name in ("score_0", "score", "prediction_0", "prediction")}
    table = pa.table(names | scores | {"weight": pa.array([1.0, *CANCEL])})
    tables.write([table], table.schema, tmp_path / "p.parquet")
    with pytest.raises(SnakerootError, match=r"of class background in split test .* sum to 5\.55\S+e-17 over 3 events"):
        predictions.read(tmp_path / "p.parquet", "test", "net")
    with pytest.raises(SnakerootError, match=r"in split test .* must be above zero"):
        predictions.check_total(tmp_path / "p.parquet", "test", "net", np.array(CANCEL))


def test_agreement_of_a_single_row_or_of_samples_that_cancel():
    alone = unsupervised.agreement(np.array([0]), np.array([0]), np.ones(1), 1)
    assert (np.isnan(alone["adjusted_rand"]), alone["purity"]) == (True, 1.0)
    sample = np.array([0, 0, 0, 1])
    assert np.isnan(unsupervised.agreement(sample, sample, np.array([*CANCEL, 1.0]), 2)["purity"])


def test_what_clusters_have_no_value_for_is_said():
    """All rows in one cluster; the second sample cancels."""
    sample, weight = np.array([0, 0, 1, 1, 1]), np.array([1.0, 3.0, *CANCEL])
    found = Representations(["a", "b"], sample, np.zeros(5), np.arange(5), weight, [np.ones(5)], [np.eye(2)[[0] * 5]])
    rows = unsupervised.Rows(found, True, np.ones(5), np.arange(5), np.random.default_rng(1).normal(size=(5, 2)))
    measured = unsupervised.of_model({"test": rows}, SETTINGS)["test"]
    assert (measured["silhouette"], measured["purity"], measured["adjusted_rand"]) == (None, None, None)
    said = {one.partition(" ")[0]: one for one in measured["remarks"]}
    assert said["silhouette"] == "silhouette has no value: all rows are in one group, or each is one"
    assert said["purity"].endswith("do not add up to more than 0, as 0.065 of the weights' magnitude is negative")


def test_shares_of_what_weighs_nothing_are_zero():
    """The second sample cancels; in the last cluster there is nothing."""
    cluster, sample = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1])
    weight = np.array([1.0, 3.0, *CANCEL])
    where = [np.eye(3)[cluster]]
    found = Representations(["a", "b"], sample, np.zeros(5), np.arange(5), weight, [np.arange(5.0)], where)
    table = clusters.composition(found).set_index(["cluster", "sample"])
    assert table["share_of_cluster"].tolist() == [1, 0, 0, 0, 0, 0]
    assert table["share_of_sample"].tolist() == [1, 0, 0, 0, 0, 0]
    assert errors.mean(found.errors[0], weight, sample == 0) == 0.75
    assert np.isnan(errors.mean(found.errors[0], weight, sample == 1))


@pytest.mark.parametrize(
    ("weights", "shown"), [(CANCEL, CANCEL), ([1.0, -3.0], [1.0, -3.0]), ([1.0, 3.0], [0.25, 0.75])]
)
def test_a_histogram_whose_sum_is_not_above_nothing_is_not_divided_by_it(weights, shown):
    filled = plotting.histogram(np.arange(len(weights)), weights, (-0.5, len(weights) - 0.5), len(weights))
    assert plotting.fractions(filled).values().tolist() == pytest.approx(shown)


ABOVE = {"luminosity": None, "energy": None}
SAMPLES = [{"name": name, "label": name.upper(), "class_name": name} for name in ("a", "b")]


def test_a_sample_whose_weights_cancel_is_drawn_as_it_is_and_says_so():
    table = pd.DataFrame({"sample": ["a", "b", "b", "b"], "weight": [4.0, *CANCEL], "x": [1.0, 1.0, 2.0, 3.0]})
    settings = {**ABOVE, "feature": "x", "axis": {"label": "x"}, "samples": SAMPLES}
    figure, numbers = figures.of_input(settings, table)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["A", "B (undivided: its weights cancel)"]
    sums = numbers.groupby("sample")["value"].agg(lambda values: values.abs().sum())
    assert sums.tolist() == pytest.approx([1.0, 0.6])


@pytest.mark.parametrize("weight", [[0.0, 0.0, 0.0], CANCEL])
def test_coordinates_of_a_sample_that_weighs_nothing_have_no_density(weight):
    random = np.random.default_rng(3)
    sample, fold = np.array([0] * 9 + [1] * 3), np.zeros(12, np.int64)
    weights, coordinates = np.array([1.0] * 9 + weight), random.normal(size=(12, 2))
    found = Representations(["a", "b"], sample, fold, np.arange(12), weights, [np.ones(12)], [coordinates])
    settings = latent.Shown.model_validate(
        {**ABOVE, "model": {"name": "m", "label": "m"}, "samples": SAMPLES, "seed": 1}
    )
    _, numbers = latent.draw(settings, found)
    assert set(numbers["sample"]) == {"a"}
    assert numbers["share"].sum() == pytest.approx(1, abs=0.2)


def test_every_range_is_that_of_a_metric():
    metrics = REPORTED.load("binary").METRICS
    assert not metrics["auc"].outside(1 + 1e-12)
    assert metrics["auc"].outside(1.001)
    assert metrics["rejection_at_50"].outside(0.9)
