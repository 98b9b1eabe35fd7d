"""Occlusion: what is taken away of sequences and images, against a prediction that is a sum over their parts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from snakeroot.evaluate.supervised import occlusion as figure
from snakeroot.importance.occlude import occlusions
from snakeroot.importance.rows import Rows
from snakeroot.networks.inputs import Input

LENGTH, COUNT = 5, 60
SEQUENCE = Input(name="jets", kind="sequence", channels=["x", "y"], positions=[LENGTH])
IMAGE = Input(name="cells", kind="image", channels=["e"], positions=[12, 25])


class Summed(Rows):
    """Rows whose prediction is the sum of x over objects, and of e over pixels, each with a factor of its place."""

    def predicted(self, blocks):
        objects = blocks["jets"][:, 0] * blocks["jets"][:, -1]
        assert (np.diff(blocks["jets"][:, -1], axis=1) <= 0).all(), "no gap is left in a sequence"
        assert not blocks["jets"][:, :, -1][blocks["jets"][:, -1, -1] == 0].any()
        value = objects.sum(axis=1) + (blocks["cells"][:, 0] * FACTORS).sum(axis=(1, 2))
        return np.stack([value, 2 * value], axis=1)[:, : 1 + (len(self.models[0].description.classes) > 2)]


FACTORS = np.arange(12 * 25).reshape(12, 25) / 300


def rows(classes=("background", "signal")):
    random = np.random.default_rng(1)
    many = random.integers(1, LENGTH + 1, COUNT)
    mask = np.arange(LENGTH) < many[:, np.newaxis]
    objects = random.normal(size=(COUNT, 2, LENGTH)) * mask[:, np.newaxis]
    cells = random.exponential(size=(COUNT, 1, 12, 25)) * (random.random((COUNT, 1, 12, 25)) < 0.02)
    about = SimpleNamespace(inputs=[SEQUENCE, IMAGE, Input(name="pt")], classes=list(classes), kind="binary")
    return Summed(
        models=[SimpleNamespace(description=about)],
        ends=[COUNT],
        blocks={
            "jets": np.concatenate([objects, mask[:, np.newaxis]], axis=1),
            "cells": cells,
            "pt": np.ones((COUNT, 1)),
        },
        target=np.arange(COUNT) % 2,
        weight=random.uniform(0.5, 1.5, COUNT),
        event=np.arange(COUNT),
    )


def test_what_is_taken_away_is_missing_in_the_sum():
    known = rows()
    found = occlusions(known, 1000, seed=1)
    assert list(found) == ["jets", "cells"]
    jets, cells = found["jets"], found["cells"]
    assert (jets["parts"], cells["parts"], jets["rows"]) == ([LENGTH], [6, 9], COUNT)
    x, mask = known.blocks["jets"][:, 0], known.blocks["jets"][:, -1] > 0
    image = known.blocks["cells"][:, 0]
    for target, name in enumerate(("background", "signal")):
        own = known.target == target
        for place in range(LENGTH):
            there = own & mask[:, place]
            weight = known.weight[there]
            mean = np.average(x[there, place], weights=weight)
            assert jets["classes"][name]["mean"][place] == pytest.approx(mean)
            error = np.sqrt((weight**2 * (x[there, place] - mean) ** 2).sum()) / weight.sum()
            assert jets["classes"][name]["error"][place] == pytest.approx(error)
        patch = (slice(2, 4), slice(24, 25))  # row 1 and the last column, of patches of 2 × 3 pixels
        there = own & (image[:, *patch] != 0).any(axis=(1, 2))
        falls = (image * FACTORS)[:, *patch].sum(axis=(1, 2))[there]
        expected = np.average(falls, weights=known.weight[there]) if there.any() else np.nan
        assert cells["classes"][name]["mean"][1 * 9 + 8] == pytest.approx(expected, nan_ok=True)


def test_of_several_classes_the_score_of_the_own_one_falls():
    known = rows(("a", "b", "c"))
    found = occlusions(known, 1000, seed=1)["jets"]["classes"]
    assert list(found) == ["a", "b", "c"]
    assert np.isnan(found["c"]["mean"]).all(), "no row is of it"
    alone = known.target == 1
    mask, x = known.blocks["jets"][:, -1, 0] > 0, known.blocks["jets"][:, 0, 0]
    mean = np.average(x[alone & mask], weights=known.weight[alone & mask])
    assert found["b"]["mean"][0] == pytest.approx(2 * mean)


def test_few_rows_are_enough_and_a_regression_has_no_classes():
    found = occlusions(rows(()), 20, seed=1)["jets"]
    assert found["rows"] == 20
    assert list(found["classes"]) == ["all"]
    assert occlusions(rows(()), 20, seed=1)["jets"] == found


@pytest.mark.parametrize("classes", [("background", "signal"), ()])
def test_a_sequence_has_a_panel_and_an_image_one_of_each_class(classes):
    settings = figure.Shown.model_validate(
        {
            "luminosity": None,
            "energy": None,
            "model": {"name": "net", "label": "net"},
            "inputs": [SEQUENCE, IMAGE],
            "classes": [{"name": name, "label": name} for name in classes],
            "unit": "GeV",
            "permuted": True,
        }
    )
    assert figure.applies(settings)
    assert not figure.applies(settings.model_copy(update={"inputs": [Input(name="pt")]}))
    found = occlusions(rows(classes), 1000, seed=1)
    drawn, numbers = figure.draw(settings, [{"occlusion": found}])
    labels = [axes.get_xlabel() for axes in drawn.axes if axes.get_xlabel()]
    named = list(classes) or ["all"]
    expected = [f"cells of {name}: column of patches" for name in classes or ("events",)]
    assert labels == ["Object of jets that is taken away", *expected]
    for name in named:
        own = numbers[(numbers["class"] == name) & (numbers["input"] == "jets")]
        np.testing.assert_allclose(own["mean"], found["jets"]["classes"][name]["mean"])
    assert len(numbers) == len(named) * (LENGTH + 54)
