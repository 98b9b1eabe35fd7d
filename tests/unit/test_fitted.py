"""Boosted trees, principal components, k-means and mixtures: as tensors what scikit-learn's own objects say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import splits
import torch
from safetensors.torch import load_file
from sklearn import ensemble, mixture
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import load
from snakeroot.networks.objectives import OBJECTIVES, Kind
from snakeroot.networks.tensors import Data
from snakeroot.train.__main__ import train
from snakeroot.train.fitted import Fit, Problem
from snakeroot.train.settings import Training, TrainSettings
from trainings import NOTHING, scalars, together

ROWS, WIDTH = 900, 3


def data(kind: Kind, seed: int, rows: int = ROWS) -> Data:
    """Three groups of points; targets that depend on them in a way that is not linear; weights of all sizes."""
    random = np.random.default_rng(seed)
    group = random.integers(0, 3, rows)
    features = random.normal(0, 1, (rows, WIDTH)) + 2.5 * np.eye(3)[group]
    target = {
        "binary": (features[:, 0] * features[:, 1] > 0.5).astype(float),
        "multiclass": group.astype(float),
        "regression": np.sin(features[:, 0]) + features[:, 1] ** 2,
        "unsupervised": np.zeros(rows),
    }[kind]
    weight = random.uniform(0.5, 1.5, rows)
    return together(*map(torch.from_numpy, (features, target, weight)))


def problem(kind: Kind, training: Training) -> Problem:
    return Problem(
        data(kind, 1), data(kind, 2), OBJECTIVES.load(kind).make(training, 3, 1.0), 7, scalars("x", "y", "z")
    )


def fitted(name: str, kind: Kind, settings: dict[str, object], **training: object) -> tuple[Fit, Problem]:
    module, known = ARCHITECTURES.load(name), Training.model_validate(training)
    given = problem(kind, known)
    return module.fit(module.Architecture(**settings), known, given), given


def arrays(rows: Data) -> list[np.ndarray]:
    return [column.numpy() for column in rows[:3]]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_boosted_trees_are_those_of_scikit_learn(kind: Kind) -> None:
    found, given = fitted("gbdt", kind, {"max_leaf_nodes": 9, "max_features": 0.7}, max_epochs=60, patience=10)
    known = {"max_iter": found.best, "max_leaf_nodes": 9, "max_features": 0.7, "random_state": 7}
    model = (
        ensemble.HistGradientBoostingRegressor if kind == "regression" else ensemble.HistGradientBoostingClassifier
    )(**known, early_stopping=False)
    x, y, w = arrays(given.train)
    model.fit(x, y, w)
    rows = given.validation.features
    with torch.no_grad():
        outputs = found.layers(rows)
    if kind == "regression":
        np.testing.assert_allclose(outputs[:, 0], model.predict(rows.numpy()), rtol=1e-9)
        found_loss = ((outputs[:, 0] - given.validation.target) ** 2 * given.validation.weight).mean().item()
    else:
        expected = model.predict_proba(rows.numpy())
        scores = OBJECTIVES.load(kind).predictions(outputs)
        np.testing.assert_allclose(scores, expected if kind == "multiclass" else expected[:, 1:], rtol=1e-9)
        found_loss = given.objective.measure(outputs, *given.validation[1:3])[0].item()
    assert len(found.history) <= 60
    assert found.history[found.best - 1][1][0] == min(row[1][0] for row in found.history)
    weight = given.validation.weight.mean().item() if kind == "regression" else 1.0
    assert found.history[found.best - 1][1][0] == pytest.approx(found_loss / weight, rel=1e-9)


def test_boosting_ends_when_validation_is_stale_and_keeps_the_best() -> None:
    found, _ = fitted("gbdt", "binary", {"learning_rate": 0.5}, max_epochs=300, patience=5)
    assert found.ended == "patience"
    assert found.best < len(found.history) < 300
    assert len(found.layers.value) == found.best
    found, _ = fitted("gbdt", "binary", {}, max_epochs=3, patience=5, monitor="auc")
    assert (found.ended, len(found.history)) == ("max_epochs", 3)
    with pytest.raises(SnakerootError, match=r"training.loss: a gbdt has squared_error and absolute_error, not huber"):
        fitted("gbdt", "regression", {}, loss="huber")


def test_principal_components() -> None:
    found, given = fitted("pca", "unsupervised", {"components": 2})
    x = given.train.features.numpy()
    reference = PCA(2, svd_solver="full").fit(x)
    outputs = found.layers(given.train.features).numpy()
    np.testing.assert_allclose(np.abs(outputs[:, 1:]), np.abs(reference.transform(x)), rtol=1e-7, atol=1e-9)
    kept = reference.inverse_transform(reference.transform(x))
    np.testing.assert_allclose(outputs[:, 0], ((x - kept) ** 2).mean(1), rtol=1e-6, atol=1e-12)
    with pytest.raises(SnakerootError, match="components: 3 of 3 inputs are all of them"):
        ARCHITECTURES.load("pca").build(ARCHITECTURES.load("pca").Architecture(components=3), scalars("x", "y", "z"), 0)


def test_k_means() -> None:
    found, given = fitted("kmeans", "unsupervised", {"clusters": 3})
    rows = given.validation.features.numpy()
    reference = KMeans(3, n_init=10, random_state=7).fit(given.train.features.numpy())
    outputs = found.layers(given.validation.features).numpy()
    assert (outputs[:, 1:].argmax(1) == reference.predict(rows)).all()
    assert (outputs[:, 1:].sum(1) == 1).all()
    np.testing.assert_allclose(outputs[:, 0], reference.transform(rows).min(1) ** 2, rtol=1e-9)
    assert found.history[0][1] == [pytest.approx(np.average(outputs[:, 0], weights=given.validation.weight))]


def test_a_mixture_of_gaussians() -> None:
    found, given = fitted("gaussian_mixture", "unsupervised", {"clusters": 3, "starts": 2})
    rows = given.validation.features.numpy()
    reference = mixture.GaussianMixture(3, n_init=2, max_iter=500, random_state=7).fit(given.train.features.numpy())
    outputs = found.layers(given.validation.features).numpy()
    np.testing.assert_allclose(outputs[:, 0], -reference.score_samples(rows), rtol=1e-9)
    np.testing.assert_allclose(outputs[:, 1:], reference.predict_proba(rows), rtol=1e-7, atol=1e-12)
    assert found.ended == "converged"


@pytest.mark.parametrize(
    ("name", "settings", "rows", "says"),
    [
        (
            "kmeans",
            {"clusters": 5},
            4,
            r"^clusters: 5 takes 5 rows or more, and the train split has 4: make it smaller",
        ),
        ("gaussian_mixture", {"clusters": 5}, 4, r"^clusters: 5 takes 5 rows or more, and the train split has 4"),
        ("pca", {"components": 2}, 2, r"^components: 2 takes 3 rows or more, and the train split has 2"),
        (
            "gbdt",
            {"min_samples_leaf": 7},
            13,
            r"^min_samples_leaf: 7 takes 14 rows or more, and the train split has 13",
        ),
        (
            "kmeans",
            {"clusters": 3},
            "two",
            r"^clusters: 3 take as many rows that differ, and of the 40 ",
        ),
        (
            "gaussian_mixture",
            {"clusters": 2, "regularisation": 0},
            "two",
            r"^regularisation: 0 is too little for clusters",
        ),
    ],
)
def test_too_few_rows_are_refused_before_scikit_learn_does(name, settings, rows, says) -> None:
    kind: Kind = "binary" if name == "gbdt" else "unsupervised"
    module, training = ARCHITECTURES.load(name), Training()
    given = problem(kind, training)
    train = given.train.part(slice(rows)) if isinstance(rows, int) else given.train.select(torch.arange(40) % 2)
    with pytest.raises(SnakerootError, match=says):
        module.fit(module.Architecture(**settings), training, given._replace(train=train))


@pytest.mark.parametrize(
    ("name", "settings", "rows"),
    [
        ("kmeans", {"clusters": 4}, 4),
        ("gaussian_mixture", {"clusters": 4}, 4),
        ("pca", {"components": 2}, 3),
        ("gbdt", {"min_samples_leaf": 7}, 14),
    ],
)
def test_just_enough_rows_are_fitted(name, settings, rows) -> None:
    kind: Kind = "binary" if name == "gbdt" else "unsupervised"
    module, training = ARCHITECTURES.load(name), Training(max_epochs=3)
    given = problem(kind, training)
    found = module.fit(module.Architecture(**settings), training, given._replace(train=given.train.part(slice(rows))))
    assert np.isfinite(found.history[-1]).all()


@pytest.mark.parametrize("name", ["gbdt", "kmeans"])
def test_through_the_stage_with_the_same_bytes_each_time(tmp_path: Path, name: str) -> None:
    """From Parquet to safetensors and back; no pickle, no checkpoint; raw features in."""
    kind = "binary" if name == "gbdt" else "unsupervised"
    known = splits.metadata(tmp_path, 2)
    files = {split: splits.create(tmp_path, split, 2000, 2) for split in ("train", "validation")}
    settings = TrainSettings(
        kind=kind,
        classes=["background", "signal"] if kind == "binary" else [],
        architecture=name,
        settings={},
        inputs=[Input(name="x0"), Input(name="x1")],
        training=Training(max_epochs=20),
        seed=1,
    )
    content = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        outputs = {key: folder / key for key in ("weights", "metadata", "history", "checkpoint")}
        train(
            settings,
            "spec",
            **files,
            **known,
            **outputs,
            **NOTHING,
            accelerator="auto",
            gpus=1,
        )
        assert not outputs.pop("checkpoint").exists()
        content.append([path.read_bytes() for path in outputs.values()])
    assert content[0] == content[1]
    metadata = read_json(tmp_path / "a/metadata")
    assert metadata["parameters"] > 2
    network = load(tmp_path / "a/weights", tmp_path / "a/metadata")
    outputs = network(torch.tensor([[0.3, -0.2]]))
    assert (outputs.dtype, outputs.shape[0]) == (torch.float64, 1)
    assert load_file(tmp_path / "a/weights").keys() == network.state_dict().keys()
