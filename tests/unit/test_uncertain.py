"""Regressions that say how uncertain they are: losses, layers, combination, export, measures and figures.

References are scipy, scikit-learn, and distributions whose truth is known.
"""

from __future__ import annotations

import json
from dataclasses import replace

import networks
import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import norm
from sklearn.metrics import mean_pinball_loss
from snakeroot.data import tables
from snakeroot.evaluate import uncertainty
from snakeroot.evaluate.measures import regression as measures
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.predictions import Predictions, Stated, regression
from snakeroot.evaluate.regression import coverage, pull
from snakeroot.friends.predictions import predicted as of_friends
from snakeroot.networks import network as built
from snakeroot.networks.layers.uncertain import Normal, Rising
from snakeroot.networks.objectives import columns, uncertainties
from snakeroot.networks.objectives import regression as objectives
from snakeroot.plan.figures import of_task as figures_of
from snakeroot.predict import combine
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.settings import mistakes
from snakeroot.train.settings import Training
from tasks import TASK, edited, load, refused

SHARES = [0.025, 0.16, 0.5, 0.84, 0.975]
BESIDE = ["quantile.0.025", "quantile.0.16", "quantile.0.84", "quantile.0.975"]
LIKELIHOOD, QUANTILES = Training(loss="likelihood"), Training(loss="quantiles", quantiles=SHARES)
ABOVE = {"luminosity": 140.0, "energy": 13.0}
MODEL = {"name": "net", "label": "dense network"}

anything = st.floats(-(2.0**100), 2.0**100, width=32)


def test_columns_beside_the_prediction():
    assert columns("regression", [], 0, uncertainties("likelihood", SHARES)) == ["prediction", "sigma"]
    assert columns("regression", [], 0, uncertainties("quantiles", SHARES)) == ["prediction", *BESIDE]
    assert columns("regression", [], 0, uncertainties("huber", SHARES)) == ["prediction"]
    together = [f"{name}{end}" for name in ("prediction", *BESIDE) for end in ("_0", "_1", "", "_spread")]
    assert of_friends(["target", "fold", *together]) == [
        f"{name}{end}" for name in ("prediction", *BESIDE) for end in ("", "_spread")
    ]


def test_the_likelihood_is_that_of_scipy():
    random = np.random.default_rng(1)
    mean, sigma, target, weight = (
        random.normal(size=50),
        random.uniform(0.1, 3, 50),
        random.normal(size=50),
        random.normal(1, 1, 50),
    )
    objective = objectives.make(LIKELIHOOD, 0, 2.5)
    outputs, wanted, heavy = (torch.from_numpy(one) for one in (np.stack([mean, sigma], 1), target, weight))
    expected = -norm.logpdf(target, mean, sigma)
    np.testing.assert_allclose(objective.loss(outputs, wanted, torch.ones(50), "none"), expected, rtol=1e-10)
    assert objective.loss(outputs, wanted, heavy).item() == pytest.approx((expected * weight).mean())
    found = dict(zip(objective.metrics, objective.measure(outputs, wanted, heavy).tolist(), strict=True))
    assert found["loss"] == pytest.approx(np.average(expected, weights=weight))
    assert found["mae"] == pytest.approx(2.5 * np.average(np.abs(mean - target), weights=weight)), "of the mean alone"


def test_the_pinball_loss_is_that_of_scikit_learn():
    random = np.random.default_rng(2)
    outputs, target, weight = random.normal(size=(60, 5)), random.normal(size=60), random.uniform(0, 2, 60)
    objective = objectives.make(QUANTILES, 0, 1.0)
    order = [SHARES[2], *SHARES[:2], *SHARES[3:]]  # the median is the prediction, and stands first
    expected = np.mean(
        [
            mean_pinball_loss(target, column, alpha=share, sample_weight=weight)
            for column, share in zip(outputs.T, order, strict=True)
        ]
    )
    given_ = [torch.from_numpy(one) for one in (outputs, target, weight)]
    assert objective.loss(*given_, "sum").item() / weight.sum() == pytest.approx(expected)


@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(*[anything] * 5), min_size=1, max_size=5))
def test_no_output_makes_a_width_that_is_absurd_or_quantiles_that_cross(rows):
    raw = torch.tensor(rows, dtype=torch.float32, requires_grad=True)
    sigma = Normal()(raw[:, :2])[:, 1]
    assert ((sigma > 0.9e-3) & (sigma < 1.1e3)).all()
    sigma.log().sum().backward()
    assert raw.grad is not None
    assert torch.isfinite(raw.grad).all()
    made = Rising([0.025, 0.16, 0.84, 0.975])(raw)
    assert (made[:, 0] == raw[:, 0]).all()
    assert (made[:, [1, 2, 0, 3, 4]].diff(dim=1) >= 0).all()


