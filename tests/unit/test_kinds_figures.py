"""Figures and metrics of tasks that are not binary, through their public commands, on predictions written here."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from matplotlib.colors import to_hex
from sklearn import metrics as sklearn_metrics
from snakeroot import plotting
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import metrics, representations, residuals
from snakeroot.evaluate.__main__ import main as draw
from snakeroot.evaluate.common import history
from snakeroot.evaluate.join import column
from snakeroot.evaluate.multiclass import class_scores
from snakeroot.evaluate.predictions import multiclass, regression
from snakeroot.evaluate.regression import prediction, profiles, pull
from snakeroot.evaluate.unsupervised import _density, clusters
from snakeroot.evaluate.unsupervised import errors as unsupervised_errors
from snakeroot.jobs.command import main
from snakeroot.networks.metrics import METRICS

ABOVE = {"luminosity": 140.0, "energy": 13.0}
MODEL = {"name": "net", "label": "dense network"}
CLASSES = [{"name": name, "label": name} for name in ("a", "b", "signal")]
DISCRIMINANT = {"signal": "signal", "fractions": {"a": 0.2, "b": 0.8}}
SAMPLES = [{"name": name, "label": name, "class_name": name} for name in ("one", "two")]
TARGET = {"label": "mass", "unit": "GeV", "range": [0, 100], "bins": 20}
SPLITS = ("train", "validation", "test")
COUNT = 600


def write(columns, path):
    table = pa.table(columns)
    tables.write([table], table.schema, path)


def common(split):
    """Half of the rows are of each sample; entries count from where those of the split begin."""
    random = np.random.default_rng(SPLITS.index(split))
    names = np.repeat(["one", "two"], COUNT // 2)
    entry = np.tile(np.arange(COUNT // 2), 2) + SPLITS.index(split) * COUNT
    columns = {
        "id_event": np.arange(COUNT),
        "sample": pa.array(names).dictionary_encode(),
        "part": pa.array(["p"] * COUNT).dictionary_encode(),
        "entry": entry,
        "fold": pa.array([0] * COUNT, pa.int8()),
        "weight": random.uniform(0.5, 1.5, COUNT),
    }
    return columns, random


def beside(replicas, name):
    return {f"{name}_{number}": one for number, one in enumerate(replicas)} | {name: np.mean(replicas, axis=0)}


def of_kind(kind, split, replicas=1):
    columns, random = common(split)
    if kind == "multiclass":
        target = random.integers(0, 3, COUNT)
        raw = [np.exp(random.normal(size=(COUNT, 3)) + 2 * np.eye(3)[target]) for _ in range(replicas)]
        scores = [one / one.sum(axis=1, keepdims=True) for one in raw]
        more = {"target": pa.array(target, pa.int8())}
        for number, one in enumerate(CLASSES):
            more |= beside([score[:, number] for score in scores], f"score.{one['name']}")
    elif kind == "regression":
        target = random.uniform(0, 100, COUNT).astype(np.float32)
        more = {
            "target": target,
            **beside([target + random.normal(0, 5, COUNT) for _ in range(replicas)], "prediction"),
        }
    else:
        where = random.normal(np.repeat([[0.0, 0.0], [4.0, 4.0]], COUNT // 2, axis=0), 1.0)
        member = np.eye(3)[np.where(where.sum(axis=1) > 4, 2, 0)] if kind == "clusters" else where
        more = {"target": pa.nulls(COUNT, pa.int8()), **beside([random.uniform(0.1, 0.5, COUNT)], "error")}
        for number, values in enumerate(member.T):
            more |= beside([values], f"coordinate.{number}")
    return {**columns, **more}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The files of one small task of each kind; `measured` is a column of features, `x` and `y` are inputs."""
    folder = tmp_path_factory.mktemp("kinds")
    for kind in ("multiclass", "regression", "latent", "clusters"):
        for split in SPLITS:
            write(
                of_kind(kind, split, replicas=2 if kind in ("multiclass", "regression") else 1),
                folder / f"{kind}-{split}.parquet",
            )
    for sample in ("one", "two"):
        rows = 3 * COUNT
        random = np.random.default_rng(len(sample))
        columns = {
            "sample": pa.array([sample] * rows).dictionary_encode(),
            "part": pa.array(["p"] * rows).dictionary_encode(),
            "entry": np.arange(rows),
            "measured": np.arange(rows) + (0.5 if sample == "two" else 0.0),
            **{name: random.normal(5.0, 2.0, rows).astype(np.float32) for name in "xy"},
        }
        write(columns, folder / f"features-{sample}.parquet")
    write_json({name: {"mean": [5.0], "standard_deviation": [2.0]} for name in "xy"}, folder / "scaling.json")
    write_json({"parameters": 3, "epochs": 4, "best_epoch": 2}, folder / "model.json")
    return folder


