"""Several targets at once: joint losses against numpy, rows of which a target is not known, and what becomes of all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from helpers import run_features, table_of, write_ntuple
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from snakeroot import plan
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import metrics as evaluated
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.networks import heads
from snakeroot.networks import network as built
from snakeroot.networks.calibration import Temperature
from snakeroot.networks.layers.beside import Beside
from snakeroot.networks.objectives import binary, multiclass, regression
from snakeroot.networks.objectives._joint import Head, Joint
from snakeroot.networks.others import Other
from snakeroot.networks.tensors import Data
from snakeroot.plan.figures import of_task as figures_of
from snakeroot.predict.__main__ import predict
from snakeroot.predict.combine import combine
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings
from snakeroot.scale.__main__ import scale
from snakeroot.scale.settings import ScaleSettings
from snakeroot.train import memory, others
from snakeroot.train.__main__ import train
from snakeroot.train.others import Others
from snakeroot.train.settings import Training, TrainSettings
from snakeroot.train.target import Target
from tasks import edited, load, refused, settings
from trainings import NOTHING, fitted, scalars

MASS, TAG = Other(name="mass", kind="regression"), Other(name="tag", kind="binary")
BOTH = Training(auxiliary={"mass": 0.3, "tag": 2.0})
KNOWN = {"mass": Target((), True, mean=80.0, deviation=10.0), "tag": Target(("tag = 0", "tag = 1"))}
SCALING = {"x": {"mean": [0.0], "standard_deviation": [1.0]}, "y": {"mean": [0.0], "standard_deviation": [1.0]}}
OF_TARGETS = {"target.mass": {"mean": [80.0], "standard_deviation": [10.0]}}

AUXILIARY = {
    "mass4": {"kind": "regression", "target": "m", "samples": ["vbf"]},
    "tag": {"kind": "binary", "target": "n > 3"},
}
LEARNING = edited("models.mlp.training.auxiliary", {"mass4": 0.3, "tag": 1}, edited("auxiliary", AUXILIARY))


def joint(training: Training = BOTH) -> Joint:
    found = others.joint(binary.Objective(), [MASS, TAG], KNOWN, training)
    assert isinstance(found, Joint)
    return found


def rows(count: int, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Outputs, targets and weights of three targets, of which two are not known in every third row."""
    random = np.random.default_rng(seed)
    target = np.stack([random.integers(2, size=count), random.normal(size=count), random.integers(2, size=count)], 1)
    weight = random.uniform(0.1, 2, (count, 3))
    weight[::3, 1:] = 0
    return tuple(torch.from_numpy(one) for one in (random.normal(size=(count, 3)), target.astype(float), weight))


def test_the_loss_is_the_sum_of_all_with_their_weights():
    outputs, target, weight = rows(50)
    entropies = [-np.log(expit(np.where(target[:, one] == 1, 1, -1) * outputs[:, one].numpy())) for one in (0, 2)]
    squares = (outputs[:, 1] - target[:, 1]).numpy() ** 2
    w = weight.numpy()
    expected = entropies[0] * w[:, 0] + 0.3 * squares * w[:, 1] + 2.0 * entropies[1] * w[:, 2]
    objective = joint()
    np.testing.assert_allclose(objective.loss(outputs, target, weight, "none"), expected, rtol=1e-12)
    assert objective.loss(outputs, target, weight).item() == pytest.approx(expected.mean(), rel=1e-12)
    assert objective.loss(outputs, target, weight, "sum").item() == pytest.approx(expected.sum(), rel=1e-12)
    robust = joint(BOTH.model_copy(update={"loss": "absolute_error"})).loss(outputs, target, weight, "none")
    np.testing.assert_allclose(robust, expected + 0.3 * w[:, 1] * (squares**0.5 - squares), rtol=1e-12)