@pytest.mark.parametrize("shares", [[0.1], [0.9], [0.1, 0.2], [0.8, 0.9]])
def test_quantiles_on_one_side_of_the_median(shares):
    made = Rising(shares)(torch.zeros(1, 1 + len(shares)))[0, 1:].tolist()
    assert made == sorted(made)
    assert all((value < 0) == (share < 0.5) for value, share in zip(made, shares, strict=True))


def network(training, seed=0, mean=70.0, deviation=20.0):
    """A dense network of one input, whose target is standardised."""
    torch.manual_seed(seed)
    objective = objectives.make(training, 0, deviation)
    inputs = networks.scalars(1)
    settings = {"hidden": [16], "activation": "tanh"}
    made = built.build("mlp", settings, inputs, objective.outputs, (), objective.uncertainties)
    scaling = {"x0": {"mean": [0.5], "standard_deviation": [0.3]}}
    built.scale(made, {**scaling, "target": {"mean": [mean], "standard_deviation": [deviation]}})
    return made, objective


@pytest.mark.parametrize("training", [LIKELIHOOD, QUANTILES])
def test_widths_are_multiplied_and_values_moved_into_the_unit_of_the_target(training):
    made, _ = network(training)
    rows = torch.rand(5, 1)
    raw, outputs = made.layers(made.scaled(rows)), made(rows)
    torch.testing.assert_close(outputs[:, 0], 20 * raw[:, 0] + 70)
    torch.testing.assert_close(outputs[:, 1], 20 * raw[:, 1] + (0 if training is LIKELIHOOD else 70))


@pytest.fixture(scope="module", params=[LIKELIHOOD, QUANTILES], ids=["likelihood", "quantiles"])
def trained(request):
    """Two networks of a target whose spread is known: 2 + 18 x; each with what it says of rows that it has not seen."""

    def drawn(count, seed):
        random = np.random.default_rng(seed)
        x = random.uniform(0, 1, count)
        return x, random.normal(60 + 20 * x, 2 + 18 * x)

    x, target = drawn(3000, 1)
    made = []
    for seed in (0, 1):
        one, objective = network(request.param, seed)
        rows = torch.from_numpy(x[:, np.newaxis]).float()
        wanted, weight = torch.from_numpy((target - 70) / 20).float(), torch.ones(len(x))
        optimizer = torch.optim.Adam(one.parameters(), 0.03)
        for _ in range(200):
            optimizer.zero_grad()
            objective.loss(one.layers(one.scaled(rows)), wanted, weight).backward()
            optimizer.step()
        made.append(one.eval())
    x, target = drawn(3000, 2)
    with torch.no_grad():
        said = [one(torch.from_numpy(x[:, np.newaxis]).float()).double().numpy() for one in made]
    return made, objective, x, target, said


def rows_of(trained):
    _, objective, _, target, said = trained
    mean = np.mean(said, axis=0)
    if objective.outputs == 2:
        mean[:, 1] = combine.total(np.stack([one[:, 0] for one in said]), np.stack([one[:, 1] for one in said]))
    stated = Stated(tuple(objective.uncertainties), mean[:, 1:], [one[:, 1:] for one in said])
    count = len(target)
    values = [one[:, 0] for one in said]
    return Predictions(target, mean[:, 0], np.ones(count), np.arange(count), values, 1, stated=stated)


def test_what_is_learned_of_a_known_spread_covers_as_it_says(trained):
    rows = rows_of(trained)
    x = trained[2]
    known = uncertainty.interval(rows.stated.names, rows.predicted, rows.stated.shown)
    assert known.nominal == pytest.approx(0.68, abs=0.003)
    width = (known.high - known.low) / 2
    truth = norm.ppf((1 + known.nominal) / 2) * (2 + 18 * x)
    assert np.median(np.abs(width / truth - 1)) < 0.08
    settings = Metrics(task="toy", kind="regression", models=[], bootstrap=20, seed=1)
    found = measures.of_model({"test": rows.ensemble()}, settings)["test"]
    assert abs(found["coverage"] - known.nominal) < 3 * np.sqrt(0.68 * 0.32 / len(x))
    assert found["nominal_coverage"] == known.nominal
    assert found["sharpness"] == pytest.approx(width.mean())
    assert found["coverage_low"] <= found["coverage"] <= found["coverage_high"]
    table = coverage.observed(rows)
    away = np.abs(table["share"] - table["stated"]) / np.sqrt(table["stated"] * (1 - table["stated"]) / len(x))
    assert (away < 4).all(), "everywhere, not at 68 % alone"
    if "nll" in found:
        assert abs(found["pull_mean"]) < 0.1
        assert abs(found["pull_width"] - 1) < 0.05
        best = -norm.logpdf(rows.target, 60 + 20 * x, 2 + 18 * x).mean()
        assert best - 0.02 < found["nll"] < best + 0.03
    doubled = rows.predicted[:, np.newaxis] * ("pinball" in found)  # what is twice as far away from it
    doubled = replace(rows, stated=replace(rows.stated, shown=2 * rows.stated.shown - doubled))
    worse = measures.of_model({"test": doubled.ensemble()}, settings)["test"]
    assert worse["coverage"] > 0.9
    assert all(worse[name] > found[name] for name in ("nll", "pinball") if name in found)


