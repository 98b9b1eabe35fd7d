"""Missing values: from -999 in an ntuple to NaN in the tables, and what each kind of model makes of them."""

from __future__ import annotations

import math
from pathlib import Path

import awkward as ak
import figures
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import splits
import torch
from helpers import run_features, table_of, write_ntuple
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import StandardScaler
from snakeroot import plan
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.measures import unsupervised
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.sources import Sources
from snakeroot.networks import network as networks
from snakeroot.networks.architectures import ARCHITECTURES, gbdt
from snakeroot.networks.fitting import Problem
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import load
from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.tensors import Data
from snakeroot.report import summaries
from snakeroot.scale.__main__ import scale
from snakeroot.scale.settings import ScaleSettings
from snakeroot.train.__main__ import train
from snakeroot.train.settings import Training, TrainSettings
from tasks import TASK, edited, refused
from tasks import load as load_tasks
from tasks import settings as settings_of
from trainings import NOTHING, together

NAN = math.nan
ENTRIES = 6


def ntuple(folder: Path) -> Path:
    """Jets of entries that have none, one, two and three of them; -999 where there is no mass."""
    columns = {
        "run": np.full(ENTRIES, 1),
        "event": np.arange(ENTRIES),
        "mass": np.array([10, -999, 30, 40, -999, 60], np.float32),
        "score": np.array([0.5, 0.25, -999.9, -9, 0.125, 0.75], np.float32),
        "charge": np.array([1, -1, -999, 1, 0, -1], np.int32),
        "place": np.array([0, 1, -999, 0, 2, -1], np.int32),
        "w": np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0]),
        "pt": ak.Array([[], [50.0], [50.0, 40.0], [50.0, -999.0], [9.0, 8.0, 7.0], [20.0]]),
        "eta": ak.Array([[], [1.0], [1.0, -1.0], [2.0, -999.0], [0.0, 0.5, 0.25], [-2.0]]),
    }
    return write_ntuple(folder / "n.root", columns)


def column(folder: Path, text: str, missing: object, **changed: object) -> list[float]:
    found, _ = run_features(ntuple(folder), features={"x": text}, missing=missing, **changed)
    return found["x"].to_pylist()


@pytest.mark.parametrize(
    ("text", "missing", "expected"),
    [
        ("mass", -999, [10, NAN, 30, 40, NAN, 60]),
        ("mass", [], [10, -999, 30, 40, -999, 60]),
        ("mass", {"x": [-999, 60]}, [10, NAN, 30, 40, NAN, NAN]),
        ("score", [-999.9, -9], [0.5, 0.25, NAN, NAN, 0.125, 0.75]),  # as float32 has it
        ("log(mass) * 0", -999, [0, NAN, 0, 0, NAN, 0]),
        ("abs(mass - mass)", -999, [0, NAN, 0, 0, NAN, 0]),
        ("charge", -999, [1, -1, NAN, 1, 0, -1]),
        ("where(charge == 0, -7, charge)", [-7, -999], [1, -1, NAN, 1, NAN, -1]),
        ("sum(pt)", -999, [0, 50, 90, NAN, 24, 20]),
        ("sum(pt[isfinite(pt)])", -999, [0, 50, 90, 50, 24, 20]),
        ("pt[1]", "nan", [NAN, NAN, 40, -999, 8, NAN]),
        ("pt[1]", [-999, NAN], [NAN, NAN, 40, NAN, 8, NAN]),
        ("pt[place]", [NAN, -999], [NAN, NAN, NAN, 50, 7, NAN]),  # an index is none of the numbers that may be missing
        ("pt[argmax(eta)]", [NAN, -999], [NAN, 50, 50, NAN, 8, 20]),
    ],
)
def test_a_sentinel_is_nan_in_all_that_is_computed_of_it(tmp_path, text, missing, expected) -> None:
    assert column(tmp_path, text, missing) == pytest.approx(expected, nan_ok=True)