def measure(folder, target, kind, **more):
    files = "latent" if kind == "unsupervised" else kind
    found = "clusters" if more.pop("clusters", False) else files
    model = {"name": "net", "networks": 1, "clusters": found == "clusters"}
    if kind == "unsupervised":
        model["inputs"] = [{"name": "x"}, {"name": "y"}]
    settings = {"task": "toy", "kind": kind, "models": [model], "bootstrap": 20, "seed": 1, **more}
    predictions = [str(folder / f"{found}-{split}.parquet") for split in SPLITS]
    features = [str(folder / f"features-{sample}.parquet") for sample in ("one", "two")]
    arguments = ["--spec", json.dumps({"settings": settings}), "--predictions", *predictions]
    arguments += ["--metadata", str(folder / "model.json"), "--features", *features]
    arguments += ["--scalings", str(folder / "scaling.json"), "--metrics", str(target / f"{found}.json")]
    main(metrics.make, arguments)
    return read_json(target / f"{found}.json")


@pytest.fixture(scope="module")
def measured(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    return {
        "multiclass": measure(project, folder, "multiclass", classes=[one["name"] for one in CLASSES]),
        "regression": measure(project, folder, "regression", reference="measured"),
        "latent": measure(project, folder, "unsupervised"),
        "clusters": measure(project, folder, "unsupervised", clusters=True),
        "folder": folder,
    }


def test_metrics_of_classes_have_the_ensemble_and_its_classes(measured, project):
    found = measured["multiclass"]
    assert (found["kind"], found["classes"]) == ("multiclass", ["a", "b", "signal"])
    model = found["models"]["net"]
    assert set(model["test"]["auc"]) == {"a", "b", "signal"}
    assert model["test"]["auc_macro_spread"] > 0
    assert model["ensemble"]["test"]["auc_macro"] > model["test"]["auc_macro"]
    assert np.sum(model["test"]["unweighted"]["confusion_sums"]) == pytest.approx(COUNT)


def test_the_reference_is_measured_at_its_own_rows(measured, project):
    table = tables.read(project / "regression-test.parquet").to_pandas()
    shift = np.where(table["sample"] == "two", 0.5, 0.0)
    values = column(project / "regression-test.parquet", sorted(project.glob("features-*")), "measured")
    np.testing.assert_array_equal(values, table["entry"] + shift)
    found = measured["regression"]["reference"]
    assert found["column"] == "measured"
    known = {"sample_weight": table["weight"]}
    expected = sklearn_metrics.mean_absolute_error(table["target"], values, **known)
    assert found["test"]["mae"] == pytest.approx(expected)
    assert measured["regression"]["models"]["net"]["test"]["mae"] < 6


def test_what_has_no_target_is_measured_in_its_scaled_inputs(measured, project):
    rows = representations.read(project / "latent-test.parquet", "test", "net")
    scaled = np.stack(
        [(column(project / "latent-test.parquet", sorted(project.glob("features-*")), name) - 5) / 2 for name in "xy"]
    )
    square = np.average((scaled**2).mean(axis=0), weights=rows.weight)
    found = measured["latent"]["models"]["net"]
    error = np.average(rows.errors[0], weights=rows.weight)
    assert found["test"]["error"] == pytest.approx(error)
    assert found["test"]["explained_variance"] == pytest.approx(1 - error / square)
    assert found["test"]["silhouette"] == pytest.approx(
        sklearn_metrics.silhouette_score(rows.coordinates[0], rows.sample)
    )
    assert "adjusted_rand" not in found["test"]
    assert "ensemble" not in found
    found = measured["clusters"]["models"]["net"]["test"]
    rows = representations.read(project / "clusters-test.parquet", "test", "net")
    cluster = rows.coordinates[0].argmax(axis=1)
    assert found["unweighted"]["adjusted_rand"] == pytest.approx(
        sklearn_metrics.adjusted_rand_score(rows.sample, cluster), abs=1e-12
    )
    assert found["silhouette"] == pytest.approx(sklearn_metrics.silhouette_score(scaled.T, cluster), abs=1e-9)
    assert found["purity"] > 0.95


def command(kind, project, measured, target):
    """Arguments that draw a figure."""
    files = {name: str(project / f"{name}-test.parquet") for name in ("multiclass", "regression", "latent", "clusters")}
    features = [str(path) for path in sorted(project.glob("features-*"))]
    several = {**ABOVE, "models": [MODEL], "target": TARGET}
    model = {**ABOVE, "model": MODEL}
    reference = {"reference": {"name": "measured", "label": "measured"}, "residual": "absolute"}
    of_samples = {**model, "samples": SAMPLES}
    metrics_of = {name: str(measured["folder"] / f"{name}.json") for name in ("multiclass", "regression")}
    compared = {"predictions": [files["regression"]], "measured": features, "metrics": [metrics_of["regression"]]}
    settings, given = {
        "class-roc": (
            {**ABOVE, "models": [MODEL], "classes": CLASSES},
            {"predictions": [files["multiclass"]], "metrics": [metrics_of["multiclass"]]},
        ),
        "confusion": ({**model, "classes": CLASSES}, {"test": [files["multiclass"]]}),
        "class-scores": (
            {**model, "classes": CLASSES},
            {"train": [str(project / "multiclass-train.parquet")], "test": [files["multiclass"]]},
        ),
        "prediction": ({**model, "target": TARGET}, {"test": [files["regression"]]}),
        "residuals": (several | reference, compared),
        "response": (several | reference, compared),
        "profiles": (
            several | reference | {"profiled": [{"name": name, "axis": {"label": name, "bins": 4}} for name in "xy"]},
            compared | {"columns": features},
        ),
        "pull": ({**ABOVE, "models": [MODEL], "replicated": ["net"]}, {"predictions": [files["regression"]]}),
        "discriminant": (
            {**ABOVE, "models": [MODEL], "classes": CLASSES, "discriminant": DISCRIMINANT},
            {"predictions": [files["multiclass"]]},
        ),
        "errors": (of_samples, {"test": [files["latent"]]}),
        "latent": ({**of_samples, "seed": 1}, {"test": [files["latent"]]}),
        "clusters": (of_samples, {"test": [files["clusters"]]}),
    }[kind]
    arguments = ["--spec", json.dumps({"settings": settings})]
    for name, paths in given.items():
        arguments += [f"--{name}", *paths]
    return [kind, *arguments, "--figure", str(target / f"{kind}.svg")]


KINDS = (
    "class-roc",
    "confusion",
    "class-scores",
    "prediction",
    "residuals",
    "response",
    "profiles",
    "pull",
    "discriminant",
    "errors",
    "latent",
    "clusters",
)
PROGRAM = """
import json, sys
from snakeroot.evaluate.__main__ import main
for arguments in json.load(sys.stdin):
    main(arguments)
"""


@pytest.fixture(scope="module")
def drawn(project, measured, tmp_path_factory):
    """All figures, drawn here and by another process with warnings as errors."""
    here, there = (tmp_path_factory.mktemp("drawn") for _ in range(2))
    jobs = [command(kind, project, measured, there) for kind in KINDS]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            "PYTHONPATH": str(importlib.import_module("snakeroot").__path__[0].rsplit("/", 1)[0]),
            "PYTHONHASHSEED": "7",
        },
    )
    json.dump(jobs, process.stdin)
    process.stdin.close()
    for kind in KINDS:
        draw(command(kind, project, measured, here))
    complaints = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0, complaints
    return here, there


