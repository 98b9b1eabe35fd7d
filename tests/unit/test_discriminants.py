"""Discriminants of several classes, and the errors of a confusion matrix, against references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_curve
from snakeroot import plan, plotting
from snakeroot.evaluate.discriminant_settings import Discriminant
from snakeroot.evaluate.discriminants import discriminant, rejections
from snakeroot.evaluate.measures.multiclass import decisions, share_errors
from snakeroot.evaluate.multiclass import confusion
from snakeroot.evaluate.multiclass import discriminant as figure_of
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.resampling import resamplings
from tasks import drawn, edited, load, refused, settings

CLASSES = ["b", "c", "light"]
LABELLED = [{"name": name, "label": name} for name in CLASSES]
ABOVE = {"luminosity": None, "energy": 13.0, "classes": LABELLED}
D_B = Discriminant(signal="b", fractions={"c": 0.018, "light": 0.982})


def split(count=6000, seed=3, negative=0.0):
    """Rows of three classes with scores that tell them apart a little, several rows of an event, and weights."""
    random = np.random.default_rng(seed)
    target = random.integers(0, 3, count)
    scores = random.dirichlet([1.0, 1.0, 1.0], count) + 0.6 * np.eye(3)[target] * random.random((count, 1))
    scores /= scores.sum(axis=1, keepdims=True)
    weight = random.exponential(1.0, count) * np.where(random.random(count) < negative, -1, 1)
    event = np.sort(random.integers(0, count // 3, count))
    event = np.unique(event, return_inverse=True)[1]
    return Predictions(target, scores, weight, event, [scores], 1)


def test_the_value_is_that_of_its_formula():
    scores = np.array([[0.5, 0.3, 0.2], [0.1, 0.0, 0.9], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    value = discriminant(scores, CLASSES, D_B)
    np.testing.assert_allclose(value[:2], np.log([0.5 / (0.018 * 0.3 + 0.982 * 0.2), 0.1 / (0.982 * 0.9)]))
    assert np.isfinite(value).all()
    assert np.argsort(value).tolist() == [2, 1, 0, 3]
    odds = discriminant(scores[:2], CLASSES, Discriminant(signal="b", fractions={"light": 1.0}))
    np.testing.assert_allclose(odds, np.log([0.5 / 0.2, 0.1 / 0.9]))


def test_rejections_are_those_of_scikit_learn():
    rows = split()
    value = discriminant(rows.predicted, CLASSES, D_B)
    signal, background = rows.target == 0, rows.target == 2
    efficiencies = np.array([0.3, 0.5, 0.77])
    found = rejections(value, signal, background, rows.weight, efficiencies)
    both = signal | background
    false, true, _ = roc_curve(signal[both], value[both], sample_weight=rows.weight[both], drop_intermediate=False)
    np.testing.assert_allclose(found["rejection"], 1 / np.interp(efficiencies, true, false), rtol=1e-9)
    for cut, rejection, low, high in found[["cut", "rejection", "low", "high"]].to_numpy():
        passing = background & (value >= cut)
        error = np.sqrt((rows.weight[passing] ** 2).sum()) / rows.weight[background].sum()
        assert low == pytest.approx(1 / (1 / rejection + error), rel=1e-6)
        assert high == pytest.approx(1 / (1 / rejection - error), rel=1e-6)


def test_a_background_that_never_passes_has_a_lower_limit():
    value, signal = np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, True, False, False])
    found = rejections(value, signal, ~signal, np.ones(4), np.array([0.5, 1.0]))
    assert np.isinf(found["rejection"]).all()
    assert found["low"].tolist() == pytest.approx([2 / -np.log(0.32)] * 2)
    nothing = rejections(value, signal, ~signal, np.array([1.0, -1, 1, 1]), np.array([0.5]))
    assert len(nothing) == 0


@pytest.mark.parametrize("negative", [0.0, 0.2])
def test_errors_of_shares_are_those_of_a_bootstrap_by_event(negative):
    once = split(2000, negative=negative)
    rows = Predictions(  # three rows of an event say the same, so they are worth one
        *(np.repeat(one, 3, axis=0) for one in (once.target, once.predicted, once.weight, np.arange(2000))),
        [np.repeat(once.predicted, 3, axis=0)],
        1,
    )
    drawn_again = [
        decisions(rows.target, rows.predicted, rows.weight * factor)["confusion"]
        for factor in resamplings(rows.event, 400, 1)
    ]
    np.testing.assert_allclose(share_errors(rows), np.std(drawn_again, axis=0), rtol=0.15)


def test_errors_of_shares_of_independent_rows_are_binomial():
    rows = split()
    alone = Predictions(rows.target, rows.predicted, np.ones(6000), np.arange(6000), rows.replicas, 1)
    shares = decisions(alone.target, alone.predicted, alone.weight)["confusion"]
    counts = np.bincount(alone.target)[:, np.newaxis]
    np.testing.assert_allclose(share_errors(alone), np.sqrt(shares * (1 - shares) / counts))


def test_a_confusion_has_its_errors(tmp_path):
    rows = split()
    shown = confusion.Shown.model_validate({**ABOVE, "model": {"name": "mlp", "label": "MLP"}})
    with plotting.style():
        figure, table = confusion.draw(shown, rows)
    plotting.save(figure, tmp_path / "figure", table)
    np.testing.assert_allclose(table["error"], share_errors(rows).ravel())
    share, error = (100 * table[name][0] for name in ("share", "error"))
    assert figure.axes[0].texts[0].get_text().startswith(f"{share:.1f} ± {error:.1f} %\n")
    cell = figure.axes[0].transData.transform([[0, 0], [1, 1]])
    widest = max(text.get_window_extent().width for text in figure.axes[0].texts)
    assert widest < abs(cell[1, 0] - cell[0, 0]), "within its cell"
    assert [confusion.percent(*one) for one in ((1.0, 0.0), (0.12345, 0.0004), (0.5, 0.02))] == [
        "100.0 %",
        "12.35 ± 0.04 %",
        "50.0 ± 2.0 %",
    ]


@pytest.mark.parametrize("negative", [0.0, 0.3])
def test_the_figure_has_all_models_and_backgrounds(tmp_path, negative):
    models = [{"name": name, "label": name, "number": number} for number, name in enumerate(("one", "two"))]
    shown = figure_of.Shown.model_validate({**ABOVE, "models": models, "discriminant": D_B.model_dump()})
    with plotting.style():
        figure, table = figure_of.draw(shown, [split(seed=seed, negative=negative) for seed in (3, 4)])
    plotting.save(figure, tmp_path / "figure", table)
    assert set(zip(table["model"], table["background"], strict=True)) == {
        (model, name) for model in ("one", "two") for name in ("c", "light")
    }
    first, second = (table[table["model"] == name].reset_index() for name in ("one", "two"))
    known = np.isfinite(first["rejection"]) & np.isfinite(second["rejection"])
    np.testing.assert_allclose(first["ratio"][known], 1)
    np.testing.assert_allclose(second["ratio"][known], (second["rejection"] / first["rejection"])[known])
    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two", "c", "light"]
    assert [bool(axes.get_xlabel()) for axes in figure.axes] == [False, True]
    assert legend.get_title().get_text() == "b against 0.018 c, 0.982 light"


def test_a_class_whose_weights_cancel_has_no_curve(tmp_path):
    rows = split(300)
    weight = np.where(rows.target == 1, np.where(np.arange(300) % 2, 1.0, -1.0), rows.weight)
    weight[np.flatnonzero(rows.target == 1)[::2]] = -1e3
    models = [{"name": "one", "label": "one"}]
    shown = figure_of.Shown.model_validate({**ABOVE, "models": models, "discriminant": D_B.model_dump()})
    with plotting.style():
        figure, table = figure_of.draw(
            shown, [Predictions(rows.target, rows.predicted, weight, rows.event, rows.replicas, 1)]
        )
    plotting.save(figure, tmp_path / "figure", table)
    assert set(table["background"]) == {"light"}
    assert len(figure.axes) == 1, "no ratio of one model"


@pytest.fixture
def text(tmp_path, monkeypatch):
    """A task of three classes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in CLASSES:
        Path(f"data/{name}.root").touch()
    samples = {name: {"class": name, "files": [f"data/{name}.root"]} for name in CLASSES}
    return edited("samples", samples, edited("kind", "multiclass"))