def test_definitions_are_of_branches_in_which_it_is_nan(tmp_path) -> None:
    known = {"definitions": {"doubled": "2 * mass", "lead": "argmax(eta)", "far": "abs(doubled)"}}
    assert column(tmp_path, "far + 0 * pt[lead]", [-999, NAN], **known) == pytest.approx(
        [NAN, NAN, 60, NAN, NAN, 120], nan_ok=True
    )
    assert column(tmp_path, "far", -999, **known, selection="far > 50") == pytest.approx(
        [NAN, 60, 80, NAN, 120], nan_ok=True
    )  # the selection sees 2 * -999
    assert column(tmp_path, "far", [], **known)[1] == 1998


def test_no_place_is_missing_by_its_sentinel(tmp_path) -> None:
    assert column(tmp_path, "pt[place - 0]", -999, selection="place == -999") == pytest.approx([NAN], nan_ok=True)
    with pytest.raises(SnakerootError, match="'pt' is empty there"):
        column(tmp_path, "pt[place]", -999)


def test_what_is_missing_is_counted_in_rows_that_are_written(tmp_path) -> None:
    known = {"m": "mass", "c": "charge", "s": "score"}
    _, flow = run_features(ntuple(tmp_path), features=known, missing={"m": -999, "c": -999}, selection="mass < 60")
    assert flow["missing"] == {"m": 2, "c": 1}
    assert flow["non_finite"] == {}
    _, flow = run_features(ntuple(tmp_path), features={"e": "event"}, missing=-999)
    assert "missing" not in flow  # as ever, where nothing is


def test_the_selection_the_weight_and_spectators_see_the_file_as_it_is(tmp_path) -> None:
    changed = {"selection": "mass != -999", "weight": "w", "spectators": ["charge"], "missing": [-999, -1]}
    found, _ = run_features(ntuple(tmp_path), features={"s": "score"}, **changed)
    assert found["id_event"].to_pylist() == [0, 2, 3, 5]
    assert found["charge"].to_pylist() == [1, -999, 1, -1]
    assert found["weight"].to_pylist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "missing", "says"),
    [
        (
            "sqrt(charge)",
            -999,
            r"feature 'x' .* NaN .* in 2 selected entries, the first of them entry 1: .*missing: nan",
        ),
        ("pt[1]", -999, r"feature 'x' \(pt\[1\]\) is NaN or infinite in 3 selected entries"),
        ("1 / charge", [-999, "nan"], r"feature 'x' .*entry 4: '1 / charge' is infinite there"),
    ],
)
def test_what_is_undefined_for_another_reason_is_refused_as_ever(tmp_path, text, missing, says) -> None:
    with pytest.raises(SnakerootError, match=says):
        column(tmp_path, text, missing)


def test_a_missing_target_is_refused_or_dropped(tmp_path) -> None:
    known = {"features": {"s": "score"}, "missing": -999, "target": "mass"}
    with pytest.raises(
        SnakerootError, match=r"the target \(mass\) is missing \(-999\) in 2 .* entry 1: select them aw"
    ):
        run_features(ntuple(tmp_path), **known)
    found, flow = run_features(ntuple(tmp_path), **known, non_finite="drop")
    assert found["target"].to_pylist() == [10, 30, 40, 60]
    assert (flow["non_finite"], "missing" in flow) == ({"target": 2}, False)


def test_objects_that_are_missing_are_no_objects_of_a_sequence(tmp_path) -> None:
    block = {"order_by": "pt", "length": 2, "channels": {"pt": "pt", "eta": "eta"}}
    known = {"features": {}, "sequences": {"jets": block}}
    found, flow = run_features(ntuple(tmp_path), **known, missing=-999)
    blocks = np.array(found["jets"].to_pylist()).reshape(ENTRIES, 3, 2)
    assert blocks[3].tolist() == [[2, 0], [50, 0], [1, 0]]  # eta, pt, mask
    assert (flow["missing"], flow["clipped"]) == ({"jets": 1}, {"jets": 1})
    other = {**block, "channels": {"mass": "mass"}}
    with pytest.raises(SnakerootError, match=r"the sequence 'jets' is missing \(-999\) in 2 selected entries"):
        run_features(ntuple(tmp_path), features={}, sequences={"jets": other}, missing={"jets": -999})


