"""Reweighting: the shapes that classes get, against sums by hand; the weights of a training, in memory and streamed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot import plan
from snakeroot.data import tables
from snakeroot.data.factors import Factors, Grid
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.reweight.__main__ import reweight
from snakeroot.reweight.fit import factors
from snakeroot.reweight.settings import ReweightSettings
from snakeroot.train.data import Table
from snakeroot.train.parallel import CPU, Share
from snakeroot.train.sources import Resident, Streamed
from snakeroot.train.target import Target
from tasks import edited, load, refused, settings
from trainings import scalars

CLASSES = ["background", "signal"]
EDGES = [0.0, 1.0, 2.0, 4.0, 8.0]
YIELDS = {"zz": 3.0, "vbf": 0.5}


def write(folder: Path, seed: int, *, negative: bool = False, rows: int = 2000) -> list[Path]:
    """Write two classes whose x have other shapes, some of it beyond the edges, and n, a whole number."""
    random = np.random.default_rng(seed)
    paths = []
    for target, (sample, scale) in enumerate((("zz", 1.5), ("vbf", 3.0))):
        weight = random.uniform(0.5, 1.5, rows) * np.where(negative & (random.random(rows) < 0.2), -1, 1)
        x = random.exponential(scale, rows).astype(np.float32) - np.float32(0.1)
        x[:5] = np.nan
        made = table_of(sample, target, weight, id_event=np.arange(rows), x=x, n=random.poisson(scale, rows))
        paths.append(folder / f"{seed}-{sample}.parquet")
        tables.write([made], made.schema, paths[-1])
    write_json({"samples": {name: {"factor": f} for name, f in YIELDS.items()}}, folder / "n.json")
    return paths


def made(folder: Path, paths: list[Path], **wanted: object) -> Path:
    """Return the table of factors of a reweighting."""
    known = {"variables": {"x": EDGES}} | wanted
    settings = ReweightSettings.model_validate({"classes": CLASSES, "reweighting": known})
    reweight(settings, paths, folder / "n.json", folder / "factors.json")
    return folder / "factors.json"


def contents(paths: list[Path], *columns: str, factors: Factors | None = None) -> list[np.ndarray]:
    """Fill numpy's histograms of each class, what is beyond the edges being in the first and last bin."""
    filled = []
    for target, (path, factor) in enumerate(zip(paths, YIELDS.values(), strict=True)):
        table = tables.read(path)
        values = [table[name].to_numpy() for name in columns]
        weight = table["weight"].to_numpy() * factor
        if factors:
            weight = weight * factors.of(np.full(len(weight), target), values)
        known = ~np.isnan(values[0])
        ends = [np.clip(one[known], edges[0], edges[-1] - 1e-3) for one, edges in zip(values, BINS, strict=False)]
        filled.append(np.histogramdd(ends, BINS[: len(columns)], weights=weight[known])[0])
    return filled


BINS = (EDGES, [0.0, 2.0, 12.0])


def test_all_classes_become_flat_and_keep_their_sums(tmp_path):
    paths = write(tmp_path, 1)
    found = Factors.read(made(tmp_path, paths, limits=[0.01, 100]), CLASSES)
    for before, after in zip(contents(paths, "x"), contents(paths, "x", factors=found), strict=True):
        np.testing.assert_allclose(after, before.sum() / 4, rtol=1e-12)
        assert np.ptp(before) > 0.3 * before.mean()


@pytest.mark.parametrize("columns", [["x"], ["x", "n"]])
def test_a_class_gets_the_shape_of_another_one(tmp_path, columns):
    paths = write(tmp_path, 1)
    wanted = {"variables": dict(zip(columns, BINS, strict=False)), "to": "signal", "limits": [1e-3, 1e3]}
    path = made(tmp_path, paths, **wanted)
    found = Factors.read(path, CLASSES)
    (before, signal), (after, same) = contents(paths, *columns), contents(paths, *columns, factors=found)
    np.testing.assert_allclose(after / before.sum(), signal / signal.sum(), rtol=1e-12)
    np.testing.assert_array_equal(same, signal)
    known = read_json(path)["classes"]["background"]
    np.testing.assert_allclose(known["weights"], before)
    assert known["undefined"] == 5
    x = tables.read(paths[0])["x"].to_numpy()
    if columns == ["x"]:
        assert known["outside"] == np.sum(x < 0) + np.sum(x > 8) > 0
    table = tables.read(paths[0])
    weight = 3.0 * table["weight"].to_numpy()
    after = weight * found.of(np.zeros(2000, np.int64), [table[name].to_numpy() for name in columns])
    expected = {"before": weight.sum() ** 2 / np.sum(weight**2), "after": after.sum() ** 2 / np.sum(after**2)}
    assert known["effective"] == pytest.approx(expected)
    assert expected["after"] < 0.9 * expected["before"]