def test_what_is_not_known_has_no_gradient_and_no_part_in_a_metric():
    outputs, target, weight = rows(60)
    outputs.requires_grad_()
    objective = joint()
    objective.loss(outputs, target, weight).backward()
    assert (outputs.grad[::3, 1:] == 0).all()
    assert (outputs.grad[::3, 0] != 0).all()
    assert (outputs.grad[1::3] != 0).all()
    measured = dict(zip(objective.metrics, objective.measure(outputs.detach(), target, weight).tolist(), strict=True))
    assert list(measured)[:3] == ["loss", "accuracy", "auc"]
    alone = regression.Objective(unit=10.0)
    there = weight[:, 1] > 0
    of_mass = alone.measure(outputs.detach()[there, 1:2], target[there, 1], weight[there, 1])
    assert {
        f"mass.{name}": value for name, value in zip(alone.metrics, of_mass.tolist(), strict=True)
    } == pytest.approx({name: value for name, value in measured.items() if name.startswith("mass.")}, rel=1e-12)
    of_main = binary.Objective().measure(outputs.detach()[:, :1], target[:, 0], weight[:, 0]).tolist()
    assert list(measured.values())[:3] == pytest.approx(of_main, rel=1e-12)
    row = {f"validation_{name}": value for name, value in measured.items()}
    expected = 0.3 * measured["mass.loss"] + 2.0 * measured["tag.loss"]
    assert objective.beside(row, "validation") == pytest.approx(expected)
    assert binary.Objective().beside(row, "validation") == 0


@given(st.integers(0, 100), st.lists(st.integers(1, 30), max_size=3), st.booleans())
def test_weights_have_mean_1_however_few_rows_a_target_is_known_of(seed, cuts, balance):
    random = np.random.default_rng(seed)
    count = 40
    mass = np.where(random.random(count) < 0.3, random.normal(80, 10, count), np.nan).astype(np.float32)
    tag = np.where(random.random(count) < 0.7, random.random(count) < 0.2, np.nan).astype(np.float32)
    mass[0], tag[:2] = 85.0, [0, 1]
    weight = random.uniform(0.5, 1.5, count)
    weight /= weight.mean()
    places = np.split(np.arange(count), sorted(cuts))
    known = Others({"mass": KNOWN["mass"], "tag": Target(("tag = 0", "tag = 1"), balance)})
    known.fit(lambda: ((weight[some], [mass[some], tag[some]]) for some in places), count, "train")
    target, found = known.beside(np.zeros(count), weight, [mass, tag])
    np.testing.assert_allclose(found.mean(axis=0), 1)
    assert (found[np.isnan(mass), 1] == 0).all()
    assert (found[np.isnan(tag), 2] == 0).all()
    assert np.isfinite(target).all()
    there = ~np.isnan(mass)
    np.testing.assert_allclose(target[there, 1], (mass[there].astype(float) - 80) / 10)
    np.testing.assert_allclose(found[there, 1] / weight[there], count / weight[there].sum())
    sums = [found[tag == value, 2].sum() for value in (0, 1)]
    ratio = 1 if balance else weight[tag == 1].sum() / weight[tag == 0].sum()
    assert sums[1] / sums[0] == pytest.approx(ratio)


def test_a_target_that_is_not_known_or_the_same_everywhere_is_refused():
    weight, unknown = np.ones(4), np.full(4, np.nan, np.float32)
    with pytest.raises(SnakerootError, match=r"auxiliary.mass, where it is known: the train split has no events"):
        Others({"mass": KNOWN["mass"]}).fit(lambda: iter([(weight, [unknown])]), 4, "train")
    with pytest.raises(SnakerootError, match=r"auxiliary.tag, .*: the validation split has no tag = 1 events"):
        Others({"tag": KNOWN["tag"]}).fit(lambda: iter([(weight, [np.zeros(4, np.float32)])]), 4, "validation")
    with pytest.raises(SnakerootError, match=r"auxiliary.mass, .*: the weights of the events .* add up to -4"):
        Others({"mass": KNOWN["mass"]}).fit(lambda: iter([(-weight, [np.ones(4, np.float32)])]), 4, "train")


def toy(seed: int, count: int = 1500) -> Data:
    """Signal is where x > 0, roughly; a number that is x - y, known of signal alone."""
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(count, 2, generator=random)
    signal = (inputs[:, 0] + 0.5 * torch.randn(count, generator=random) > 0).float()
    wanted = torch.where(signal == 1, inputs[:, 0] - inputs[:, 1], 0.0)
    weight = torch.stack([torch.ones(count), count / signal.sum() * signal], 1)
    return Data(inputs, torch.stack([signal, wanted], 1), weight, torch.empty(count, 0))


