"""Importance: how much worse an exported model gets when an input is permuted, and the figure of it."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest
from exports import exported
from helpers import branches, table_of, write_ntuple
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from snakeroot.apply.model import load_all
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.choice import choose
from snakeroot.evaluate.supervised import importances as figure
from snakeroot.importance.__main__ import importance
from snakeroot.importance.kinds import KINDS
from snakeroot.importance.permute import importances
from snakeroot.importance.rows import read
from snakeroot.importance.settings import ImportanceSettings
from snakeroot.jobs.command import main

COUNT = 1500
FEATURES = {"x": "x", "double": "2 * x + w", "w": "w"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Models of two folds, and for each fold two files of rows whose targets follow from its model, with some noise."""
    folder = tmp_path_factory.mktemp("importance")
    models, _ = exported(
        folder, write_ntuple(folder / "a.root", branches(300)), folds=2, replicas=2, chunk=10_000, features=FEATURES
    )
    random = np.random.default_rng(1)
    files = []
    for fold, model in enumerate(load_all(models)):
        x, w = random.normal(size=(2, COUNT)).astype(np.float32)
        columns = {"x": x, "double": random.normal(size=COUNT).astype(np.float32), "w": w}
        columns["id_event"] = np.arange(COUNT) + fold * COUNT
        score = model.score(pa.table(columns))["score"]
        target = score + 0.5 * score.std() * random.normal(size=COUNT) > np.median(score)
        for name, number in (("bkg", 0), ("sig", 1)):
            own = {key: values[target == number] for key, values in columns.items()}
            weight = random.uniform(0.5, 1.5, (target == number).sum())
            files.append(folder / f"{fold}-{name}.parquet")
            table = table_of(name, number, weight, **own)
            tables.write([table], table.schema, files[-1])
    normalisation = folder / "normalisation.json"
    write_json({"samples": {"sig": {"factor": 0.01}, "bkg": {"factor": 3.0}}}, normalisation)
    return models, files, normalisation


def rows(project, most=10_000, seed=1):
    models, files, normalisation = project
    return read(load_all(models), files, normalisation, ["event"], most, seed)


def test_falls_are_those_of_an_independent_implementation(project):
    """scikit-learn's, whose rows go through the model of their fold and whose permutations are its own."""
    known = rows(project)

    class Model:
        classes_ = (0, 1)

        def fit(self):
            """scikit-learn asks for it, and does not call it."""

        def predict_proba(self, features):
            blocks = {name: features[:, [place]].astype(np.float32) for place, name in enumerate(known.blocks)}
            return known.predicted(blocks)

    def auc(model, features, target, sample_weight=None):
        return roc_auc_score(target, model.predict_proba(features)[:, 0], sample_weight=sample_weight)

    found = importances(known, KINDS.load("binary"), 20, seed=5)
    features = np.concatenate(list(known.blocks.values()), axis=1)
    assert found["metrics"]["auc"] == pytest.approx(auc(Model(), features, known.target, known.weight))
    theirs = permutation_importance(
        Model(), features, known.target, scoring=auc, n_repeats=20, random_state=2, sample_weight=known.weight
    )
    for place, name in enumerate(known.blocks):
        own = found["inputs"][name]["auc"]
        error = math.hypot(own["std"], theirs["importances_std"][place]) / math.sqrt(20)
        assert own["mean"] == pytest.approx(theirs["importances_mean"][place], abs=4 * error)
        assert own["std"] == pytest.approx(theirs["importances_std"][place], rel=0.7)
        assert len(own["falls"]) == 20
    assert max(one["auc"]["mean"] for one in found["inputs"].values()) > 0.1


def test_uncertainty_of_a_fall_is_its_spread_over_samples(project):
    """Of disjoint halves of the rows, whose error is √2 times that of all."""
    falls, errors = [], []
    for seed in range(12):
        known = rows(project, most=400, seed=seed)
        one = importances(known, KINDS.load("binary"), 3, seed=seed)["inputs"]["x"]["auc"]
        falls.append(one["mean"])
        errors.append(one["error"])
    assert np.std(falls, ddof=1) == pytest.approx(np.mean(errors), rel=0.6)


