"""Training: what is kept of it, what its settings do, and the same bytes in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from helpers import table_of
from safetensors.numpy import load_file
from snakeroot.data import tables
from snakeroot.data.files import read_json, to_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.predictions import read
from snakeroot.networks.network import Network, build, load
from snakeroot.networks.tensors import Data
from snakeroot.predict.__main__ import predict
from snakeroot.predict.combine import combine
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings
from snakeroot.train.__main__ import train
from snakeroot.train.data import Table
from snakeroot.train.loop import score
from snakeroot.train.optimizer_settings import OPTIMIZERS
from snakeroot.train.settings import Training, TrainSettings
from snakeroot.train.target import Target
from trainings import BINARY, NOTHING, fitted, held, scalars, together

SPLITS = ("train", "validation")
CLASSES = ["background", "signal"]
SCALING = {"x": {"mean": [10.0], "standard_deviation": [2.0]}, "y": {"mean": [-300.0], "standard_deviation": [50.0]}}


def split(events: int, seed: int, distance: float) -> list[object]:
    """Signal and background as Gaussians `distance` standard deviations apart in both features."""
    random = np.random.default_rng(seed)
    found = []
    for target, name in enumerate(("zz", "vbf")):
        columns = {
            feature: (
                scale["mean"][0] + scale["standard_deviation"][0] * random.normal((target - 0.5) * distance, 1, events)
            )
            for feature, scale in SCALING.items()
        }
        weight = random.uniform(0.5, 1.5, events) * 1e-5
        features = {key: values.astype(np.float32) for key, values in columns.items()}
        found.append(table_of(name, target, weight, id_event=np.arange(events) + 10**6 * seed, **features))
    return found


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Paths of train, validation, normalisation and scaling of a toy."""
    folder = tmp_path_factory.mktemp("inputs")
    files = {"normalisation": folder / "normalisation.json", "scaling": folder / "scaling.json"}
    write_json({"samples": {"zz": {"factor": 3.0}, "vbf": {"factor": 0.5}}}, files["normalisation"])
    write_json(SCALING, files["scaling"])
    for seed, name in enumerate(("train", "validation")):
        files[name] = [folder / f"{name}{part}.parquet" for part in range(2)]
        for path, table in zip(files[name], split(300, seed, 1.5), strict=True):
            tables.write([table], table.schema, path)
    return files


def settings(training=None, **changed):
    known = {"kind": "binary", "classes": CLASSES, "inputs": [{"name": "x"}, {"name": "y"}], "seed": 1}
    known |= {"architecture": "mlp", "settings": {"hidden": [8]}}
    known["training"] = {"learning_rate": 0.01, "batch_size": 64, "max_epochs": 5} | (training or {})
    return TrainSettings.model_validate(known | changed)


def run(folder: Path, files, *, begin=(), end=(), ancestor=(), reweighting=(), **changed):
    """Train; return the network, its metadata, its history, and the paths of the three."""
    paths = {
        "weights": folder / "model.safetensors",
        "metadata": folder / "model.json",
        "history": folder / "h.parquet",
    }
    others = {"checkpoint": folder / "model.checkpoint", "begin": list(begin), "end": list(end), "tuned": []}
    others |= {"mixed": [], "mixed_normalisations": [], "initial": list(ancestor), "reweighting": list(reweighting)}
    train(settings(**changed), "spec", **files, **paths, **others, accelerator="cpu", gpus=0)
    history = tables.read(paths["history"]).to_pandas()
    return load(paths["weights"], paths["metadata"]), read_json(paths["metadata"]), history, paths


def measured(network, data):
    """The metrics of a network on rows."""
    return dict(zip(BINARY.metrics, score(network, BINARY, held(data)).tolist(), strict=True))


@pytest.fixture
def data(inputs):
    """Train and validation as tensors, scaled."""

    def scaled(features):
        return (features - torch.tensor([10.0, -300.0])) / torch.tensor([2.0, 50.0])

    known = inputs["normalisation"], scalars("x", "y"), Target(CLASSES), scaled
    tables = [Table(name, inputs[name], *known) for name in SPLITS]
    return [Data(*map(torch.cat, zip(*map(table.read, range(2)), strict=True))) for table in tables]