NUMBERS = st.sampled_from([-999.0, -9.0, 0.0, 1.0, 2.5])


@settings(max_examples=30)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8), st.sampled_from([[-999], [-999, -9]]))
def test_a_sum_is_missing_where_a_part_is(tmp_path_factory, pairs, missing) -> None:
    folder, (x, y) = tmp_path_factory.mktemp("n"), np.array(pairs).T
    columns = {"run": np.ones(len(x), int), "event": np.arange(len(x)), "a": x, "b": y.astype(np.float32)}
    found, _ = run_features(write_ntuple(folder / "n.root", columns), features={"x": "2 * a + b"}, missing=missing)
    expected = [NAN if {one, other} & set(missing) else 2 * one + other for one, other in pairs]
    assert found["x"].to_pylist() == pytest.approx(expected, nan_ok=True)


# ---- scaling and networks, against scikit-learn

TWO = [Input(name="x0", missing=True), Input(name="x1")]


def with_gaps(rows: int, seed: int, share: float = 0.3) -> np.ndarray:
    random = np.random.default_rng(seed)
    found = random.normal([3.0, -1.0], [2.0, 0.5], (rows, 2)).astype(np.float32)
    found[random.random(rows) < share, 0] = np.nan
    return found


def write(folder: Path, name: str, *parts: np.ndarray) -> list[Path]:
    paths = [folder / f"{name}{number}.parquet" for number in range(len(parts))]
    for path, rows in zip(paths, parts, strict=True):
        made = table_of(x0=rows[:, 0], x1=rows[:, 1])
        tables.write([made], made.schema, path)
    return paths


def scaled_by(folder: Path, *parts: np.ndarray, known: list[Input] = TWO) -> dict[str, dict[str, list[float]]]:
    scale(ScaleSettings(inputs=known), write(folder, "train", *parts), folder / "scaling.json")
    found: dict[str, dict[str, list[float]]] = read_json(folder / "scaling.json")
    return {name: found[name] for name in ("x0", "x1")}


def test_the_scaling_is_of_known_values_with_their_median(tmp_path) -> None:
    rows = with_gaps(301, 1)
    found = scaled_by(tmp_path, rows[:100], rows[100:100], rows[100:])
    reference, imputer = (
        StandardScaler().fit(rows.astype(float)),
        SimpleImputer(strategy="median").fit(rows.astype(float)),
    )
    for place, name in enumerate(found):
        assert found[name]["mean"][0] == pytest.approx(reference.mean_[place], rel=1e-12)
        assert found[name]["standard_deviation"][0] == pytest.approx(reference.scale_[place], rel=1e-12)
    assert found["x0"]["median"][0] == imputer.statistics_[0]
    assert found["x0"]["missing"] == [np.isnan(rows[:, 0]).sum()]
    assert found["x1"].keys() == {"mean", "standard_deviation"}


def test_a_feature_that_is_always_missing_is_refused(tmp_path) -> None:
    rows = with_gaps(20, 1, share=2.0)
    with pytest.raises(SnakerootError, match="'x0' is missing in all 20 rows of the train split: leave it out"):
        scaled_by(tmp_path, rows)


@pytest.mark.parametrize("architecture", ["mlp", "linear", "autoencoder", "gbdt"])
def test_layers_get_medians_and_indicators_or_nan(tmp_path, architecture) -> None:
    train_rows, rows = with_gaps(200, 1).astype(float), with_gaps(50, 2)
    scaling = scaled_by(tmp_path, train_rows.astype(np.float32))
    told = networks.indicators(architecture, TWO, scaling)
    some = {"components": 1} if architecture == "autoencoder" else {}
    network = networks.build(architecture, some, TWO, 1, told).double()
    networks.scale(network, scaling)
    found = network.scaled(torch.from_numpy(rows)).numpy()
    standard = StandardScaler().fit(train_rows)
    imputed = standard.transform(SimpleImputer(strategy="median").fit(train_rows).transform(rows.astype(float)))
    indicator = MissingIndicator().fit(train_rows).transform(rows)
    expected = {
        "autoencoder": imputed,
        "gbdt": standard.transform(rows.astype(float)),
    }.get(architecture, np.hstack([imputed, indicator]))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert network.width == expected.shape[1]
    if architecture != "gbdt":  # of which no tree is there yet
        assert torch.isfinite(network(torch.from_numpy(rows))).all()