def test_only_some_classes(tmp_path):
    paths = write(tmp_path, 1)
    found = Factors.read(made(tmp_path, paths, classes=["background"]), CLASSES)
    assert (found.of_class[1] == 1).all()
    assert (found.of_class[0] != 1).all()


@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.just(0.0) | st.floats(1e-6, 100)), min_size=2, max_size=12),
    st.floats(0.01, 1),
    st.floats(1, 100),
)
def test_limits_hold_and_the_sum_stays(cells, low, high):
    own, shape = map(np.array, zip(*cells, strict=True))
    found = factors(own, np.ones(len(own), np.bool_), shape, (low, high))
    assert (found >= low).all()
    assert (found <= high).all()
    room = np.sum(own * np.where(shape > 0, high, low)) if shape.any() else np.inf
    if room > own.sum() * 1.001:
        assert np.sum(found * own) == pytest.approx(own.sum(), rel=1e-9)
    free = (found > low * 1.001) & (found < high * 0.999)  # what is not limited has the wanted shape
    if free.sum() > 1 and shape.any():
        ratios = found[free] * own[free] / shape[free]
        assert np.ptp(ratios) <= 1e-6 * ratios.mean()


def test_what_has_no_events_or_cancels_keeps_its_weight_and_is_counted(tmp_path):
    paths = write(tmp_path, 1, negative=True)
    table = tables.read(paths[0])
    beyond = (table["x"].to_numpy() >= 4) & (np.arange(2000) > 0)
    weight = np.where(beyond, -np.abs(table["weight"].to_numpy()), table["weight"].to_numpy())
    table = table.set_column(table.schema.get_field_index("weight"), "weight", [weight])
    tables.write([table], table.schema, paths[0])
    path = made(tmp_path, paths, variables={"x": [*EDGES, 1e6]})
    known = read_json(path)["classes"]
    assert known["background"]["unusable"] == 2
    assert known["background"]["factors"][-2:] == [1, 1]
    after = np.multiply(known["background"]["factors"], known["background"]["weights"])[:3]
    np.testing.assert_allclose(after, after.mean())
    assert known["signal"]["unusable"] == 0


def test_a_class_that_cancels_and_a_text_are_refused(tmp_path):
    paths = write(tmp_path, 1)
    table = tables.read(paths[1])
    with_text = table.append_column("name", [["a"] * table.num_rows])
    tables.write([with_text], with_text.schema, paths[1])
    with pytest.raises(SnakerootError, match=r"'name' is string, and reweighting takes numbers"):
        made(tmp_path, paths[1:], variables={"name": [0, 1]})
    no = table.set_column(table.schema.get_field_index("weight"), "weight", [-np.ones(table.num_rows)])
    tables.write([no], no.schema, paths[1])
    with pytest.raises(SnakerootError, match=r"the signal events of the train split, 1995 in all, have weights that"):
        made(tmp_path, paths)


def test_a_number_that_was_rounded_to_an_edge_is_in_the_bin_above_it():
    grid = Grid({"x": [0.0, 0.1, 0.2]})
    values = np.array([-1, np.nextafter(np.float32(0.1), np.float32(0)), 0.1, 0.3, np.nan], np.float32)
    assert grid.places([values]).tolist() == [0, 0, 1, 1, -1]


def data_of(folder: Path, paths: list[Path], factors: Factors | None, target: Target) -> Table:
    return Table("train", paths, folder / "n.json", scalars("x"), target, lambda raw: raw, reweighting=factors)


@pytest.mark.parametrize("balance", [True, False])
def test_the_weights_of_a_training(tmp_path, balance):
    """Those of each row are multiplied, and the classes' sums stay what they are, in either split."""
    paths, validation = write(tmp_path, 1), write(tmp_path, 2)
    found = Factors.read(made(tmp_path, paths), CLASSES)
    for split in (paths, validation):
        target = Target(CLASSES, balance)
        plain, changed = (
            [data_of(tmp_path, split, one, target).read(number) for number in range(2)] for one in (None, found)
        )
        for number, (before, after) in enumerate(zip(plain, changed, strict=True)):
            ratio = (after.weight / before.weight).double().numpy()
            x = tables.read(split[number])["x"].to_numpy()
            expected = found.of(np.full(len(x), number), [x])
            np.testing.assert_allclose(ratio / ratio.mean(), expected / expected.mean(), rtol=1e-5)
            assert after.weight.double().sum().item() == pytest.approx(before.weight.double().sum().item(), rel=1e-6)
            assert torch.equal(before.target, after.target)


def test_priors_are_the_sums_of_the_classes(tmp_path):
    paths = write(tmp_path, 1)
    found = Factors.read(made(tmp_path, paths), CLASSES)
    for one in (None, found):
        table = data_of(tmp_path, paths, one, Target(CLASSES, True, [3.0, 1.0]))
        sums = [table.read(number).weight.double().sum().item() for number in range(2)]
        assert sums == pytest.approx([3000, 1000], rel=1e-6)