@pytest.mark.parametrize("training", [{"learning_rate": 0.5}, {"learning_rate": 0.5, "monitor": "auc"}])
def test_the_best_epoch_is_restored(tmp_path, inputs, data, training):
    network, metadata, history, _ = run(tmp_path, inputs, training=training | {"max_epochs": 30, "patience": 30})
    monitor = "validation_auc" if "monitor" in training else "validation_loss"
    best = history[monitor].idxmax() if "monitor" in training else history[monitor].idxmin()
    assert best < 29  # else the last epoch is the best, and nothing is tested
    assert metadata["best_epoch"] == history["epoch"][best]
    found = measured(network, data[1])
    assert found == pytest.approx(metadata["validation"], rel=1e-9)
    assert found == pytest.approx({name: history[f"validation_{name}"][best] for name in found}, rel=1e-9)


def test_training_stops_after_patience_epochs_without_a_better_one(tmp_path, inputs):
    _, metadata, history, _ = run(tmp_path, inputs, training={"learning_rate": 0.5, "max_epochs": 200, "patience": 4})
    assert metadata["epochs"] == len(history) == metadata["best_epoch"] + 4 < 200
    assert history["epoch"].tolist() == list(range(1, len(history) + 1))
    _, metadata, history, _ = run(tmp_path, inputs, training={"max_epochs": 3})
    assert metadata["epochs"] == len(history) == 3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains(data, optimizer):
    rate = {"adadelta": 1.0, "sgd": 0.5, "asgd": 0.5}.get(optimizer, 0.02)
    torch.manual_seed(1)
    training = Training(optimizer=optimizer, learning_rate=rate, max_epochs=8, batch_size=64)
    network = build("mlp", {"hidden": [8]}, scalars("x", "y"), 1)
    before = measured(network, data[0])
    state = fitted(network, training, *data)
    assert type(state.optimizer).__name__.lower() == optimizer
    assert state.optimizer.param_groups[0]["lr"] == rate
    assert measured(network, data[0])["loss"] < before["loss"] - 0.03


@pytest.mark.parametrize("batch", [64, 50])
def test_rows_read_from_disk_as_needed_give_the_same_bytes(tmp_path, inputs, batch, monkeypatch, caplog):
    """A hundred rows in memory at once of the six hundred; with too little for even these, a message."""
    training = {"batch_size": batch, "shuffle_window": 100, "max_epochs": 3}
    found = {}
    for kind, budget in (("resident", 1.0), ("streamed", 1.0e-5)):
        monkeypatch.setattr("snakeroot.train.memory.OVERHEAD", 0)
        monkeypatch.setattr("snakeroot.train.memory.streamed", lambda *_: 0)
        with caplog.at_level("INFO"):
            *_, paths = run(tmp_path / kind, inputs, training=training | {"memory_budget": budget})
        assert caplog.records[1].message == f"CPU, rows are {kind}"
        caplog.clear()
        found[kind] = paths["weights"].read_bytes(), paths["history"].read_bytes()
    assert found["resident"] == found["streamed"]


def test_a_separable_toy(tmp_path, inputs):
    files = dict(inputs)
    for seed, name in enumerate(("train", "validation"), 5):
        files[name] = [tmp_path / f"{name}{part}.parquet" for part in range(2)]
        for path, table in zip(files[name], split(500, seed, 4.0), strict=True):
            tables.write([table], table.schema, path)
    _, metadata, history, _ = run(tmp_path, files, training={"max_epochs": 15})
    assert metadata["validation"]["auc"] > 0.99
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]
    assert metadata["parameters"] == 2 * 8 + 8 + 8 + 1


def test_a_diverging_loss_is_an_error_that_leaves_nothing(tmp_path, inputs):
    with pytest.raises(
        SnakerootError, match=r"in epoch 1, from batch 2 on, at a learning rate of 1e\+30: lower training.learning_rate"
    ):
        run(tmp_path, inputs, training={"optimizer": "sgd", "learning_rate": 1e30})
    assert list(tmp_path.iterdir()) == []