def test_what_is_missing_nowhere_in_train_has_no_indicator_and_still_a_median(tmp_path) -> None:
    scaling = scaled_by(tmp_path, with_gaps(50, 1, share=-1.0))
    assert networks.indicators("mlp", TWO, scaling) == []
    network = networks.build("mlp", {}, TWO, 1)
    networks.scale(network, scaling)
    assert torch.isfinite(network(torch.tensor([[NAN, 0.0]]))).all()
    assert torch.isnan(network(torch.tensor([[0.0, NAN]]))).all()  # x1 is never to be missing, so this is told


def test_a_network_without_missing_inputs_is_what_it_was() -> None:
    plain = [Input(name="x0"), Input(name="x1")]
    assert networks.build("mlp", {}, plain, 1).state_dict().keys() == {
        *("mean", "standard_deviation", "target_mean", "target_standard_deviation"),
        *(f"layers.{layer}.{kind}" for layer in (0, 2, 4) for kind in ("weight", "bias")),
    }
    assert "missing_left" not in networks.build("gbdt", {}, plain, 1).layers.state_dict()
    assert "missing" not in plain[0].model_dump()


def test_unsupervised_metrics_are_of_the_imputed_rows(tmp_path) -> None:
    scaling = scaled_by(tmp_path, with_gaps(50, 1))
    rows = with_gaps(20, 2)
    [features_file] = write(tmp_path, "test", rows)
    whole = tables.read(features_file)
    fold = pa.array(np.zeros(len(rows), np.int8))
    columns = {
        "id_event": np.arange(len(rows)),
        "fold": fold,
        "error_0": np.ones(len(rows)),
        "coordinate.0_0": rows[:, 1],
    }
    made = pa.table({**{name: whole[name] for name in ("sample", "part", "entry", "weight")}, **columns})
    tables.write([made], made.schema, tmp_path / "predictions.parquet")
    model = Measured(name="pca", networks=1, inputs=TWO)
    known = Metrics(task="t", kind="unsupervised", models=[model], bootstrap=2, seed=1)
    sources = Sources([features_file], [tmp_path / "scaling.json"])
    found = unsupervised.read(tmp_path / "predictions.parquet", "test", model, known, sources)
    network = networks.build("pca", {"components": 1}, TWO, 0)
    networks.scale(network, scaling)
    expected = network.double().scaled(torch.from_numpy(rows)).numpy()
    np.testing.assert_allclose(found.inputs, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.spread, (expected**2).mean(axis=1), rtol=1e-5)


def trained(folder: Path, architecture: str, kind: str = "binary", **training: object) -> tuple[dict, torch.nn.Module]:
    """Train on two samples whose x0 is missing in a share of the rows that tells them apart."""
    known = splits.metadata(folder, 2)
    files = {}
    for split in ("train", "validation"):
        files[split] = splits.create(folder, split, 2000, 2)
        for path, share in zip(files[split], (0.2, 0.6), strict=True):
            table = tables.read(path)
            gone = np.random.default_rng(len(split)).random(table.num_rows) < share
            column = pa.array(np.where(gone, np.float32(np.nan), table["x0"].to_numpy()))
            table = table.set_column(table.schema.get_field_index("x0"), "x0", column)
            tables.write([table], table.schema, path)
    scale(ScaleSettings(inputs=TWO), files["train"], known["scaling"])
    outputs = {key: folder / key for key in ("weights", "metadata", "history", "checkpoint")}
    chosen = TrainSettings(
        kind=kind,
        classes=["background", "signal"] if kind == "binary" else [],
        architecture=architecture,
        settings={},
        inputs=TWO,
        training=Training.model_validate({"max_epochs": 20} | training),
        seed=1,
    )
    train(
        chosen,
        "spec",
        **files,
        **known,
        **outputs,
        **NOTHING,
        accelerator="auto",
        gpus=1,
    )
    return read_json(outputs["metadata"]), load(outputs["weights"], outputs["metadata"])


