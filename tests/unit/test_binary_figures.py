"""Figures of signal against background that show metrics: that they say what metrics.json has, and hide nothing."""

from __future__ import annotations

import numpy as np
import pytest
from snakeroot import plotting
from snakeroot.evaluate.binary import calibration, overtraining, roc, significance
from snakeroot.evaluate.comparisons import comparisons
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.predictions import Predictions

ABOVE = {"luminosity": 140.0, "energy": 13.0}
CLASSES = {"signal": "S", "background": "B"}
SPLITS = ("train", "validation", "test")
MODEL = {"name": "one", "label": "one"}


def splits(seed, sharpness, noise, count=1500):
    """Models of one seed see the same events, and differ by their noise."""
    found = {}
    for number, name in enumerate(SPLITS):
        events, own = np.random.default_rng([seed, number]), np.random.default_rng([int(10 * noise), number])
        target = (events.random(count) < 0.5).astype(np.int8)
        raw = events.normal(sharpness * target, 1.0) + own.normal(0, noise, count)
        score, weight = 1 / (1 + np.exp(sharpness / 2 - raw)), events.uniform(0.5, 1.5, count)
        found[name] = Predictions(target, score, weight, np.arange(count), [score], 1)
    return found


def measured(models, **more):
    settings = Metrics(task="toy", models=[], **{"bootstrap": 60, "seed": 1, **more})
    known = {name: binary.of_model(one, settings) for name, one in models.items()}
    metrics = {"models": known, "comparisons": comparisons(known, binary.BETTER)}
    return metrics | binary.of_task({}, settings, None)


def drawn_of_several(sharpness):
    models = {name: splits(1, sharpness, noise) for name, noise in (("one", 0.1), ("two", 0.8))}
    metrics = measured(models)
    shown = [{"name": name, "label": name, "number": number} for number, name in enumerate(models)]
    settings = roc.Shown.model_validate({**ABOVE, "models": shown, "bootstrap": 60, "seed": 1})
    tests = [one["test"] for one in models.values()]
    with plotting.style():
        figure, numbers = roc.draw(settings, tests, metrics)
    return metrics, figure, numbers.groupby("model"), tests


def test_curves_have_bands_and_a_ratio_to_the_first_model():
    metrics, figure, numbers, _ = drawn_of_several(1.5)
    assert len(figure.axes) == 2
    assert figure.axes[0].get_xscale() == "linear"
    one, two = (numbers.get_group(name) for name in ("one", "two"))
    known = one.dropna()
    np.testing.assert_allclose(known[["ratio", "ratio_low", "ratio_high"]], 1.0)
    inside = (two["low"] <= two["signal_efficiency"]) & (two["signal_efficiency"] <= two["high"])
    assert inside[two["low"].notna()].mean() > 0.95
    middle = two[two["background_efficiency"].between(0.1, 0.4)]
    assert (middle["ratio_high"] < 1).mean() > 0.8, "the second one is worse, as the comparison says"
    assert metrics["comparisons"][0]["high"] < 0
    width, apart = ((middle[f"{name}high"] - middle[f"{name}low"]).mean() for name in ("ratio_", ""))
    assert width < 1.4 * apart / middle["signal_efficiency"].mean(), "it is paired"


def test_curves_of_sharp_models_are_on_a_logarithmic_axis_and_all_of_them_is_seen():
    metrics, figure, numbers, _ = drawn_of_several(5.0)
    assert min(one["test"]["auc"] for one in metrics["models"].values()) > roc.SHARP
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    for _, table in numbers:
        shown = table[table["background_efficiency"] > 0]
        assert shown["background_efficiency"].min() >= axes.get_xlim()[0]
        assert shown["signal_efficiency"].min() >= axes.get_ylim()[0]
    styles = {(line.get_color(), line.get_linestyle()) for line in axes.lines}
    assert len({colour for colour, _ in styles}) == len({style for _, style in styles}) == 2


def test_a_model_alone_has_no_ratio_and_separates_what_can_be_separated():
    target = np.repeat([0, 1], 20).astype(np.int8)
    perfect = Predictions(target, target * 0.8 + 0.1, np.ones(40), np.arange(40), [target * 0.8 + 0.1], 1)
    metrics = measured({"one": dict.fromkeys(SPLITS, perfect)})
    settings = roc.Shown.model_validate({**ABOVE, "models": [MODEL], "bootstrap": 20})
    with plotting.style():
        figure, numbers = roc.draw(settings, [perfect], metrics)
        figure.draw_without_rendering()
    assert len(figure.axes) == 1
    assert numbers["signal_efficiency"].tolist() == [0, 1, 1]