def test_dropout_is_off_when_scoring(tmp_path, inputs, data):
    network, metadata, _, _ = run(tmp_path, inputs, settings={"hidden": [50], "dropout": 0.5})
    assert measured(network, data[1]) == measured(network, data[1])
    assert measured(network, data[1])["loss"] == pytest.approx(metadata["validation"]["loss"], rel=1e-9)


def test_every_row_is_seen_once_per_epoch_in_a_new_order(data):
    seen = []

    class Spy(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1, 2))

        def forward(self, features):
            if self.training:
                seen.append(features)
            return features @ self.weight.T

    training = Training(batch_size=128, max_epochs=2, learning_rate=1e-9)
    fitted(Network(Spy(), scalars("x", "y")), training, *data)
    assert [len(batch) for batch in seen] == [128, 128, 128, 128, 88] * 2
    first, second = torch.cat(seen[:5]), torch.cat(seen[5:])
    assert not torch.equal(first, second)
    for order in (first, second):
        assert torch.equal(order[order[:, 0].argsort()], data[0].features[data[0].features[:, 0].argsort()])


@pytest.mark.parametrize("heavier", [0, 1])
def test_weights_count(heavier):
    """Two identical halves of the features with opposite classes: the network learns the heavier."""
    x = torch.linspace(-1, 1, 200).repeat(2)[:, None]
    target = torch.cat([(x[:200, 0] > 0).float(), (x[:200, 0] < 0).float()])
    weight = torch.cat([torch.full((200,), 1.9 if half == heavier else 0.1) for half in range(2)])
    torch.manual_seed(1)
    training = Training(learning_rate=0.1, max_epochs=20)
    network = build("mlp", {"hidden": []}, scalars("x"), 1)
    found = fitted(network, training, *[together(x, target, weight)] * 2)
    assert found.history[-1]["validation_auc"] == pytest.approx(0.95)


def scored(chosen, inputs, paths, predictions, train=()):
    """Score the validation split, after that for training if it is given, by the trained network."""
    network = {name: paths[name] for name in ("weights", "metadata")} | {"normalisation": inputs["normalisation"]}
    splits = {"train": list(train), "validation": inputs["validation"], "test": [], "unlabelled": []}
    predict(chosen, **splits, **network, calibration=[], predictions=predictions, accelerator="cpu", gpus=0)


def test_a_network_that_gives_nan_is_named_with_the_split(tmp_path, inputs, monkeypatch):
    _, _, _, paths = run(tmp_path, inputs)
    network = load(paths["weights"], paths["metadata"])
    network.mean[0] = np.nan
    monkeypatch.setattr("snakeroot.predict.__main__.load", lambda *_: network)
    chosen = PredictSettings(kind="binary", classes=CLASSES, event_id=["event"])
    rows = sum(tables.read(path).num_rows for path in inputs["validation"])
    with pytest.raises(SnakerootError, match=rf"model\.safetensors: of validation: the network gives NaN for {rows} r"):
        scored(chosen, inputs, paths, [tmp_path / "validation.parquet"])
    assert not (tmp_path / "validation.parquet").exists()


def test_scores_are_a_forward_pass_in_numpy(tmp_path, inputs):
    _, _, _, paths = run(tmp_path, inputs, settings={"hidden": [8, 4], "activation": "tanh"})
    chosen = PredictSettings(kind="binary", classes=CLASSES, event_id=["event"])
    scored(chosen, inputs, paths, [tmp_path / "t.parquet", tmp_path / "p.parquet"], train=inputs["train"])
    assert tables.read(tmp_path / "t.parquet").num_rows == sum(tables.read(one).num_rows for one in inputs["train"])
    rows = pd.concat([tables.read(path).to_pandas() for path in inputs["validation"]], ignore_index=True)
    found = tables.read(tmp_path / "p.parquet").to_pandas()
    tensors = {name: values.astype(np.float64) for name, values in load_file(paths["weights"]).items()}
    values = (rows[["x", "y"]].to_numpy() - [10, -300]) / [2, 50]
    for layer in (0, 2):
        values = np.tanh(values @ tensors[f"layers.{layer}.weight"].T + tensors[f"layers.{layer}.bias"])
    logits = values @ tensors["layers.4.weight"].T + tensors["layers.4.bias"]
    np.testing.assert_allclose(found["score"], 1 / (1 + np.exp(-logits[:, 0])), rtol=2e-5)
    for name in ("id_event", "entry", "target", "sample"):
        assert found[name].tolist() == rows[name].tolist()
    factor = rows["sample"].map({"zz": 3.0, "vbf": 0.5}).astype(float)
    np.testing.assert_allclose(found["weight"], rows["weight"] * factor, rtol=1e-15)