@pytest.mark.parametrize("architecture", ["mlp", "linear"])
def test_a_trained_network_takes_nan_and_uses_the_indicator(tmp_path, architecture) -> None:
    metadata, network = trained(tmp_path, architecture, learning_rate=0.02, max_epochs=10)
    assert metadata["indicators"] == ["x0"]
    assert metadata["inputs"][0] == {**metadata["inputs"][1], "name": "x0", "missing": True}
    assert load_file(tmp_path / "weights").keys() == network.state_dict().keys()
    median = float(network.median[0])
    with torch.no_grad():
        missing, there = network(torch.tensor([[NAN, 0.0], [median, 0.0]]))
    assert missing > there + 0.5  # signal is missing three times as often


def test_streamed_rows_give_the_same_network(tmp_path) -> None:
    digests = []
    for name, budget in (("whole", None), ("streamed", 0.075)):
        (tmp_path / name).mkdir()
        more = {"memory_budget": budget} if budget else {}
        metadata, _ = trained(tmp_path / name, "mlp", max_epochs=2, shuffle_window=2000, **more)
        digests.append(metadata["weights"])
    assert digests[0] == digests[1]


@pytest.mark.parametrize("architecture", ["pca", "kmeans", "gaussian_mixture"])
def test_unsupervised_models_take_the_median(tmp_path, architecture) -> None:
    some = {"components": 1} if architecture == "pca" else {}
    module = ARCHITECTURES.load(architecture)
    scaling = scaled_by(tmp_path, with_gaps(200, 1))
    network = networks.build(architecture, some, TWO, 0, networks.indicators(architecture, TWO, scaling)).double()
    networks.scale(network, scaling)
    assert module.MISSING == "imputed"
    filled = torch.tensor([[NAN, 0.3], [scaling["x0"]["median"][0], 0.3]])
    one, other = network.scaled(filled)
    assert torch.equal(one, other)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_boosted_trees_send_nan_where_scikit_learn_does(tmp_path, share) -> None:
    """Also that of a feature which is missing nowhere in the train split."""

    def data(seed: int, rows: int = 800) -> Data:
        x = with_gaps(rows, seed, share or -1.0).astype(float)
        target = (np.where(np.isnan(x[:, 0]), 1.0, x[:, 0] - 3) + x[:, 1] > -1).astype(float)
        return together(*map(torch.from_numpy, (x, target, np.ones(rows))))

    training = Training(max_epochs=30, patience=30)
    problem = Problem(data(1), data(2), OBJECTIVES.load("binary").make(training, 2, 1.0), 7, TWO)
    found = gbdt.fit(gbdt.Architecture(), training, problem)
    model = HistGradientBoostingClassifier(max_iter=found.best, early_stopping=False, random_state=7)
    model.fit(*(column.numpy() for column in problem.train[:3]))
    rows = with_gaps(300, 3, 0.5).astype(float)
    with torch.no_grad():
        scores = torch.sigmoid(found.layers(torch.from_numpy(rows)))[:, 0]
    np.testing.assert_allclose(scores, model.predict_proba(rows)[:, 1], rtol=1e-9)


def test_boosted_trees_through_the_stage(tmp_path) -> None:
    metadata, network = trained(tmp_path, "gbdt")
    assert "indicators" not in metadata
    assert "layers.missing_left" in load_file(tmp_path / "weights")
    with torch.no_grad():
        assert network(torch.tensor([[NAN, 0.0]]))[0, 0] > network(torch.tensor([[0.0, 0.0]]))[0, 0]


# ---- the config, figures and the report


