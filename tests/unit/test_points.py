"""Points of physics parameters: what a network learns from, at which points it scores, and how it is measured there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exports
import numpy as np
import pyarrow as pa
import pytest
import torch
from helpers import branches, table_of, write_ntuple
from matplotlib import pyplot as plt
from sklearn.metrics import roc_auc_score
from snakeroot.apply.model import load_all
from snakeroot.apply.scores import Counts, points_for, scores
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import points
from snakeroot.evaluate.binary import parameter
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics import make
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import load
from snakeroot.predict.__main__ import predict
from snakeroot.predict.combine import combine
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings
from snakeroot.train.__main__ import train
from snakeroot.train.data import Table, Target
from snakeroot.train.parallel import ALONE
from snakeroot.train.points import Points
from snakeroot.train.settings import TrainedAt, TrainSettings
from snakeroot.train.sources import Resident, Streamed
from trainings import NOTHING, scalars

MASSES = (400.0, 500.0, 600.0)
YIELDS = {400.0: 9.0, 500.0: 3.0, 600.0: 1.0}
"""Weights of signal, which differ as cross-sections do."""
CLASSES = ["background", "signal"]
INPUTS = scalars("x", "mass")


def write(folder: Path, seed: int, sizes: dict[str, int] | None = None) -> list[Path]:
    """Write signal of three masses, a sample each, and background of drawn ones, in row groups of 100."""
    random, paths = np.random.default_rng(seed), []
    folder.mkdir(parents=True)
    for sample, size in (sizes or {"bkg": 450, "s400": 230, "s500": 120, "s600": 250}).items():
        mass = float(sample[1:]) if sample != "bkg" else 0.0
        column = np.full(size, mass) if mass else random.choice(MASSES, size)
        x = random.normal(mass / 100 if mass else 3.0, 1.0, size)
        weight = random.uniform(0.5, 1.5, size) * YIELDS.get(mass, 1.0)
        features = {"x": x.astype(np.float32), "mass": column.astype(np.float32)}
        event = np.arange(size) + 10_000 * seed + 1000 * int(mass)
        made = table_of(sample, int(bool(mass)), weight, id_event=event, **features)
        paths.append(folder / f"{sample}.parquet")
        tables.write([made], made.schema, paths[-1])
    return paths


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(tables, "ROW_GROUP", 100)
    samples = ("bkg", "s400", "s500", "s600")
    write_json({"samples": {name: {"factor": 0.5} for name in samples}}, tmp_path / "normalisation.json")
    known = {"x": (4.0, 2.0), "mass": (500.0, 80.0)}
    scaling = {name: {"mean": [mean], "standard_deviation": [width]} for name, (mean, width) in known.items()}
    write_json(scaling, tmp_path / "scaling.json")
    splits = {name: write(tmp_path / name, seed) for seed, name in enumerate(("train", "validation", "test"), 1)}
    return {**splits, "normalisation": tmp_path / "normalisation.json", "scaling": tmp_path / "scaling.json"}


def at(*masses: float, told: bool = True) -> TrainedAt:
    return TrainedAt(parameters=["mass"], points=[[mass] for mass in masses], told=told)


def table(files: dict[str, Any], settings: TrainedAt, **more: Any) -> Table:
    known = files["normalisation"], INPUTS, Target(CLASSES, **more), lambda rows: rows
    return Table("train", files["train"], *known, points=Points(settings))


def rows(made: Table) -> tuple[np.ndarray, ...]:
    """All rows of a table: mass, target and training weight."""
    parts = [made.read(number) for number in range(len(made.groups))]
    features, target, weight, _ = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
    return features[:, 1], target, weight


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("masses", [MASSES, (400.0, 600.0), (500.0,)])
def test_a_network_learns_from_its_points_and_each_counts_alike(files, masses, told):
    every = tables.read_all(files["train"]).to_pandas()
    mass, target, weight = rows(table(files, at(*masses, told=told)))
    allowed = every["mass"].isin(masses)
    kept = every[(every["target"] == 1) & allowed | (every["target"] == 0) & (allowed | (not told))]
    assert len(mass) == len(kept)
    for number in (0, 1):
        np.testing.assert_array_equal(np.sort(mass[target == number]), np.sort(kept["mass"][kept["target"] == number]))
    of_points = [weight[(target == 1) & (mass == one)].sum() for one in masses]
    np.testing.assert_allclose(of_points, of_points[0], rtol=1e-5)
    assert sum(of_points) == pytest.approx(weight[target == 0].sum(), rel=1e-5)
    assert weight.mean() == pytest.approx(1, rel=1e-5)
    raw = kept["weight"][kept["target"] == 0]  # background keeps the weights that it has
    np.testing.assert_allclose(weight[target == 0] / raw, (weight[target == 0] / raw).mean(), rtol=1e-5)


def test_without_class_balance_the_signal_keeps_its_sum(files):
    every = tables.read_all(files["train"]).to_pandas()
    _, target, weight = rows(table(files, at(*MASSES), balance=False))
    sums = every.groupby("target")["weight"].sum()
    assert weight[target == 1].sum() / weight[target == 0].sum() == pytest.approx(sums[1] / sums[0], rel=1e-5)


def test_a_point_without_signal_or_whose_weights_cancel_is_refused(files):
    with pytest.raises(SnakerootError, match="weights of signal at mass=700 in the train split add up to 0"):
        table(files, at(400.0, 700.0))
    known = tables.read(files["train"][2])
    weight = np.where(np.arange(known.num_rows) % 2, 1.0, -1.0)
    place = known.column_names.index("weight")
    tables.write([known.set_column(place, "weight", pa.array(weight))], known.schema, files["train"][2])
    with pytest.raises(SnakerootError, match=r"signal at mass=500 .* 0 \(their magnitudes to 60\)"):
        table(files, at(*MASSES))


def fit(files: dict[str, Any], folder: Path, settings: TrainedAt, **training: Any) -> dict[str, Path]:
    folder.mkdir()
    made = {name: folder / f"model.{kind}" for name, kind in (("weights", "safetensors"), ("metadata", "json"))}
    known = TrainSettings.model_validate(
        {
            "kind": "binary",
            "classes": CLASSES,
            "architecture": "mlp",
            "settings": {"hidden": [4]},
            "inputs": INPUTS if settings.told else INPUTS[:1],
            "training": {"max_epochs": 2, "batch_size": 64, **training},
            "seed": 1,
            "trained_at": settings,
        }
    )
    paths = {name: files[name] for name in ("train", "validation", "normalisation", "scaling")}
    train(
        **(NOTHING | paths | made),
        settings=known,
        spec="",
        checkpoint=folder / "checkpoint",
        history=folder / "history.parquet",
        accelerator="cpu",
        gpus=0,
    )
    return made


def test_rows_of_other_points_do_not_exist_for_a_training_held_or_streamed(files, tmp_path):
    held = fit(files, tmp_path / "held", at(400.0, 600.0))
    made = table(files, at(400.0, 600.0))
    sources = (kind.load(made, 100, ALONE, torch.device("cpu")) for kind in (Resident, Streamed))
    for one, other in zip(*(list(source.in_order()) for source in sources), strict=True):
        assert all(map(torch.equal, one, other))
    for split in ("train", "validation"):
        for number, path in enumerate(files[split]):
            known = tables.read(path)
            own = known["mass"].to_numpy() != 500
            files[split][number] = path.with_stem(f"{path.stem}-rest")
            tables.write([known.filter(pa.array(own))], known.schema, files[split][number])
        files[split] = [path for path in files[split] if tables.read(path).num_rows]
    alone = fit(files, tmp_path / "alone", at(400.0, 600.0))
    parameters = [load(one["weights"], one["metadata"]).state_dict() for one in (held, alone)]
    for name, values in parameters[0].items():
        torch.testing.assert_close(values, parameters[1][name])
    assert read_json(held["metadata"])["trained_at"] == {"parameters": ["mass"], "points": [[400], [600]], "told": True}


def predicted(files: dict[str, Any], made: dict[str, Path], folder: Path) -> Path:
    settings = PredictSettings(
        kind="binary", classes=CLASSES, event_id=["event"], parameters=["mass"], points=[[mass] for mass in MASSES]
    )
    known = {"validation": [], "unlabelled": [], "calibration": [], "normalisation": files["normalisation"]}
    path = folder / "network.parquet"
    predict(settings, train=[], test=files["test"], predictions=[path], accelerator="cpu", gpus=0, **known, **made)
    combine(CombineSettings(replicas=1), [path], [folder / "test.parquet"])
    return folder / "test.parquet"


def test_each_row_is_scored_as_it_is_and_at_each_point(files, tmp_path):
    made = fit(files, tmp_path / "net", at(400.0, 600.0))
    found = tables.read(predicted(files, made, tmp_path / "net"))
    network, every = load(**made), tables.read_all(files["test"])
    for name, mass in [("score", every["mass"].to_numpy()), *((f"score@mass={one:g}", one) for one in MASSES)]:
        x = np.stack(np.broadcast_arrays(every["x"].to_numpy(), np.float32(mass)), axis=1)
        with torch.no_grad():
            wanted = torch.sigmoid(network(torch.from_numpy(x).float()).double())[:, 0]
        np.testing.assert_allclose(found[name].to_numpy(), wanted, rtol=1e-6)
        assert found[f"{name}_0"].equals(found[name])
    assert found["mass"].equals(every["mass"])
    blind = fit(files, tmp_path / "blind", at(*MASSES, told=False))
    names = tables.read(predicted(files, blind, tmp_path / "blind")).column_names
    assert not any(name.startswith("score@") for name in names)


def settings(**more: Any) -> Metrics:
    return Metrics(
        task="toy", parameters=["mass"], points=[[mass] for mass in MASSES], models=[], bootstrap=50, seed=1, **more
    )


def test_models_are_measured_at_each_point_against_all_background(files, tmp_path):
    told = fit(files, tmp_path / "told", at(400.0, 600.0), max_epochs=8)
    blind = fit(files, tmp_path / "blind", at(*MASSES, told=False))
    models = [
        Measured(name="told", networks=1, told=True, trained_at=[[400.0], [600.0]]),
        Measured(name="blind", networks=1, trained_at=[[mass] for mass in MASSES]),
    ]
    paths = [predicted(files, made, path) for made, path in ((told, tmp_path / "told"), (blind, tmp_path / "blind"))]
    found = {model.name: points.of_model(path, model, settings()) for model, path in zip(models, paths, strict=True)}
    assert [one["trained"] for one in found["told"]] == [True, False, True]
    for name, path in zip(found, paths, strict=True):
        known = tables.read(path).to_pandas()
        for one, mass in zip(found[name], MASSES, strict=True):
            own = known[(known["target"] == 0) | (known["mass"] == mass)]
            score = own[f"score@mass={mass:g}" if name == "told" else "score"]
            assert one["auc"] == pytest.approx(roc_auc_score(own["target"], score, sample_weight=own["weight"]))
            assert one["at"] == {"mass": mass}
            assert one["entries"] == own["target"].sum()
            assert one["auc_low"] < one["auc"] < one["auc_high"]
    [first, *_] = points.comparisons(found)
    assert (first["model"], first["reference"], first["at"]) == ("blind", "told", {"mass": 400.0})
    assert first["difference"] == pytest.approx(found["blind"][0]["auc"] - found["told"][0]["auc"])
    assert first["low"] <= first["difference"] <= first["high"]


def of_scores(tmp_path: Path, weight: Any, replicas: int = 1, masses: Any = None) -> Path:
    """Predictions of a network that is not told the mass."""
    random, rows = np.random.default_rng(1), 400
    target = (np.arange(rows) % 2).astype(np.int8)
    made = table_of(
        "any", 0, weight, id_event=np.arange(rows), mass=masses if masses is not None else random.choice(MASSES, rows)
    )
    made = made.set_column(made.column_names.index("target"), "target", pa.array(target))
    mass = pa.array(made["mass"].to_numpy().astype(np.float32))
    made = made.set_column(made.column_names.index("mass"), "mass", mass)
    made = made.append_column("fold", pa.array(np.zeros(rows, np.int8)))
    columns = [random.normal(target, 1.0) for _ in range(replicas)]
    for number, values in enumerate(columns):
        made = made.append_column(f"score_{number}", pa.array(1 / (1 + np.exp(-values))))
    made = made.append_column("score", pa.array(np.mean([1 / (1 + np.exp(-one)) for one in columns], axis=0)))
    tables.write([made], made.schema, tmp_path / "test.parquet")
    return tmp_path / "test.parquet"


def test_replicas_have_a_spread_and_an_ensemble(tmp_path):
    path = of_scores(tmp_path, np.ones(400), replicas=3)
    for one in points.of_model(path, Measured(name="net", networks=3, trained_at=[[400.0]]), settings()):
        assert one["replicas"] == 3
        assert one["auc_spread"] > 0
        assert one["ensemble"]["auc"] > one["auc"]  # of three scores with independent noise
        assert points.shown(one) is one["ensemble"]


def test_weights_of_both_signs_and_points_without_signal(tmp_path):
    random = np.random.default_rng(2)
    masses = np.where(np.arange(400) % 2, random.choice([400.0, 500.0], 400), 600.0)
    weight = np.where(random.random(400) < 0.3, -1.0, 1.5)
    cancelled = np.flatnonzero(masses == 500.0)
    weight[cancelled] = np.where(np.arange(len(cancelled)) % 2, 1.0, -1.0)
    weight[cancelled[-1]] *= len(cancelled) % 2 == 0
    path = of_scores(tmp_path, weight, masses=masses)
    first, second, third = points.of_model(path, Measured(name="net", networks=1, trained_at=[[400.0]]), settings())
    assert first["auc_low"] < first["auc_high"]
    assert set(second) == set(third) == {"at", "told", "trained", "entries"}
    assert third["entries"] == 0
    made = {"net": [first, second, third]}
    assert points.comparisons({**made, "same": made["net"]})[0]["difference"] == 0
    metrics = {
        "models": {name: {"points": made["net"]} for name in ("a", "b")},
        "points": points.comparisons({"a": made["net"], "b": made["net"]}),
    }
    shown = parameter.Shown(
        models=[{"name": name, "label": name, "number": number} for number, name in enumerate(("a", "b"))],
        parameters=[{"name": "mass", "axis": {"label": "m", "unit": "GeV"}}],
        luminosity=None,
        energy=None,
    )
    figure, numbers = parameter.draw(shown, metrics)
    plt.close(figure)
    assert numbers["auc"].isna().tolist() == [False, True, True] * 2


def test_metrics_have_all_models_at_all_points(tmp_path):
    path = of_scores(tmp_path, np.ones(400))
    write_json({"parameters": 1, "epochs": 1, "best_epoch": 1}, tmp_path / "model.json")
    models = [Measured(name=name, networks=1, trained_at=[[400.0]]) for name in ("a", "b")]
    known = settings().model_copy(update={"models": models})
    make(known, [path] * 6, [tmp_path / "model.json"] * 2, [], [], tmp_path / "metrics.json")
    found = read_json(tmp_path / "metrics.json")
    assert [one["at"]["mass"] for one in found["models"]["b"]["points"]] == list(MASSES)
    assert [one["difference"] for one in found["points"]] == [0, 0, 0]
    assert binary.at_points is points.of_model
    make(
        known.model_copy(update={"points": []}),
        [path] * 6,
        [tmp_path / "model.json"] * 2,
        [],
        [],
        tmp_path / "plain.json",
    )
    assert "points" not in read_json(tmp_path / "plain.json")


def test_an_exported_model_scores_an_ntuple_at_any_point(tmp_path, monkeypatch, caplog):
    ntuple = write_ntuple(tmp_path / "in.root", branches(40))
    inputs = [Input(name="x"), Input(name="mass")]
    told = {"parameters": ["mass"], "points": [[400.0], [600.0]]}
    paths, known = exports.exported(tmp_path, ntuple, inputs=inputs, described=told, features={"x": "x"})
    models = load_all(paths)
    about = models[0].description
    assert points_for(about, []) == [[400.0], [600.0]]
    assert points_for(about, ["mass=500", "mass=4.5e2"]) == [[500.0], [450.0]]
    caplog.clear()
    assert points_for(about, ["mass=700"]) == [[700.0]]
    assert "--at mass=700: net was trained at mass from 400 to 600" in caplog.text
    for wrong in ("mass", "mass=", "mas=500", "mass=500,width=3", "mass=nan", "mass=1e99"):
        with pytest.raises(SnakerootError, match="give a number for mass, as --at mass=400 or --at mass=600"):
            points_for(about, [wrong])
    with scores(models, str(ntuple), known, Counts(), [[500.0]]) as chunks:
        [chunk] = chunks
    x = branches(40)["x"].to_numpy().astype(np.float32)
    blocks = {"x": x[:, None], "mass": np.full((40, 1), 500, np.float32)}
    np.testing.assert_array_equal(chunk["predicted"]["score@mass=500"], models[0].run(blocks, 40)["score"])
    with pytest.raises(SnakerootError, match="--at mass=500: net is told no parameter: leave it out"):
        points_for(about.model_copy(update={"parameters": [], "points": []}), ["mass=500"])


def test_the_figure_has_several_parameters_beside_each_other_and_says_what_was_not_trained_at():
    at = [{"mass": 400.0, "width": 1.0}, {"mass": 400.0, "width": 10.0}, {"mass": 500.0, "width": 1.0}]
    measured = {"auc": 0.8, "auc_low": 0.79, "auc_high": 0.81, "entries": 10}
    ensemble = {"replicas": 3, "auc_spread": 0.01, "ensemble": {"auc": 0.9, "auc_low": 0.89, "auc_high": 0.92}}
    models = {
        "net": {
            "points": [{"at": one, "told": True, "trained": one["mass"] == 400, **measured, **ensemble} for one in at]
        },
        "plain": {"points": [{"at": one, "told": False, "trained": True, **measured} for one in at]},
    }
    compared = [
        {"at": one, "model": "plain", "reference": "net", "difference": -0.1, "low": -0.12, "high": -0.09} for one in at
    ]
    shown = parameter.Shown(
        models=[{"name": name, "label": name, "number": number} for number, name in enumerate(models)],
        parameters=[{"name": name, "axis": {"label": name}} for name in ("mass", "width")],
        luminosity=None,
        energy=None,
    )
    figure, numbers = parameter.draw(shown, {"models": models, "points": compared})
    _, lower = figure.axes[:2]
    assert [tick.get_text() for tick in lower.get_xticklabels()] == ["400, 1", "400, 10", "500, 1"]
    assert lower.get_xlabel() == "mass, width"
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["net (mean of 3)", "plain", "open: point not trained at"]
    plt.close(figure)
    assert numbers["auc"].tolist() == [0.9] * 3 + [0.8] * 3
    assert numbers["mean_auc"].tolist() == [0.8] * 6
    assert numbers["difference"].tolist()[3:] == [-0.1] * 3
    alone = shown.model_copy(update={"models": shown.models[:1]})
    figure, numbers = parameter.draw(alone, {"models": models, "points": []})
    assert len([axes for axes in figure.axes if axes.get_ylabel()]) == 1
    plt.close(figure)
    assert not parameter.applies(shown.model_copy(update={"parameters": []}))