def test_bytes_of_all_figures_are_the_same_in_another_process(drawn):
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in drawn)
    assert set(one) == {f"{kind}.{form}" for kind in KINDS for form in ("svg", "png", "pdf", "csv")}
    assert [name for name in one if one[name] != other.get(name)] == []
    for kind in KINDS:
        assert len(one[f"{kind}.svg"]) < 400_000


def test_numbers_beside_the_figures_of_classes(drawn, measured):
    numbers = {kind: pd.read_csv(drawn[0] / f"{kind}.csv") for kind in KINDS}
    test = measured["multiclass"]["models"]["net"]["ensemble"]["test"]
    for name, curve in numbers["class-roc"].groupby("class"):
        area = np.trapezoid(curve["class_efficiency"], curve["others_efficiency"])
        assert area == pytest.approx(test["auc"][name], abs=1e-3)
    matrix = numbers["confusion"].pivot_table(index="class", columns="taken_for", values="share")
    np.testing.assert_allclose(matrix, test["confusion"], atol=1e-5)
    assert numbers["confusion"]["entries"].sum() == COUNT
    np.testing.assert_allclose(
        numbers["class-scores"].groupby(["split", "score", "class"])["value"].sum(), 1, rtol=1e-4
    )


def test_numbers_beside_the_figures_of_numbers(drawn, project):
    table = tables.read(project / "regression-test.parquet").to_pandas()
    inside = table["prediction"].between(0, 100, inclusive="left")
    cells = pd.read_csv(drawn[0] / "prediction.csv")
    assert cells["value"].sum() == pytest.approx(table.loc[inside, "weight"].sum(), rel=1e-4)
    shown = pd.read_csv(drawn[0] / "residuals.csv")
    assert set(shown["model"]) == {"net", "measured"}
    np.testing.assert_allclose(shown.groupby("model")["value"].sum(), 1, rtol=1e-4)
    points = pd.read_csv(drawn[0] / "response.csv").query("model == 'net'")
    low = points.iloc[3]
    own = table[table["target"].between(low["low"], low["high"], inclusive="left")]
    assert low["entries"] == len(own)
    difference = residuals.Order((own["prediction"] - own["target"].astype(float)).to_numpy())
    q16, q50, q84 = difference.quantiles(own["weight"].to_numpy(), (0.16, 0.5, 0.84))
    assert low["q50"] == pytest.approx(q50, rel=1e-4)
    assert low["resolution"] == pytest.approx((q84 - q16) / 2, rel=1e-4)