def trained(strength: float, train: Data, validation: Data):
    torch.manual_seed(1)
    network = built.build("mlp", {"hidden": [16]}, scalars("x", "y"), 2, others=[MASS])
    objective = Joint(binary.Objective(), [Head("mass", regression.Objective(), strength)])
    training = Training(learning_rate=0.01, batch_size=256, max_epochs=12, auxiliary={"mass": strength})
    return fitted(network, training, train, validation, objective)


def test_both_are_learned_and_the_best_epoch_is_that_of_both():
    state = trained(1.0, toy(1), toy(2))
    best = state.history[state.best_epoch - 1]
    assert best["validation_auc"] > 0.9
    assert best["validation_mass.rmse"] < 0.2
    of = {row["epoch"]: row["validation_loss"] + row["validation_mass.loss"] for row in state.history}
    assert state.best_epoch == min(of, key=of.__getitem__)


def test_what_stands_where_a_target_is_not_known_changes_nothing():
    train, validation = toy(1, 400), toy(2, 400)

    def filled(data: Data) -> Data:
        target = data.target.clone()
        target[data.weight[:, 1] == 0, 1] = 1000.0
        return data._replace(target=target)

    one, other = trained(1.0, train, validation), trained(1.0, filled(train), filled(validation))
    for row, same in zip(one.history, other.history, strict=True):
        assert row == pytest.approx(same, rel=1e-9)  # r² is of differences from a mean of all rows
    for name, values in one.best.items():
        assert torch.equal(values, other.best[name])


@pytest.mark.parametrize("training", [Training(loss="likelihood"), Training(loss="quantiles"), Training()])
def test_numbers_come_out_in_their_units_and_the_main_one_is_as_if_alone(training):
    main = regression.make(training, 0, 2.0)
    objective = others.joint(main, [MASS, TAG], KNOWN, training.model_copy(update={"auxiliary": BOTH.auxiliary}))
    network = built.build("mlp", {}, scalars("x"), objective.outputs, (), main.uncertainties, [MASS, TAG]).double()
    alone = built.build("mlp", {}, scalars("x"), main.outputs, (), main.uncertainties).double()
    scaling = {
        "x": {"mean": [1.0], "standard_deviation": [3.0]},
        "target": {"mean": [5.0], "standard_deviation": [2.0]},
    }
    for one in (network, alone):
        built.scale(one, scaling | OF_TARGETS)
    inner = network.layers[0] if main.uncertainties else network.layers
    own = alone.layers[0] if main.uncertainties else alone.layers
    own.load_state_dict(
        {name: values[: own.state_dict()[name].shape[0]] for name, values in inner.state_dict().items()}
    )
    some = torch.linspace(-3, 9, 7, dtype=torch.float64)[:, None]
    torch.testing.assert_close(network(some), alone(some), rtol=1e-12, atol=1e-12)
    raw = inner(network.scaled(some))[:, main.outputs :]
    torch.testing.assert_close(
        network.every(some)[:, main.outputs :], raw * torch.tensor([10.0, 1]) + torch.tensor([80.0, 0])
    )


def test_a_calibration_is_of_the_main_target_alone():
    network = built.build("mlp", {}, scalars("x"), 2, others=[TAG])
    some = torch.linspace(-2, 2, 5)[:, None]
    before = network.every(some)
    network.calibration = Beside(Temperature(2.0), 1)
    torch.testing.assert_close(network.every(some), torch.stack([before[:, 0] / 2, before[:, 1]], 1).double())
    torch.testing.assert_close(network(some), (before[:, :1] / 2).double())


def test_predictions_of_all_targets_of_several_classes():
    outputs = torch.randn(6, 5, generator=torch.Generator().manual_seed(1))
    found = heads.predictions(multiclass.predictions, [MASS, TAG])(outputs)
    torch.testing.assert_close(found[:, :3], torch.softmax(outputs[:, :3].double(), 1))
    torch.testing.assert_close(found[:, 3], outputs[:, 3].double())
    torch.testing.assert_close(found[:, 4], torch.sigmoid(outputs[:, 4].double()))
    assert heads.predictions(multiclass.predictions, []) is multiclass.predictions