def test_the_reliability_diagram_is_that_of_the_metrics():
    models = {"one": splits(2, 2.0, 0.1)}
    metrics = measured(models)
    settings = calibration.Shown.model_validate({**ABOVE, "models": [MODEL]})
    with plotting.style():
        figure, numbers = calibration.draw(settings, [models["one"]["test"]], metrics)
        figure.draw_without_rendering()
    assert numbers.drop(columns="model").to_dict("records") == metrics["models"]["one"]["calibration"]
    axes, below = figure.axes
    points = next(one for one in axes.containers if one.has_yerr)
    np.testing.assert_allclose(points.lines[0].get_xydata(), numbers[["score", "signal"]])
    test = metrics["models"]["one"]["test"]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert any(f"ECE = ${test['ece']:.4f}" in text and f"Brier = ${test['brier']:.4f}" in text for text in texts)
    assert sum(below.patches[0].get_data().values) == pytest.approx(1)
    assert axes.transData.transform((0, 1))[1] < axes.get_legend().get_window_extent().y0, "no label on data"


@pytest.mark.parametrize(("learned", "said"), [(0.0, "no overtraining seen"), (2.5, "clear overtraining")])
def test_the_verdict_and_the_tests_are_stated(learned, said):
    model = splits(3, 2.0, 0.1)
    model["train"] = splits(3, 2.0 + learned, 0.1)["train"]
    metrics = measured({"one": model})
    settings = overtraining.Shown.model_validate({**ABOVE, **CLASSES, "model": MODEL})
    with plotting.style():
        figure, numbers = overtraining.draw(settings, model["train"], model["test"], metrics)
        figure.draw_without_rendering()
    known = metrics["models"]["one"]["overtraining"]
    legend = figure.axes[0].get_legend()
    assert legend.get_title().get_text() == f"one: {overtraining.told(known)}"
    assert overtraining.told(known).startswith(f"{said}\nAUC train − test = $")
    texts = [text.get_text() for text in legend.get_texts()]
    assert f"S (test): {overtraining.tested(known['signal'])}" in texts
    assert f"KS p = {known['signal']['p']:.2g}, χ²/ndf = {known['signal']['chi2']:.3g}" in "".join(texts)
    np.testing.assert_allclose(numbers.groupby(["split", "class"])["value"].sum(), 1.0)
    distance = max(np.abs(line.get_ydata()).max() for line in figure.axes[1].lines)
    largest = max(known[name]["statistic"] for name in ("signal", "background"))
    assert distance == pytest.approx(largest, abs=0.02), "of a hundred scores, which the test has all of"
    assert overtraining.tested({"p": None}) == "no test"


@pytest.mark.parametrize("relative", [0.0, 0.2])
def test_the_best_cut_of_validation_lies_on_the_curve_of_test(relative):
    model = splits(4, 2.0, 0.1)
    metrics = measured({"one": model}, background_uncertainty=relative)
    settings = significance.Shown.model_validate({**ABOVE, **CLASSES, "model": MODEL, "bootstrap": 60, "seed": 1})
    with plotting.style():
        figure, numbers = significance.draw(settings, model["test"], metrics)
        figure.draw_without_rendering()
    test = metrics["models"]["one"]["test"]
    for name in ("", "_signal", "_background"):
        at = np.interp(test["significance_cut"], numbers["cut"][::-1], numbers[name[1:] or "significance"][::-1])
        assert at == pytest.approx(test[f"significance{name}"], rel=0.03)
    assert (numbers["low"] <= numbers["significance"]).mean() > 0.95
    assert (numbers["significance"] <= numbers["high"]).mean() > 0.95
    assert (numbers["significance"] < numbers["certain"]).all() == bool(relative)
    axes = figure.axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert any(f"background ± {100 * relative:g} %" in text for text in texts) == bool(relative)
    assert axes.transData.transform((0, numbers["high"].max()))[1] < axes.get_legend().get_window_extent().y0


def test_without_enough_background_the_significance_says_so():
    target = np.repeat([0, 1], [5, 50]).astype(np.int8)
    few = Predictions(target, target * 0.8 + 0.1, np.ones(55), np.arange(55), [target * 0.8 + 0.1], 1)
    metrics = measured({"one": dict.fromkeys(SPLITS, few)})
    settings = significance.Shown.model_validate({**ABOVE, **CLASSES, "model": MODEL, "bootstrap": 20})
    with plotting.style():
        figure, numbers = significance.draw(settings, few, metrics)
    assert len(numbers) == 0
    assert "fewer than ten entries of background pass any cut" in [text.get_text() for text in figure.axes[0].texts]