def test_profiles_are_quantiles_in_bins_of_a_column(drawn, project):
    """The column is found at the rows of the predictions, and is no input of the model."""
    points = pd.read_csv(drawn[0] / "profiles.csv")
    assert set(points["model"]) == {"net", "measured"}
    rows = tables.read(project / "regression-test.parquet").to_pandas()
    columns = pd.concat([tables.read(path).to_pandas() for path in sorted(project.glob("features-*"))])
    joined = rows.merge(columns, on=["sample", "part", "entry"], validate="one_to_one")
    for name in "xy":
        point = points[(points["model"] == "net") & (points["variable"] == name)].iloc[1]
        own = joined[joined[name].between(point["low"], point["high"], inclusive="left")]
        assert point["entries"] == len(own)
        difference = residuals.Order((own["prediction"] - own["target"].astype(float)).to_numpy())
        q16, q50, q84 = difference.quantiles(own["weight"].to_numpy(), (0.16, 0.5, 0.84))
        assert point["q50"] == pytest.approx(q50, rel=1e-4)
        assert point["resolution"] == pytest.approx((q84 - q16) / 2, rel=1e-4)


def test_a_profile_against_text_is_refused_and_what_is_missing_is_in_no_bin(project, tmp_path):
    rows = regression(project / "regression-test.parquet", "test", "net")
    changed = []
    for path in sorted(project.glob("features-*")):
        table = tables.read(path)
        x = table["x"].to_numpy().copy()
        x[2 * COUNT : 2 * COUNT + 10] = np.nan
        table = table.set_column(table.column_names.index("x"), "x", pa.array(x))
        changed.append(tmp_path / path.name)
        write({**dict(zip(table.column_names, table.columns, strict=True)), "t": ["a"] * len(x)}, changed[-1])
    values = profiles.read(rows.path, changed, ["x"])["x"]
    assert np.isnan(values).sum() == 20
    with pytest.raises(SnakerootError, match=r"evaluation\.profiles: 't' holds text"):
        profiles.read(rows.path, changed, ["t"])