def test_their_columns_are_computed_as_features_are_and_nan_where_they_are_not_known(tmp_path):
    known = {"run": [1] * 5, "event": list(range(5)), "x": [0.0] * 5, "m": [80.0, -999.0, 3.5, 1.0, 0.0]}
    ntuple = write_ntuple(tmp_path / "a.root", known)
    wanted = {"mass": {"kind": "regression", "target": "2 * m"}, "heavy": {"kind": "binary", "target": "m > 2"}}
    wanted |= {"root": {"kind": "regression", "target": "sqrt(m - 1)"}, "other": {"kind": "binary", "target": None}}
    table, flow = run_features(ntuple, auxiliary=wanted, missing={"mass": [-999]}, chunk=2)
    names = ["target", "target.mass", "target.heavy", "target.root", "target.other", "weight", "x"]
    assert [name for name in table.column_names if not name.startswith("id_")][-7:] == names
    assert {str(table.schema.field(name).type) for name in names[1:5]} == {"float"}
    np.testing.assert_array_equal(table["target.mass"].to_numpy(), [160, np.nan, 7, 2, 0])
    np.testing.assert_array_equal(table["target.heavy"].to_numpy(), [1, 0, 1, 0, 0])
    np.testing.assert_allclose(table["target.root"].to_numpy(), [79**0.5, np.nan, 2.5**0.5, 0, np.nan], rtol=1e-6)
    assert np.isnan(table["target.other"].to_numpy()).all()
    assert flow["missing"] == {"target.mass": 1, "target.root": 2, "target.other": 5}
    with pytest.raises(SnakerootError, match=r"auxiliary.b: 'm' is 80 in entry 0, and a label is 0 or 1"):
        run_features(ntuple, auxiliary={"b": {"kind": "binary", "target": "m"}})
    with pytest.raises(SnakerootError, match=r"the auxiliary target 'b' \(1 / m\) is NaN or infinite in 1 selected"):
        run_features(ntuple, auxiliary={"b": {"kind": "regression", "target": "1 / m"}})


def test_their_scaling_is_of_the_rows_in_which_they_are_known(tmp_path):
    for number, values in enumerate(([1.0, np.nan, 3.0], [np.nan, np.nan, 8.0])):
        table = table_of(x=np.arange(3, dtype=np.float32), **{"target.mass": np.array(values, np.float32)})
        tables.write([table], table.schema, tmp_path / f"{number}.parquet")
    paths = [tmp_path / f"{number}.parquet" for number in range(2)]
    scale(ScaleSettings(inputs=scalars("x"), targets=["mass"]), paths, tmp_path / "s.json")
    found = read_json(tmp_path / "s.json")["target.mass"]
    assert found == {"mean": [4.0], "standard_deviation": [pytest.approx(np.std([1, 3, 8]))]}
    for values, says in (([np.nan] * 3, "is known of no row of the train split"), ([2, np.nan, 2], "are the same, 2:")):
        table = table_of(x=np.arange(3, dtype=np.float32), **{"target.mass": np.array(values, np.float32)})
        tables.write([table], table.schema, paths[0])
        with pytest.raises(SnakerootError, match=f"auxiliary.mass.*{says}"):
            scale(ScaleSettings(inputs=scalars("x"), targets=["mass"]), paths[:1], tmp_path / "s.json")


def split(seed: int, events: int) -> list[pa.Table]:
    """Two classes that x tells apart; a mass that is 80 + 10 y, of signal alone; a tag that is y > 0."""
    random = np.random.default_rng(seed)
    found = []
    for number, name in enumerate(("zz", "vbf")):
        x, y = random.normal(2.0 * number, 1, events), random.normal(size=events)
        columns = {
            "x": x,
            "y": y,
            "target.mass": 80 + 10 * y if number else np.full(events, np.nan),
            "target.tag": y > 0,
        }
        arrays = {key: values.astype(np.float32) for key, values in columns.items()}
        identity = np.arange(events) + 10**6 * seed + 10**5 * number
        found.append(table_of(name, number, random.uniform(0.5, 1.5, events), id_event=identity, **arrays))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("files")
    known = {"normalisation": folder / "normalisation.json", "scaling": folder / "scaling.json"}
    write_json({"samples": {"zz": {"factor": 3.0}, "vbf": {"factor": 0.5}}}, known["normalisation"])
    write_json(SCALING | OF_TARGETS, known["scaling"])
    for seed, name in enumerate(("train", "validation", "test")):
        known[name] = [folder / f"{name}{part}.parquet" for part in range(2)]
        for path, table in zip(known[name], split(seed, 400), strict=True):
            tables.write([table], table.schema, path)
    return known