def test_rows_are_predicted_by_the_model_of_their_fold(project):
    known = rows(project)
    assert known.ends == [COUNT, 2 * COUNT]
    one, other = known.models
    columns = {name: block[:, 0] for name, block in known.blocks.items()}
    first = one.score(pa.table({name: values[:COUNT] for name, values in columns.items()}))["score"]
    second = other.score(pa.table({name: values[COUNT:] for name, values in columns.items()}))["score"]
    np.testing.assert_array_equal(known.predicted(known.blocks)[:, 0], np.concatenate([first, second]))
    assert np.mean(first - one.score(pa.table({n: v[COUNT:] for n, v in columns.items()}))["score"]) != 0
    some = rows(project, most=500)
    places = {value: place for place, value in enumerate(known.blocks["x"][:, 0])}
    found = [places[value] for value in some.blocks["x"][:, 0]]
    assert found == sorted(found)
    np.testing.assert_array_equal(some.target, known.target[found])
    np.testing.assert_array_equal(some.weight, known.weight[found])


def test_a_rare_class_is_there():
    targets = np.array([0] * 5000 + [1] * 30 + [2] * 900, np.int8)
    chosen = choose(targets, 1000, 3, classes=True)
    assert np.bincount(targets[chosen]).tolist() == [485, 30, 485]
    assert len(np.unique(chosen)) == 1000
    assert (np.diff(chosen) > 0).all()
    assert len(choose(targets, 10**6, 3, classes=True)) == len(targets)
    numbers = np.arange(50.0)
    assert len(choose(numbers, 20, 3, classes=False)) == 20


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_other_kinds_fall_too(kind):
    """An input that all depends on, and one that nothing does."""
    random = np.random.default_rng(9)
    x = random.normal(size=900)
    if kind == "multiclass":
        target = np.digitize(x, [-0.5, 0.5])
        raw = np.exp(-4 * (x[:, np.newaxis] - [-1, 0, 1]) ** 2)
        predicted = raw / raw.sum(axis=1, keepdims=True)
    else:
        target, predicted = x, x[:, np.newaxis] + 0.1 * random.normal(size=(900, 1))
    module = KINDS.load(kind)
    weight = np.ones(900)
    whole = module.measure(target, predicted)(weight)
    permuted = module.measure(target, predicted[random.permutation(900)])(weight)
    assert list(whole) == list(module.METRICS)
    for name, sign in module.METRICS.items():
        assert sign * (whole[name] - permuted[name]) > 0.3
    cancelled = module.measure(target, predicted)(np.where(np.arange(900) % 2, 1.0, -1.0))
    assert np.isnan(list(cancelled.values())).all()


def test_the_stage_and_its_figure(project, tmp_path):
    models, files, normalisation = project
    settings = ImportanceSettings(kind="binary", group=["event"], rows=400, repeats=3, occluded=50, seed=2)
    written = []
    for name in ("one", "two"):
        arguments = ["--spec", json.dumps({"settings": settings.model_dump()}), "--models", *map(str, models)]
        arguments += ["--rows", *map(str, files), "--normalisation", str(normalisation)]
        main(importance, [*arguments, "--importances-file", str(tmp_path / name)])
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    known = read_json(tmp_path / "one")
    assert (known["rows"], known["repeats"], known["decides"]) == (400, 3, "auc")
    shown = figure.Shown.model_validate(
        {
            "luminosity": None,
            "energy": None,
            "models": [{"name": name, "label": name, "number": number} for number, name in enumerate("ab")],
            "permuted": True,
        }
    )
    undefined = json.loads(json.dumps(known))
    undefined["inputs"]["x"]["auc"] |= {"mean": None, "error": None}
    undefined["metrics"]["auc"] = None
    drawn, numbers = figure.draw(shown, [known, undefined])
    largest = max(known["inputs"], key=lambda name: known["inputs"][name]["auc"]["mean"])
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert labels[0] == largest
    assert set(labels) == set(FEATURES)
    assert numbers.set_index(["model", "input"])["mean"]["a", "x"] == known["inputs"]["x"]["auc"]["mean"]
    assert not figure.applies(shown.model_copy(update={"permuted": False}))


def test_an_empty_test_split_is_named(project, tmp_path):
    models, files, normalisation = project
    empty = tables.read(files[0]).slice(0, 0)
    tables.write([empty], empty.schema, tmp_path / "empty.parquet")
    with pytest.raises(SnakerootError, match="no row in the test split"):
        read(load_all(models), [tmp_path / "empty.parquet"] * 2, normalisation, ["event"], 100, 1)