def test_pulls_are_in_units_of_the_spread_over_replicas(drawn, project):
    rows = regression(project / "regression-test.parquet", "test", "net")
    known, found = pull.pulls(rows)
    assert known.all()
    one, two = rows.replicas
    np.testing.assert_allclose(found, ((one + two) / 2 - rows.target) / (np.abs(one - two) / np.sqrt(2)))
    table = pd.read_csv(drawn[0] / "pull.csv")
    assert table["value"].sum() == pytest.approx(1, rel=1e-4)
    same = replace(rows, replicas=[one, one.copy()])
    assert not pull.pulls(same)[0].any()
    settings = pull.Shown.model_validate({**ABOVE, "models": [MODEL], "replicated": ["net"]})
    figure, _ = pull.draw(settings, [same])
    assert "nan" in figure.axes[0].get_legend().get_texts()[0].get_text(), "nothing to say, and said"


def test_errors_of_clusters_are_those_of_a_bootstrap(project):
    rows = representations.read(project / "clusters-test.parquet", "test", "net")
    drawn_again = [
        clusters.composition(replace(rows, weight=rows.weight * factor))
        for factor in np.random.default_rng(2).poisson(1.0, (400, COUNT)).astype(float)
    ]
    found = clusters.composition(rows)
    for name in ("share_of_cluster", "share_of_sample"):
        spread = np.std([one[name] for one in drawn_again], axis=0)
        np.testing.assert_allclose(found[f"{name}_error"], spread, rtol=0.2, atol=1e-4)


def test_numbers_beside_the_figures_of_what_has_no_target(drawn):
    np.testing.assert_allclose(pd.read_csv(drawn[0] / "errors.csv").groupby("sample")["value"].sum(), 1, rtol=1e-4)
    cells = pd.read_csv(drawn[0] / "latent.csv")
    for name, own in cells.groupby("sample"):
        assert own["share"].sum() == pytest.approx(1.0, abs=0.03)
        centre = np.average(own[["coordinate_1", "coordinate_2"]], axis=0, weights=own["share"])
        np.testing.assert_allclose(centre, [0, 0] if name == "one" else [4, 4], atol=0.2)
    found = pd.read_csv(drawn[0] / "clusters.csv")
    np.testing.assert_allclose(found.groupby("sample")["share_of_sample"].sum(), 1.0, rtol=1e-4)
    shares = found.groupby("cluster")["share_of_cluster"].sum()
    assert shares[1] == 0  # an empty cluster
    np.testing.assert_allclose(shares[[0, 2]], 1.0, rtol=1e-4)