def run(
    folder: Path, files: dict[str, object], others_too: bool = True, gpus: int = 0, **training: object
) -> dict[str, Path]:
    """Train; return the paths of weights, metadata and history."""
    folder.mkdir()
    paths = {name: folder / name for name in ("weights", "metadata", "history")}
    known = {"kind": "binary", "classes": ["background", "signal"], "inputs": scalars("x", "y"), "seed": 1}
    known |= {"architecture": "mlp", "settings": {"hidden": [8]}}
    known |= {"others": [MASS, TAG]} if others_too else {}
    training = {"learning_rate": 0.02, "batch_size": 64, "max_epochs": 6} | training
    training |= {"auxiliary": {"mass": 0.5, "tag": 1.0}} if others_too else {}
    given = {name: files[name] for name in ("train", "validation", "normalisation", "scaling")}
    wanted = TrainSettings(**known, training=training)
    train(wanted, "spec", **given, **paths, **NOTHING, checkpoint=folder / "c", accelerator="cpu", gpus=gpus)
    return paths


@pytest.fixture(scope="module")
def trained_files(tmp_path_factory: pytest.TempPathFactory, files: dict[str, object]) -> dict[str, Path]:
    return run(tmp_path_factory.mktemp("trained") / "one", files)


def test_streamed_rows_give_the_same_bytes(tmp_path, files, trained_files):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "resident", lambda *_: 10**18)
        streamed = run(tmp_path / "streamed", files)
    for name in ("weights", "history"):
        assert streamed[name].read_bytes() == trained_files[name].read_bytes()


def predicted(folder: Path, files: dict[str, object], trained: dict[str, Path]) -> dict[str, Path]:
    """Score all splits, and put the predictions together as of one network."""
    splits = ("train", "validation", "test")
    known = PredictSettings(kind="binary", classes=["background", "signal"], event_id=["event"], others=[MASS, TAG])
    given = {name: files[name] for name in (*splits, "normalisation")}
    single = [folder / f"{name}-alone.parquet" for name in splits]
    more = {"unlabelled": [], "calibration": [], "accelerator": "cpu", "gpus": 0}
    network = {name: trained[name] for name in ("weights", "metadata")}
    predict(known, **given, **more, **network, predictions=single)
    together = {name: folder / f"{name}.parquet" for name in splits}
    combine(CombineSettings(replicas=1), single, list(together.values()))
    return together


def test_predictions_and_metrics_are_of_the_rows_in_which_a_target_is_known(tmp_path, files, trained_files):
    together = predicted(tmp_path, files, trained_files)
    table = tables.read(together["test"])
    columns = ["target", "target.mass", "target.tag", "fold", "weight", "score_0", "score", "prediction.mass_0"]
    columns += ["prediction.mass", "score.tag_0", "score.tag"]
    assert table.column_names[-11:] == columns
    network = built.load(trained_files["weights"], trained_files["metadata"])
    inputs = torch.from_numpy(np.concatenate([np.stack([t["x"], t["y"]], 1) for t in map(tables.read, files["test"])]))
    with torch.no_grad():
        np.testing.assert_array_equal(table["score"], torch.sigmoid(network(inputs).double())[:, 0])
        np.testing.assert_array_equal(table["prediction.mass"], network.every(inputs).double()[:, 1])
    wanted = Metrics(task="toy", models=[Measured(name="net", networks=1, others=[MASS, TAG])], bootstrap=20, seed=0)
    evaluated.make(wanted, list(together.values()), [trained_files["metadata"]], [], [], tmp_path / "metrics.json")
    found = read_json(tmp_path / "metrics.json")
    assert found["auxiliary"] == {"mass": "regression", "tag": "binary"}
    test = found["models"]["net"]["auxiliary"]["mass"]["test"]
    target, mass, weight = (table[name].to_numpy() for name in ("target.mass", "prediction.mass", "weight"))
    there = np.isfinite(target)
    assert there.sum() == 400
    rmse = np.sqrt(np.average((mass - target)[there] ** 2, weights=weight[there]))
    assert test["rmse"] == pytest.approx(rmse)
    assert test["rmse_low"] < rmse < test["rmse_high"]
    assert rmse < 5  # of a spread of 10: it has been learned
    tag = found["models"]["net"]["auxiliary"]["tag"]
    assert tag["test"]["auc"] > 0.95
    assert {"calibration", "overtraining"} <= tag.keys()
    history = tables.read(trained_files["history"])
    assert {"validation_mass.rmse", "train_tag.auc"} <= set(history.column_names)


