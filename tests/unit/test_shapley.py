"""Shapley values of trees against their definition, and the figure of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import shapley
from snakeroot.evaluate.supervised import _trees, shap
from snakeroot.networks import network, weights
from snakeroot.networks.inputs import Input
from snakeroot.networks.layers.boosted_trees import BoostedTrees

NAMES = ["a", "b", "c", "d"]


def random_tree(random, depth, missing):
    """A tree whose nodes ask for features again and again, with leaves at any depth."""
    nodes = []

    def grow(level):
        own = len(nodes)
        nodes.append(None)
        if level == 0 or (level < depth and random.random() < 0.15):
            nodes[own] = (0, 0.0, own, own, random.normal(), False)
            return own
        left, right = grow(level - 1), grow(level - 1)
        nodes[own] = (random.integers(len(NAMES)), random.normal(), left, right, 0.0, random.random() < 0.5)
        return own

    grow(depth)
    names = ["feature", "threshold", "left", "right", "value", "missing_left"]
    columns = dict(zip(names, map(np.array, zip(*nodes, strict=True)), strict=True))
    return columns if missing else {name: columns[name] for name in names[:-1]}


def boosted(outputs, steps, missing=False, seed=1):
    random = np.random.default_rng(seed)
    trees = [[random_tree(random, 5, missing) for _ in range(outputs)] for _ in range(steps)]
    tensors = [[{n: torch.from_numpy(v) for n, v in tree.items()} for tree in step] for step in trees]
    layers = BoostedTrees(outputs, missing=missing)
    layers.fill(torch.from_numpy(random.normal(size=outputs)), tensors, 5)
    inputs = [Input(name=name, missing=missing) for name in NAMES]
    made = network.Network(layers, inputs).double()
    made.mean.copy_(torch.arange(4) / 10)
    made.standard_deviation.fill_(1.3)
    made.target_mean.fill_(7.0)
    made.target_standard_deviation.fill_(2.5)
    return made.eval()


def rows(count, seed, missing):
    random = np.random.default_rng(seed)
    values = random.normal(0, 1.5, (count, len(NAMES))).astype(np.float32)
    if missing:
        values[random.random(values.shape) < 0.25] = np.nan
    return values


def definition(model, row, background):
    """The mean over all orders in which features become known, of what each adds: by all sets of features."""

    def known(names):
        mixed = background.copy()
        mixed[:, list(names)] = row[list(names)]
        with torch.no_grad():
            return model(torch.from_numpy(mixed)).numpy().mean(axis=0)

    count = len(row)
    found = np.zeros((count, len(known(()))))
    for feature in range(count):
        others = [other for other in range(count) if other != feature]
        for size in range(count):
            share = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for some in itertools.combinations(others, size):
                found[feature] += share * (known((*some, feature)) - known(some))
    return found


@pytest.mark.parametrize("missing", [False, True])
def test_values_are_those_of_the_definition(missing):
    model = boosted(outputs=2, steps=6, missing=missing)
    explained, background = rows(7, 2, missing), rows(12, 3, missing)
    found = _trees.values(model, explained, background)
    for row, own in zip(explained, found, strict=True):
        np.testing.assert_allclose(own, definition(model, row, background), atol=1e-12)


@pytest.mark.parametrize("missing", [False, True])
def test_values_of_a_row_add_up_to_its_output_less_the_mean_of_the_background(missing):
    model = boosted(outputs=3, steps=40, missing=missing, seed=5)
    explained, background = rows(200, 6, missing), rows(90, 7, missing)
    found = _trees.values(model, explained, background).sum(axis=1)
    with torch.no_grad():
        outputs, mean = (model(torch.from_numpy(one)).numpy() for one in (explained, background))
    np.testing.assert_allclose(found, outputs - mean.mean(axis=0), atol=1e-11)
    assert np.abs(found).max() > 1


def test_a_tree_of_one_leaf_and_a_feature_that_is_not_asked_for_move_nothing():
    leaf = {"feature": [0], "threshold": [0.0], "left": [0], "right": [0], "value": [3.0]}
    leaf = {name: np.array(values) for name, values in leaf.items()}
    assert not shapley.values(leaf, np.ones((3, 2)), np.zeros((4, 2))).any()
    stump = {
        "feature": np.array([1, 0, 0]),
        "threshold": np.array([0.5, 0, 0]),
        "left": np.array([1, 1, 2]),
        "right": np.array([2, 1, 2]),
        "value": np.array([0.0, -1.0, 3.0]),
    }
    found = shapley.values(stump, np.array([[9.0, 1.0], [9.0, 0.5]]), np.array([[0.0, 0.0]]))
    np.testing.assert_allclose(found, [[0, 4], [0, 0]])


def project(folder, outputs):
    """Files of a network of trees, and of the test split: rows of two classes, or of one sample."""
    made = boosted(outputs, 8)
    digest = weights.save(made.state_dict(), folder / "model.safetensors")
    known = {"architecture": "gbdt", "settings": {}, "inputs": [{"name": name} for name in NAMES], "outputs": outputs}
    write_json({**known, "weights": digest}, folder / "model.json")
    files = []
    for target, count in enumerate((300, 40)):
        values = rows(count, target, missing=False)
        table = table_of(f"s{target}", target, None, **dict(zip(NAMES, values.T.copy(), strict=True)))
        files.append(folder / f"{target}.parquet")
        tables.write([table], table.schema, files[-1])
    return [folder / "model.safetensors", folder / "model.json"], files


def settings(*classes, **changes):
    known = {
        "luminosity": None,
        "energy": None,
        "model": {"name": "trees", "label": "trees"},
        "architecture": "gbdt",
        "classes": [{"name": name, "label": name} for name in classes],
        "unit": "GeV",
        "seed": 3,
    }
    return shap.Shown.model_validate(known | changes)


def test_each_row_is_a_point_of_one_output(tmp_path):
    model, files = project(tmp_path, 1)
    figure, numbers = shap.draw(settings("background", "signal"), model, files)
    count = len(numbers) // len(NAMES)
    assert count == 340, "all rows of the rare class, and as many of the other as there is room for"
    order = numbers["feature"].drop_duplicates().tolist()
    sizes = numbers.groupby("feature")["shapley"].apply(lambda values: values.abs().mean())
    assert sizes[order].is_monotonic_decreasing
    assert (numbers.groupby("feature")["mean_size"].first() - sizes).abs().max() < 1e-12
    assert figure.axes[0].get_xlabel() == "Shapley value, trees [logit]"
    regression, _ = shap.draw(settings(), model, files)
    assert regression.axes[0].get_xlabel() == "Shapley value, trees [GeV]"
    _, again = shap.draw(settings("background", "signal"), model, files)
    assert again.equals(numbers)


def test_of_several_outputs_the_mean_sizes_are_drawn(tmp_path):
    model, files = project(tmp_path, 3)
    figure, numbers = shap.draw(settings("x", "y", "z"), model, files)
    assert len(numbers) == 3 * len(NAMES)
    bars = {round(bar.get_width(), 9) for bar in figure.axes[0].patches}
    assert {round(size, 9) for size in numbers["mean_size"]} <= bars
    assert (numbers["mean_size_error"] > 0).all()


def test_rows_that_are_not_there_and_models_without_trees(tmp_path):
    model, files = project(tmp_path, 1)
    empty = tables.read(files[0]).slice(0, 0)
    tables.write([empty], empty.schema, tmp_path / "empty.parquet")
    with pytest.raises(SnakerootError, match="no row in the test split"):
        shap.draw(settings(), model, [tmp_path / "empty.parquet"])
    assert not shap.applies(settings(architecture="mlp"))