@pytest.mark.parametrize("share", [Share(), Share(1, 2)])
def test_in_memory_and_streamed_they_are_the_same(tmp_path, monkeypatch, share):
    monkeypatch.setattr(tables, "ROW_GROUP", 300)
    paths = write(tmp_path, 1)
    found = Factors.read(made(tmp_path, paths, variables={"x": EDGES, "n": [0, 2, 9]}), CLASSES)
    known = (tmp_path / "n.json", scalars("x"), Target(CLASSES), lambda raw: raw)
    table = Table("train", paths, *known, reweighting=found, protected="n")
    held, streamed = (source.load(table, 700, share, CPU) for source in (Resident, Streamed))
    for one, other in zip(held.shuffled(3, 64), streamed.shuffled(3, 64), strict=True):
        assert all(torch.equal(*map(torch.nan_to_num, columns)) for columns in zip(one.data, other.data, strict=True))
        assert one.data.protected.shape == (len(one.data.target), 1)
    for part, again in zip(held.in_order(), streamed.in_order(), strict=True):
        assert all(torch.equal(*map(torch.nan_to_num, columns)) for columns in zip(part, again, strict=True))


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"limits": [2, 10]}, "the least factor is from 0 to 1"),
        ({"limits": [0.1, float("inf")]}, "limits"),
        ({"variables": {"x": [0, 0, 1]}}, "edges of bins are finite and ascend"),
        ({"variables": {"x": {"range": [2, 1], "bins": 3}}}, "the lower end has to be below"),
        ({"variables": {name: {"range": [0, 1], "bins": 300} for name in "xy"}}, "90,000 combinations of bins"),
        ({"to": "signal", "classes": ["signal"]}, "'signal' has the shape that the others get"),
    ],
)
def test_what_cannot_be_is_refused(wanted, says):
    with pytest.raises(ValidationError, match=says):
        ReweightSettings.model_validate({"classes": CLASSES, "reweighting": {"variables": {"x": EDGES}} | wanted})


FLAT = {"variables": {"ht": [0, 1, 2]}}
NAMED = edited("reweighting", {"flat": FLAT})


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        ("reweighting", {"flat": {"variables": {"z": [0, 1]}}}, "reweighting.flat.variables.z: no such feature"),
        ("reweighting", {"flat": FLAT | {"to": "sig"}}, "reweighting.flat.to: neither flat nor a class: did you"),
        ("reweighting", {"flat": FLAT | {"classes": ["sig"]}}, "reweighting.flat.classes.0: no such class: did you"),
        ("models.mlp.reweighting", "flt", "models.mlp.reweighting: no reweighting 'flt': did you mean 'flat'"),
        ("models.mlp.training.priors", {"signal": 1}, "training.priors: it names all classes, and not yet background"),
        ("models.mlp.training.priors", {"signal": 1, "background": 1, "w": 1}, "training.priors.w: no such class"),
        (
            "models.mlp.training",
            {"priors": {"signal": 1, "background": 1}, "class_balance": True},
            "training.priors: in place of class_balance",
        ),
        (
            "models.mlp.training.decorrelate",
            {"variable": "z", "strength": 1},
            "training.decorrelate.variable: no such feature",
        ),
        (
            "models.mlp",
            {"architecture": "gbdt", "training": {"decorrelate": {"variable": "ht", "strength": 1}}},
            "training.decorrelate: 'gbdt' is not trained by gradients",
        ),
    ],
)
def test_what_does_not_go_with_the_task_is_refused(keys, value, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(says, edited(keys, value, NAMED))


def test_a_task_without_classes_has_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = edited("kind", "unsupervised", NAMED)
    for sample in ("vbf", "zz"):
        task = edited(f"samples.{sample}.class", None, task)
    task = edited("models", {"pca": {"architecture": "pca"}}, task)
    refused("reweighting.flat: it gives classes one shape, and a task of kind 'unsupervised' has none", task)


def test_the_jobs_of_a_model_that_names_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/zz.root").touch()
    project = load(edited("models.mlp.reweighting", "flat", NAMED))
    assert plan.reweight.of_model(project, "task0", "mlp", "0") == ["results/task0/reweighting/flat/fold0.json"]
    assert settings(plan.train.train(project, "task0", "mlp", "0", "0"))["reweighting"] == "flat"
    known = settings(plan.reweight.reweight(project, "task0", "flat"))
    assert known["classes"] == CLASSES
    assert known["reweighting"]["variables"] == {"ht": [0, 1, 2]}
    assert plan.reweight.of_model(load(NAMED), "task0", "mlp", "0") == []