def written(path, values, weight=None):
    """Write predictions of one network, by column, as the predict stage does."""
    count = len(values["prediction"])
    table = pa.table(
        {
            "id_event": np.arange(count),
            **{name: pa.array(["a"] * count).dictionary_encode() for name in ("sample", "part")},
            "entry": np.arange(count),
            "target": np.zeros(count, np.float32),
            "weight": np.ones(count) if weight is None else weight,
            **values,
        }
    )
    tables.write([table], table.schema, path)
    return path


def test_the_sigma_of_replicas_is_that_of_their_mixture_and_quantiles_are_averaged(tmp_path):
    random = np.random.default_rng(3)
    means, sigmas = random.normal(0, 3, (3, 4)), random.uniform(0.5, 2, (3, 4))
    files = [
        written(tmp_path / f"{n}.parquet", {"prediction": mean, "sigma": sigma})
        for n, (mean, sigma) in enumerate(zip(means, sigmas, strict=True))
    ]
    combine.combine(CombineSettings(replicas=3), files, [tmp_path / "all.parquet"])
    rows = regression(tmp_path / "all.parquet", "test", "net")
    drawn = random.normal(means[:, :, np.newaxis], sigmas[:, :, np.newaxis], (3, 4, 100_000))
    np.testing.assert_allclose(rows.stated.shown[:, 0], drawn.std(axis=(0, 2)), rtol=0.01)
    np.testing.assert_array_equal(np.stack(rows.stated.replicas)[:, :, 0], sigmas)
    np.testing.assert_array_equal(np.stack(rows.replicas), means)
    combine.combine(CombineSettings(replicas=1), files[:1], [tmp_path / "one.parquet"])
    assert tables.read(tmp_path / "one.parquet")["sigma"].to_pylist() == sigmas[0].tolist(), "to the bit"
    for number, path in enumerate(files):
        written(path, {"prediction": means[number], "quantile.0.16": means[number] - sigmas[number]})
    combine.combine(CombineSettings(replicas=3), files, [tmp_path / "all.parquet"])
    rows = regression(tmp_path / "all.parquet", "test", "net")
    assert rows.stated.names == ("quantile.0.16",)
    np.testing.assert_allclose(rows.stated.shown[:, 0], (means - sigmas).mean(axis=0))


@pytest.mark.parametrize(
    ("shares", "low", "high"),
    [
        ([0.16, 0.84], 0.16, 0.84),
        ([0.025, 0.16, 0.84, 0.975], 0.16, 0.84),
        ([0.05, 0.95], 0.05, 0.95),
        ([0.1, 0.3], 0.1, 0.5),
        ([0.7], 0.5, 0.7),
    ],
)
def test_the_interval_is_that_nearest_to_68_percent(shares, low, high):
    stated = np.array([shares])
    found = uncertainty.interval(tuple(f"quantile.{one}" for one in shares), np.array([0.5]), stated)
    assert (found.low[0], found.high[0], found.nominal) == (low, high, pytest.approx(high - low))


def test_weights_without_a_sum_or_of_both_signs_have_no_value_or_one_with_a_remark():
    names, ones = ("sigma",), np.ones(2)
    measure = uncertainty.scores(np.array([0.0, 3.0]), np.zeros(2), names, ones[:, np.newaxis])
    assert all(np.isnan(value) for value in measure(np.array([1.0, -1.0])).values())
    found = measure(np.array([2.0, -1.0]))
    assert found["coverage"] == 2
    assert np.isnan(found["pull_width"])