def with_discriminant(text, **changed):
    return edited("evaluation.discriminants", {"b_tag": D_B.model_dump() | changed}, text)


def test_each_discriminant_has_a_figure(text):
    project = load(with_discriminant(text))
    assert [one.svg for one in plan.figures.of_task(project, "task0") if one.figure.name == "discriminant"] == [
        "results/task0/plots/discriminant-b_tag.svg"
    ]
    told = settings(drawn(project, "discriminant", "task0", "b_tag"))
    assert told["discriminant"] == D_B.model_dump()
    assert plan.figures.FILES["predictions"](project, "task0", "b_tag") == [
        "results/task0/models/mlp/predictions/test.parquet"
    ]


def test_discriminants_that_mean_nothing_are_refused_where_they_stand(text):
    where = r"^tasks/task0\.yaml:\d+:\d+: evaluation\.discriminants\.b_tag"
    refused(rf"{where}\.signal: no such class: .*Known: b, c, light", with_discriminant(text, signal="B_hadron"))
    refused(rf"{where}\.fractions\.ligt: .*did you mean 'light'", with_discriminant(text, fractions={"ligt": 1.0}))
    refused(rf"{where}\.fractions\.b: it is the signal", with_discriminant(text, fractions={"b": 0.5, "c": 0.5}))
    refused(rf"{where}\.fractions: .*add up to 0\.98, not to 1", with_discriminant(text, fractions={"c": 0.98}))
    wrong = {"c": -0.5, "light": 1.5}
    refused(rf"{where}\.fractions: .*'c' is -0\.5, not above 0", with_discriminant(text, fractions=wrong))
    called = edited("evaluation.discriminants", {"mlp": D_B.model_dump()}, text)
    refused(r"evaluation\.discriminants\.mlp: a model has its name", called)


def test_two_classes_need_no_discriminant(text):
    del text
    two = edited("samples.zz.files", ["data/b.root"])
    refused("discriminants are made of the scores of several classes", with_discriminant(two))