def test_a_class_has_the_colour_that_its_samples_have(project):
    found = {
        split: multiclass(project / f"multiclass-{split}.parquet", split, "net", ["a", "b", "signal"])
        for split in SPLITS
    }
    settings = class_scores.Shown.model_validate({**ABOVE, "model": MODEL, "classes": CLASSES})
    figure, _ = class_scores.draw(settings, found["train"], found["test"])
    handles, labels = figure.axes[0].get_legend_handles_labels()
    drawn = {
        label: to_hex(handle.get_edgecolor()) for handle, label in zip(handles, labels, strict=True) if "train" in label
    }
    expected = plotting.of_classes(one["name"] for one in CLASSES)
    assert drawn == {f"{name} (train)": colour for name, colour in expected.items()}
    assert expected["signal"] == plotting.SIGNAL[0]


@pytest.mark.parametrize(
    ("axis", "labels"),
    [
        ({"label": "target"}, ("Target", "Prediction")),
        ({"label": "target", "unit": "GeV"}, ("Target [GeV]", "Prediction [GeV]")),
        ({"label": "mass", "unit": "GeV"}, ("Target: mass [GeV]", "Prediction: mass [GeV]")),
    ],
)
def test_the_target_is_named_once(project, axis, labels):
    rows = regression(project / "regression-test.parquet", "test", "net")
    known = {**ABOVE, "model": MODEL, "number": 1, "target": axis, "rows": "jets"}
    settings = prediction.Shown.model_validate(known)
    figure, _ = prediction.draw(settings, rows)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == labels
    assert figure.axes[1].get_ylabel() == "Jets per cell"
    assert axes.lines[1].get_color() == plotting.stroke(1)["color"]


def test_rows_at_the_edge_of_the_plane_are_in_it_and_others_are_counted(project):
    """A target that is capped at a float32 a little above the user's number."""
    rows = regression(project / "regression-test.parquet", "test", "net")
    target = np.repeat([0.1, np.float64(np.float32(0.4)), 0.9], [100, 200, 100])
    weight = np.ones(400)
    rows = replace(
        rows, target=target, predicted=np.full(400, 0.2), weight=weight, event=np.arange(400), replicas=[target]
    )
    axis = {"label": "target", "range": [0, 0.4], "bins": 4}
    settings = prediction.Shown.model_validate({**ABOVE, "model": MODEL, "target": axis})
    figure, numbers = prediction.draw(settings, rows)
    assert numbers["value"].sum() == 300
    assert numbers["profile_entries"].dropna().tolist() == [0, 100, 0, 200]
    assert figure.legends[0].get_title().get_text() == "dense network; not shown: 25 % of the events"


def test_errors_without_a_logarithm_are_below_the_range(project):
    rows = representations.read(project / "latent-test.parquet", "test", "net")
    errors = rows.errors[0].copy()
    errors[:2] = [-1.0, 0.0]
    settings = unsupervised_errors.Shown.model_validate({**ABOVE, "model": MODEL, "samples": SAMPLES})
    figure, numbers = unsupervised_errors.draw(settings, replace(rows, errors=[errors], weight=np.ones(COUNT)))
    own = numbers.query("sample == 'one'")
    assert own["value"].iloc[0] * COUNT / 2 >= 2
    assert own["value"].sum() == pytest.approx(1)
    assert figure.axes[0].texts[0].get_text().startswith("not shown: ")


def test_contours_enclose_what_they_say():
    random = np.random.default_rng(3)
    points = random.normal(size=(200_000, 2))
    cells = _density.density(points, np.ones(len(points)), [(-5.0, 5.0), (-5.0, 5.0)])
    for level, share in zip(_density.enclosing(cells["share"].to_numpy()), (0.95, 0.68), strict=True):
        radius = np.sqrt(-2 * np.log(1 - share))  # of a normal distribution in two dimensions
        inside = cells[cells["share"] > level]
        assert np.hypot(inside["coordinate_1"], inside["coordinate_2"]).max() == pytest.approx(radius, abs=0.2)