def test_pulls_of_a_stated_sigma_are_in_its_units_and_drawn_beside_the_normal_distribution():
    random = np.random.default_rng(4)
    target, sigma = random.uniform(0, 100, 5000), random.uniform(1, 9, 5000)
    predicted = random.normal(target, sigma)
    stated = Stated(("sigma",), sigma[:, np.newaxis], [sigma[:, np.newaxis]])
    rows = Predictions(target, predicted, np.ones(5000), np.arange(5000), [predicted], 1, stated=stated)
    known, found = pull.pulls(rows)
    assert known.all()
    np.testing.assert_allclose(found, (predicted - target) / sigma)
    settings = pull.Shown.model_validate({**ABOVE, "models": [MODEL], "replicated": [], "normal": ["net"]})
    assert pull.applies(settings)
    figure, numbers = pull.draw(settings, [rows])
    axes = figure.axes[0]
    assert axes.get_xlabel() == "(Prediction − target) / σ"
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "normal: 0, 1"
    assert numbers["width"].iloc[0] == pytest.approx(1, abs=0.05)
    curve = next(patch for patch in axes.patches if patch.get_label() == "normal: 0, 1").get_data().values
    inside = numbers[np.isfinite(numbers["low"]) & np.isfinite(numbers["high"])]
    np.testing.assert_allclose(curve, np.diff(norm.cdf([*inside["low"], inside["high"].iloc[-1]])))
    assert np.abs(inside["value"] - curve).max() < 5 * np.sqrt(curve.max() / 5000)


def test_the_figure_of_coverage_has_the_models_that_state_an_uncertainty():
    random = np.random.default_rng(5)
    target = random.normal(0, 1, 2000)
    weight = random.uniform(0, 2, 2000)
    plain = Predictions(target, np.zeros(2000), weight, np.arange(2000), [np.zeros(2000)], 1)
    wide = replace(plain, stated=Stated(("sigma",), np.full((2000, 1), 2.0), []))
    models = [{**MODEL, "name": name, "number": number} for number, name in enumerate(("none", "net"))]
    settings = coverage.Shown.model_validate({**ABOVE, "models": models, "uncertain": ["net"]})
    _, numbers = coverage.draw(settings, [plain, wide])
    assert set(numbers["model"]) == {"net"}
    expected = norm.cdf(2 * norm.ppf(numbers["stated"]))
    error = (numbers["high"] - numbers["low"]) / 2
    assert (np.abs(numbers["share"] - expected) < 4 * error + 1e-3).all()
    by_hand = weight[target <= 2 * norm.ppf(0.9)].sum() / weight.sum()
    at = numbers.loc[np.isclose(numbers["stated"], 0.9), "share"]
    assert at.to_list() == pytest.approx([by_hand])
    assert not coverage.applies(settings.model_copy(update={"uncertain": []}))


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"loss": "quantiles", "quantiles": [0.16, 0.84]}, "one is the median"),
        ({"loss": "quantiles", "quantiles": [0.5, 0.16]}, "they rise"),
        ({"loss": "quantiles", "quantiles": [0.5, 1.0]}, "less than or equal to 0.999"),
        (
            {"loss": "huber", "quantiles": [0.16, 0.5, 0.84]},
            "quantiles: of the loss of that name, and this one is huber",
        ),
    ],
)
def test_quantiles_that_cannot_be(given_, says):
    with pytest.raises(ValidationError) as caught:
        Training.model_validate(given_)
    assert says in "; ".join(map(str, mistakes(caught.value)))


def test_a_spec_of_a_training_says_quantiles_only_where_they_were_chosen():
    assert "quantiles" not in Training(loss="huber").model_dump()
    again = Training.model_validate(json.loads(QUANTILES.model_dump_json()))
    assert again.quantiles == SHARES


def of_regression(architecture="mlp", space=None, **training):
    """A task whose model is trained so."""
    text = edited("samples", {"a": {"files": ["data/a.root"]}}, edited("luminosity", None, TASK))
    model = {"architecture": architecture, "training": training} | ({"tuning": {"space": space}} if space else {})
    return edited("models", {"net": model}, edited("target", "m", edited("kind", "regression", text)))


def test_losses_that_do_not_go_with_the_task_or_the_model_and_the_figures_of_those_that_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()
    shown = {
        loss: [one.figure.name for one in figures_of(load(of_regression(loss=loss)), "task0")]
        for loss in ("huber", "likelihood", "quantiles")
    }
    assert {loss: [name for name in ("pull", "coverage") if name in names] for loss, names in shown.items()} == {
        "huber": [],
        "likelihood": ["pull", "coverage"],
        "quantiles": ["coverage"],
    }
    says = "models.net.training.loss: a gbdt has squared_error and absolute_error, not likelihood"
    refused(says, of_regression("gbdt", loss="likelihood"))
    says = "models.mlp.training.loss: 'likelihood' is of a regression, and this task is 'binary'"
    refused(says, edited("models.mlp.training", {"loss": "likelihood"}))
    searched = {"training.loss": {"choices": ["huber", "likelihood"]}}
    says = "'likelihood' is refused: .*likelihood does not predict what the model's own squared_error does"
    refused(says, of_regression(space=searched))