def test_rows_of_a_group_move_together_in_the_evaluation_of_predictions(tmp_path, inputs):
    _, _, _, paths = run(tmp_path, inputs)
    files = [tmp_path / path.name for path in inputs["validation"]]
    for given, path in zip(inputs["validation"], files, strict=True):
        table = tables.read(given)
        number = table["id_event"].to_numpy()
        table = table.set_column(0, "id_event", pa.array(number // 2)).add_column(1, "id_jet", pa.array(number % 2))
        tables.write([table], table.schema, path)
    numbers = {}
    for group in ([], ["event"]):
        one, combined = tmp_path / "one.parquet", tmp_path / "combined.parquet"
        chosen = PredictSettings(kind="binary", classes=CLASSES, event_id=["event", "jet"], group=group)
        scored(chosen, inputs | {"validation": files}, paths, [one])
        assert tables.read(one).column_names[: 2 + len(group)] == ["id_event", "id_jet", "group"][: 2 + len(group)]
        combine(CombineSettings(replicas=1), [one], [combined])
        numbers[bool(group)] = read(combined, "validation", "net").event
    found = pd.DataFrame(numbers).join(tables.read(combined).to_pandas())
    for key, names in ((False, ["id_event", "id_jet"]), (True, ["id_event"])):
        assert found.groupby(names)[key].nunique().tolist() == found.groupby(key)[names[0]].nunique().tolist()
        assert found[key].nunique() == len(found[names].drop_duplicates())


def test_the_same_bytes_in_every_process_and_others_for_another_seed(tmp_path, inputs):
    def trained(name, seed, hash_seed):
        folder = tmp_path / name
        spec = to_json({"settings": settings(seed=seed, settings={"hidden": [8], "dropout": 0.2}).model_dump()})
        command = [sys.executable, "-m", "snakeroot.train", "--spec", spec]
        for key, files in inputs.items():
            command += [f"--{key}", *map(str, files if isinstance(files, list) else [files])]
        for key, file in {
            "weights": "w.safetensors",
            "metadata": "f.json",
            "history": "h.parquet",
            "checkpoint": "c",
        }.items():
            command += [f"--{key}", str(folder / file)]
        command += [
            *(f"--{name.replace('_', '-')}" for name in NOTHING),
            "--accelerator",
            "auto",
            "--gpus",
            "1",
            *("--nodes", "1", "--node-gpus", "0"),
        ]
        paths = os.pathsep.join(sys.path)
        changed = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths, "PYTHONPROFILEIMPORTTIME": "1"}
        done = subprocess.run(command, check=True, env=os.environ | changed, stderr=subprocess.PIPE, text=True)
        imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
        assert "torch" in imported
        assert not imported & {"torch._dynamo", "pandas"}, "a second of start-up for each job"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    first, second = trained("a", 1, "1"), trained("b", 1, "2")
    assert len(first) == 3
    assert first == second
    run(tmp_path / "c", inputs, settings={"hidden": [8], "dropout": 0.2})
    assert (tmp_path / "c/model.safetensors").read_bytes() == first["w.safetensors"]
    run(tmp_path / "d", inputs, settings={"hidden": [8], "dropout": 0.2}, seed=2)
    assert (tmp_path / "d/model.safetensors").read_bytes() != first["w.safetensors"]