def test_a_training_without_others_is_what_it_was(tmp_path, files):
    """Its metadata and history say nothing of others."""
    alone = run(tmp_path / "alone", files, others_too=False)
    text = alone["metadata"].read_text()
    assert "others" not in text
    assert "auxiliary" not in text
    assert not any("." in name for name in tables.read(alone["history"]).column_names)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        (
            "auxiliary.mass",
            {"kind": "regression", "target": "m"},
            "auxiliary.mass: 'mass' is an input or spectator too",
        ),
        ("auxiliary.tag.samples", ["data"], "auxiliary.tag.samples.0: no such sample"),
        ("auxiliary.tag.kind", "multiclass", "auxiliary.tag.kind"),
        ("auxiliary.TAG", {"kind": "binary", "target": "n"}, "the targets 'tag' and 'TAG' are the same file"),
        ("models.mlp.training.auxiliary.tug", 1, "training.auxiliary.tug: no such target: did you mean 'tag'"),
        ("models.mlp.training.auxiliary.tag", 0, "training.auxiliary.tag"),
        ("missing", {"masss4": -1}, "missing.masss4: no such input"),
        (
            "models.trees",
            {"architecture": "gbdt", "training": {"auxiliary": {"tag": 1}}},
            "models.trees.training.auxiliary: 'gbdt' is not trained by gradients",
        ),
        (
            "models.mlp.tuning",
            {"space": {"training.auxiliary.other": {"choices": [0.1]}}, "rounds": 1},
            "a search may change the weights of further targets, and not which there are",
        ),
    ],
)
def test_what_does_not_go_with_the_task_is_refused(keys, value, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()
    refused(says, edited(keys, value, LEARNING))


def test_what_jobs_may_know(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()
    project = load(LEARNING)
    [part] = project.parts["task0"]["zz"]
    known = settings(plan.features.features(project, "task0", "zz", part))["auxiliary"]
    assert known == {
        "mass4": {"kind": "regression", "target": None},
        "tag": {"kind": "binary", "target": "n > 3"},
    }
    assert settings(plan.scale.scale(project, "task0"))["targets"] == ["mass4"]
    drawn = {one.svg.rpartition("/")[2] for one in figures_of(project, "task0") if one.other}
    assert drawn == {
        *("prediction-mlp.mass4.svg", "residuals.mass4.svg", "response.mass4.svg"),
        *("roc.tag.svg", "scores-mlp.tag.svg", "calibration.tag.svg"),
    }
    alone = edited("models.alone", {"architecture": "mlp"}, LEARNING)
    shown = {one.figure.name: one for one in figures_of(load(alone), "task0") if one.other}
    known = plan.figures.settings(load(alone), shown["roc"]).model_dump()
    assert [(one["name"], one["label"]) for one in known["models"]] == [("mlp", "mlp, tag")]  # it alone learns it
    assert known["other"] == "tag"
    packages = json.loads(plan.features.features(project, "task0", "zz", part))["packages"]
    assert "torch" not in packages
    searched = {"space": {"training.auxiliary.tag": {"float": [0.1, 10], "log": True}}, "rounds": 1}
    load(edited("models.mlp.tuning", searched, LEARNING))