def test_one_coordinate_is_drawn_as_a_distribution(project, tmp_path, measured):
    table = tables.read(project / "latent-test.parquet")
    table = table.drop_columns([name for name in table.column_names if name.startswith("coordinate.1")])
    tables.write([table], table.schema, tmp_path / "latent-test.parquet")
    arguments = command("latent", project, measured, tmp_path)
    arguments[arguments.index("--test") + 1] = str(tmp_path / "latent-test.parquet")
    draw(arguments)
    np.testing.assert_allclose(pd.read_csv(tmp_path / "latent.csv").groupby("sample")["value"].sum(), 1, rtol=1e-4)


def test_clusters_are_of_the_first_fold_alone(project):
    rows = representations.read(project / "clusters-test.parquet", "test", "net")
    whole = clusters.composition(rows)
    half = representations.Representations(
        rows.samples, rows.sample, np.arange(COUNT) % 2, rows.event, rows.weight, rows.errors, rows.coordinates
    )
    found = clusters.composition(half)
    assert found["weight"].sum() == pytest.approx(rows.weight[::2].sum())
    assert found["weight"].sum() < whole["weight"].sum()


@pytest.mark.parametrize(
    ("name", "said"),
    [("label", "'label' is string, not a number"), ("holes", "'holes' is not finite in 1 rows")],
)
def test_a_reference_that_is_no_number_is_an_error(project, tmp_path, name, said):
    for sample in ("one", "two"):
        table = tables.read(project / f"features-{sample}.parquet")
        holes = np.zeros(table.num_rows)
        holes[2 * COUNT] = np.nan if sample == "one" else 0.0
        table = table.append_column("label", pa.array(["x"] * table.num_rows)).append_column("holes", pa.array(holes))
        tables.write([table], table.schema, tmp_path / f"features-{sample}.parquet")
    with pytest.raises(Exception, match=said):
        column(project / "regression-test.parquet", sorted(tmp_path.glob("features-*")), name)


def test_features_of_other_rows_are_refused_by_name(project, tmp_path):
    files = sorted(project.glob("features-*"))
    table = tables.read(files[0]).slice(0, COUNT)
    tables.write([table], table.schema, tmp_path / "features-one.parquet")
    with pytest.raises(Exception, match=r"its rows are not those of .*features-one"):
        column(project / "regression-test.parquet", [tmp_path / "features-one.parquet", files[1]], "measured")
    with pytest.raises(Exception, match="no features of"):
        column(project / "regression-test.parquet", files[:1], "measured")


@pytest.mark.parametrize(
    ("rows", "rate", "label"), [(1, False, "Iteration"), (30, False, "Iteration"), (30, True, "Epoch")]
)
def test_history_has_a_panel_for_each_metric_and_names_its_steps(tmp_path, rows, rate, label):
    columns = {"epoch": pa.array(range(1, rows + 1), pa.int32())}
    columns |= {"learning_rate": np.full(rows, 0.1)} if rate else {}
    names = ("loss", "rmse", "mae", "r2")
    columns |= {f"{split}_{name}": np.linspace(1, 2, rows) for split in SPLITS[:2] for name in names}
    table = pa.table(columns).to_pandas()
    measured = [
        {"name": name, "title": METRICS.load(name).TITLE, "of_target": METRICS.load(name).OF_TARGET} for name in names
    ]
    known = {**ABOVE, "model": MODEL, "networks": ["fold0-replica0"], "metrics": measured, "unit": "GeV"}
    figure, _ = history.draw(history.Shown.model_validate(known), [table], [{"best_epoch": 1}])
    assert [axes.get_ylabel() for axes in figure.axes] == ["Loss", "RMSE [GeV]", "MAE [GeV]", "r²"]
    assert figure.axes[-1].get_xlabel() == label
