"""Figures of what independence costs: closure of a reweighting, separation against sculpting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score
from snakeroot.data import tables
from snakeroot.data.factors import Grid
from snakeroot.evaluate.binary import trade_off
from snakeroot.evaluate.classified import reweighting
from snakeroot.evaluate.predictions import read
from snakeroot.reweight.fit import Sums, fit
from snakeroot.reweight.settings import Reweighting

ABOVE = {"luminosity": None, "energy": 13.0}
CLASSES = ["background", "signal"]
EDGES = {"x": [0.0, 1.0, 3.0], "y": [0.0, 1.0, 2.0, 3.0]}


def fitted(**wanted):
    """The table of a reweighting of two classes in two variables, and the rows."""
    random = np.random.default_rng(1)
    target = np.repeat([0, 1], 3000)
    columns = [np.where(target == 1, 1.5, 1.0) * random.uniform(0, 2, 6000), random.uniform(0, 3, 6000)]
    weight = random.uniform(0.5, 1.5, 6000)
    known = Reweighting.model_validate({"variables": EDGES, **wanted})
    grid = Grid(EDGES)
    sums = Sums.none(2, grid.cells)
    for part in (slice(0, 1000), slice(1000, None)):
        sums.add(grid, target[part], weight[part], [column[part] for column in columns])
    variables = [{"name": name, "edges": edges} for name, edges in EDGES.items()]
    return {"variables": variables, "classes": fit(sums, grid, CLASSES, known)}, target, columns, weight


def test_the_shapes_of_each_variable():
    table, target, columns, weight = fitted(to="signal")
    axes = [{"name": name, "axis": {}} for name in EDGES]
    classes = [{"name": name, "label": name} for name in CLASSES]
    known = {**ABOVE, "classes": classes, "reweightings": [{"name": "both", "variables": axes}]}
    figure, numbers = reweighting.draw(reweighting.Shown.model_validate(known), [table])
    assert len([axes for axes in figure.axes if axes.get_visible()]) == 2
    labels = figure.axes[0].get_legend_handles_labels()[1]
    assert labels[0].startswith("background: 2,")
    assert len(labels) == 4
    for number, name in enumerate(EDGES):
        one = numbers[numbers["variable"] == name].set_index("class")
        own = target == 0
        values = np.minimum(columns[number][own], EDGES[name][-1])
        counts, squares = (np.histogram(values, EDGES[name], weights=weight[own] ** power)[0] for power in (1, 2))
        np.testing.assert_allclose(one.loc["background", "before"], counts / counts.sum())
        np.testing.assert_allclose(one.loc["background", "before_error"], np.sqrt(squares) / counts.sum())
        np.testing.assert_allclose(one.loc["background", "after"], one.loc["signal", "before"])
        np.testing.assert_allclose(one.loc["signal", "after"], one.loc["signal", "before"])
        assert (one.loc["background", "factor"] != 1).all()
    assert not numbers["limited"].any()
    table, *_ = fitted(to="signal", limits=[0.99, 1.01])
    assert reweighting.projection(table, "background", 0)["limited"].all()
    assert not reweighting.applies(reweighting.Shown.model_validate(known | {"reweightings": []}))


@pytest.fixture
def predicted(tmp_path):
    """Test splits of two models: one of two networks that know the mass, and one that does not."""
    random = np.random.default_rng(1)
    count = 4000
    target = np.repeat([0, 1], count // 2)
    mass = np.where(target == 1, random.normal(80, 8, count), random.uniform(0, 200, count)).astype(np.float32)
    other = random.normal(target, 1.0)
    closeness = np.exp(-(((mass - 80) / 20) ** 2))
    random_weight = random.uniform(0.5, 1.5, count)
    known = {
        "id_event": np.arange(count),
        "sample": pa.array(np.where(target == 1, "sig", "bkg")).dictionary_encode(),
        "part": pa.array(["0"] * count).dictionary_encode(),
        "entry": np.arange(count),
        "target": pa.array(target, pa.int8()),
    }
    features = pa.table({**known, "weight": random_weight, "mass": mass})
    parts = [tmp_path / "bkg-features.parquet", tmp_path / "sig-features.parquet"]
    for number, path in enumerate(parts):
        tables.write([features.slice(number * count // 2, count // 2)], features.schema, path)
    paths = []
    for name, noises in (("knows", (0.1, 0.3)), ("free", (0.0,))):
        known_of = other / 3 + (2 * closeness if name == "knows" else 0)
        scores = [1 / (1 + np.exp(-known_of - noise * random.normal(size=count))) for noise in noises]
        columns = {f"score_{number}": one for number, one in enumerate(scores)} | {"score": np.mean(scores, axis=0)}
        table = pa.table({**known, "fold": pa.array([0] * count, pa.int8()), "weight": random_weight, **columns})
        paths.append(tmp_path / f"{name}.parquet")
        tables.write([table], table.schema, paths[-1])
    return paths, parts, (target, mass, random_weight)


def test_separation_against_sculpting(predicted):
    paths, features, (target, mass, weight) = predicted
    models = [{"name": name, "label": name, "number": number} for number, name in enumerate(("knows", "free"))]
    known = {
        **ABOVE,
        "models": models,
        "signal": "signal",
        "background": "background",
        "profiled": [{"name": "mass", "axis": {"range": [0, 200], "bins": 20}}],
        "efficiencies": [0.8, 0.5],
        "seed": 1,
        "independent": ["free"],
    }
    settings = trade_off.Shown.model_validate(known)
    assert trade_off.applies(settings)
    assert not trade_off.applies(settings.model_copy(update={"independent": []}))
    rows = [read(path, "test", "m") for path in paths]
    measured = {"auc": 0.8, "auc_low": 0.79, "auc_high": 0.81}
    metrics = {"models": {model["name"]: {"test": measured} for model in models}}
    figure, numbers = trade_off.draw(settings, rows, features, metrics)
    assert len(numbers) == 6
    assert figure.axes[0].get_ylabel().endswith("50 % of the signal kept")
    tight = numbers[numbers["efficiency"] == 0.5]
    for line, replica in ((0, 0), (1, 1)):
        score = rows[0].replicas[replica]
        one = tight[tight["model"] == "knows"].iloc[line]
        assert one["auc"] == pytest.approx(roc_auc_score(target, score, sample_weight=weight))
        signal, of_signal = score[target == 1], weight[target == 1]
        order = np.argsort(-signal)
        cut = signal[order][np.searchsorted(np.cumsum(of_signal[order]), of_signal.sum() / 2)]
        own = target == 0
        after, before = (
            np.histogram(mass[own & chosen], 20, (0, 200), weights=weight[own & chosen])[0] + 0.0
            for chosen in (score >= cut, np.ones(len(score), bool))
        )
        p, q = after / after.sum(), before / before.sum()
        middle = (p + q) / 2
        expected = sum(np.sum(part[part > 0] * np.log2(part[part > 0] / middle[part > 0])) for part in (p, q)) / 2
        assert one["divergence"] == pytest.approx(expected, rel=0.01)
    means = tight.groupby("model")[["auc", "divergence", "divergence_error", "divergence_random"]].mean()
    assert means.loc["knows", "divergence"] > 5 * means.loc["free", "divergence"]
    assert means.loc["free", "divergence"] < 3 * means.loc["free", "divergence_random"]
    assert 0 < means.loc["knows", "divergence_error"] < 0.2 * means.loc["knows", "divergence"]
    again = trade_off.draw(settings, rows, features, metrics)[1]
    pd.testing.assert_frame_equal(again, numbers)