@pytest.fixture
def project(tmp_path, monkeypatch) -> None:
    """A folder with a ntuple."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.root").touch()


@pytest.mark.parametrize(
    ("written", "of_ht", "of_mass"),
    [
        (-999, [-999], [-999]),
        ("nan", ["nan"], ["nan"]),
        ([-999, NAN], [-999, "nan"], [-999, "nan"]),
        ({"ht": [-9, NAN]}, [-9, "nan"], []),
    ],
)
def test_the_config_says_which_values_are_missing(project, written, of_ht, of_mass) -> None:
    text = edited("missing", written)
    found = load_tasks(text)
    task = found.tasks["task0"]
    assert (task.missing_values("ht"), task.missing_values("mass")) == (of_ht, of_mass)
    features = settings_of(plan.features.features(found, "task0", "zz", next(iter(found.parts["task0"]["zz"]))))
    assert features["missing"] == ({"ht": of_ht} if isinstance(written, dict) else of_ht)
    flags = {one["name"]: one.get("missing", False) for one in settings_of(plan.scale.scale(found, "task0"))["inputs"]}
    assert flags == {"ht": bool(of_ht), "mass": bool(of_mass)}


def test_without_the_key_no_spec_has_it(project) -> None:
    found = load_tasks(TASK)
    part = next(iter(found.parts["task0"]["zz"]))
    for spec in (
        plan.features.features(found, "task0", "zz", part),
        plan.scale.scale(found, "task0"),
        plan.train.train(found, "task0", "mlp", "0", "0"),
    ):
        assert "missing" not in spec.partition('"settings"')[2]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"hq": -999}, r"missing\.hq: no such input: .*ht"),
        ({"target": -999}, r"missing\.target: no such input"),
        ({"target": 1}, r"missing\.target: no such input"),
        (True, r"missing: a number is wanted, not true"),
        (["none"], r"missing\.0: a finite number is wanted, or nan"),
        ({"ht": []}, r"missing\.ht: "),
        (math.inf, r"missing\.0: a finite"),
    ],
)
def test_what_is_no_value_of_an_input_is_refused(project, written, says) -> None:
    refused(r"^tasks/task0.yaml:\d+:\d+: " + says, edited("missing", written))


def test_a_histogram_states_what_is_missing() -> None:
    table = table_of("vbf", 1, x0=np.r_[np.full(25, np.nan), np.linspace(0, 1, 75)].astype(np.float32)).to_pandas()
    known = {
        "luminosity": None,
        "energy": None,
        "rows": "events",
        "feature": "x0",
        "axis": {"range": [-1, 2]},
        "samples": [{"name": "vbf", "label": "VBF", "class_name": "signal"}],
    }
    for missing, word in ((True, "missing"), (False, "undefined")):
        figure, numbers = figures.of_input(known | {"missing": missing}, table)
        assert [text.get_text() for text in figure.axes[0].texts] == [f"not shown: 25 % {word}"]
        assert numbers["value"].sum() == pytest.approx(1)


def test_the_report_counts_what_is_missing_by_sample() -> None:
    parts = [
        {"sample": "vbf", "missing": {"mjj": 3}},
        {"sample": "vbf", "missing": {"mjj": 1, "deta": 2}},
        {"sample": "zz"},
    ]
    known = {"samples": {"vbf": {"written": 10}, "zz": {"written": 5}}}
    found = summaries.missing(["vbf", "zz"], parts, known)
    assert isinstance(found, pd.DataFrame)
    assert found.loc["mjj"].tolist() == ["4", "0.4000", "0", "0.0000"]
    assert found.loc["deta"].tolist() == ["2", "0.2000", "0", "0.0000"]
    assert summaries.missing(["zz"], [parts[2]], known) is None


def test_definitions_of_objects_are_refused(project) -> None:
    text = edited("definitions", {"hard": "pt > 3"}, edited("rows", "pt", edited("missing", -999)))
    refused(
        r"missing: with rows: pt the definition 'hard' does not know", edited("features", {"x": "hard + pt_x"}, text)
    )
