"""Figures: every kind through its public command, with bytes that depend on nothing but the numbers."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import figures
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from matplotlib.colors import to_hex
from snakeroot import plotting
from snakeroot.config.evaluation import Evaluation
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate import metrics
from snakeroot.evaluate.__main__ import main as draw
from snakeroot.evaluate.binary import _plane, decision, rejection, roc, scores
from snakeroot.evaluate.common import convergence, history
from snakeroot.evaluate.predictions import Predictions, read
from snakeroot.jobs.command import main
from snakeroot.networks import network, weights
from trainings import scalars

WORKFLOW = Path(plotting.__file__).parents[2]
ABOVE = {"luminosity": 140.0, "energy": 13.0}
MODEL = {"name": "mlp", "label": "dense network"}
CLASSES = {"signal": "VBF H → 4μ", "background": r"$q\bar{q} \to ZZ$"}
AXES = {"mass": {"label": r"$m_{4\mu}$", "unit": "GeV", "range": [80, 200]}, "angle": {"label": "angle"}}
MEASURED = [
    {"name": "loss", "title": "Loss", "decades": True},
    {"name": "accuracy", "title": "Accuracy"},
    {"name": "auc", "title": "AUC"},
]
INPUTS = [{"name": "mass"}, {"name": "angle"}]
SAMPLES = [
    {"name": "vbf", "label": "VBF", "class_name": "signal"},
    {"name": "zz", "label": "ZZ", "class_name": "background"},
    {"name": "data", "label": "data", "class_name": None},
]
KINDS = ["roc", "rejection", "history", "scores", "input", "decision", "overtraining", "calibration", "significance"]
KINDS += ["data-input"]


def write(columns, path):
    table = pa.table(columns)
    tables.write([table], table.schema, path)


def events(sample, target, count):
    random = np.random.default_rng(len(sample))
    return {
        "id_f_event": np.arange(count),
        "sample": pa.array([sample] * count).dictionary_encode(),
        "target": pa.array([target] * count, pa.int8()),
        "weight": random.choice([1.0, 1.0, 1.0, -0.2], count),
        "mass": random.normal(125 if sample == "vbf" else 140, 15, count).astype(np.float32),
        "angle": random.uniform(-3, 3, count).astype(np.float32),
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The files of a small finished task, with 600 events of signal and 900 of background per split."""
    folder = tmp_path_factory.mktemp("task")
    for name, target, count in (("vbf", 1, 600), ("zz", 0, 900), ("data", None, 300)):
        write(events(name, target, count), folder / f"{name}.parquet")
    write_json({"samples": {name: {"factor": 0.5} for name in ("vbf", "zz", "data")}}, folder / "normalisation.json")
    for split in ("train", "validation", "test"):
        random = np.random.default_rng(len(split))
        target = np.repeat([1, 0], [600, 900])
        columns = {
            "id_f_event": np.arange(1500),
            "target": pa.array(target, pa.int8()),
            "fold": pa.array([0] * 1500, pa.int8()),
            "weight": random.choice([1.0, 1.0, 1.0, -0.2], 1500),
            "score_0": np.clip(random.normal(0.35 + 0.3 * target, 0.2), 0, 1),
        }
        columns["score"] = columns["score_0"]
        write(columns, folder / f"{split}.parquet")
    curve = 1 - np.exp(-np.arange(1, 13) / 4)
    quantities = [f"{split}_{name}" for split in ("train", "validation") for name in ("loss", "accuracy", "auc")]
    epochs = {"epoch": pa.array(range(1, 13), pa.int32()), "learning_rate": np.full(12, 1e-3)}
    write({**epochs, **{name: curve - 0.01 * len(name) for name in quantities}}, folder / "history.parquet")
    torch.manual_seed(1)
    made = network.build("mlp", {"hidden": [8]}, scalars("mass", "angle"), 1)
    known = {"mass": {"mean": [125], "standard_deviation": [5]}, "angle": {"mean": [0], "standard_deviation": [1]}}
    network.scale(made, known)
    digest = weights.save(made.state_dict(), folder / "model.safetensors")
    metadata = {"architecture": "mlp", "settings": {"hidden": [8]}, "inputs": [{"name": "mass"}, {"name": "angle"}]}
    metadata |= {"outputs": 1, "weights": digest}
    write_json({**metadata, "parameters": 33, "epochs": 12, "best_epoch": 9}, folder / "model.json")
    return folder


def command(kind, folder, target):
    """Arguments that make the metrics or one kind of figure."""
    splits = {split: folder / f"{split}.parquet" for split in ("train", "validation", "test")}
    metadata, metrics, all_events = folder / "model.json", target / "metrics.json", folder / "vbf.parquet"
    settings, files = {
        "metrics": (
            {"task": "toy", "models": [{"name": "mlp", "networks": 1}], "bootstrap": 20, "seed": 1},
            {
                "predictions": list(splits.values()),
                "metadata": metadata,
                "features": [],
                "scalings": [],
                "metrics": metrics,
            },
        ),
        "roc": ({**ABOVE, "models": [MODEL]}, {"predictions": splits["test"], "metrics": metrics}),
        "rejection": ({**ABOVE, "models": [MODEL]}, {"predictions": splits["test"], "metrics": metrics}),
        "history": (
            {**ABOVE, "model": MODEL, "networks": ["fold0-replica0"], "metrics": MEASURED},
            {"histories": folder / "history.parquet", "metadata": metadata},
        ),
        "scores": ({**ABOVE, **CLASSES, "model": MODEL}, {"train": splits["train"], "test": splits["test"]}),
        "calibration": ({**ABOVE, "models": [MODEL]}, {"predictions": splits["test"], "metrics": metrics}),
        "overtraining": (
            {**ABOVE, **CLASSES, "model": MODEL},
            {"train": splits["train"], "test": splits["test"], "metrics": metrics},
        ),
        "significance": ({**ABOVE, **CLASSES, "model": MODEL}, {"test": splits["test"], "metrics": metrics}),
        "input": (
            {**ABOVE, "feature": "mass", "axis": {**AXES["mass"], "log": True}, "samples": SAMPLES},
            {
                "features": [folder / f"{sample['name']}.parquet" for sample in SAMPLES],
                "normalisation": folder / "normalisation.json",
            },
        ),
        "data-input": (
            {
                **ABOVE,
                "feature": "mass",
                "axis": AXES["mass"],
                "samples": SAMPLES,
                "recorded": ["data"],
                "stacked": ["vbf", "zz"],
                "scaled_to": "data",
                "uncertainty": {"zz": 0.1},
            },
            {
                "features": [folder / f"{sample['name']}.parquet" for sample in SAMPLES],
                "normalisation": folder / "normalisation.json",
            },
        ),
        "decision": (
            {**ABOVE, **CLASSES, "model": MODEL, "inputs": INPUTS, "axes": AXES, "seed": 1},
            {"network": [folder / "model.safetensors", metadata], "events": [all_events, folder / "zz.parquet"]},
        ),
    }[kind]
    if kind != "metrics":
        files["figure"] = target / f"{kind}.svg"
    arguments = ["--spec", json.dumps({"settings": settings})]
    for name, given in files.items():
        arguments += [f"--{name}", *(str(path) for path in (given if isinstance(given, list) else [given]))]
    return [kind, *arguments]


def make(arguments):
    """Measure, or draw the figure that the arguments begin with."""
    if arguments[0] == "metrics":
        main(metrics.make, arguments[1:])
    else:
        draw(arguments)


PROGRAM = """
import json, sys
from snakeroot.jobs.command import main
from snakeroot.evaluate import metrics
from snakeroot.evaluate.__main__ import main as draw
for kind, *arguments in json.load(sys.stdin):
    main(metrics.make, arguments) if kind == "metrics" else draw([kind, *arguments])
"""


@pytest.fixture(scope="module")
def drawn(project, tmp_path_factory):
    """Two folders with all figures, drawn here and by a process with another hash seed, with warnings as errors."""
    here, there = (tmp_path_factory.mktemp("drawn") for _ in range(2))
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=there,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(WORKFLOW)},
        text=True,
    )
    json.dump([command(kind, project, there) for kind in ["metrics", *KINDS]], process.stdin)
    process.stdin.close()
    for kind in ["metrics", *KINDS]:
        make(command(kind, project, here))
    complaints = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0, complaints
    return here, there


def test_bytes_are_the_same_in_another_process(drawn):
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in drawn)
    assert set(one) == {f"{kind}.{form}" for kind in KINDS for form in ("svg", "png", "pdf", "csv")} | {"metrics.json"}
    assert [name for name in one if one[name] != other[name]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_small_and_know_no_time_or_place(drawn, project, kind):
    svg = (drawn[0] / f"{kind}.svg").read_text()
    assert len(svg) < 200_000
    pdf = (drawn[0] / f"{kind}.pdf").read_bytes()
    for said in (b"CreationDate", b"ModDate", b"dc:date", str(drawn[0]).encode(), str(project).encode()):
        assert said not in svg.encode()
        assert said not in pdf


def test_numbers_beside_the_figures_are_those_drawn(drawn, project):
    numbers = {kind: pd.read_csv(drawn[0] / f"{kind}.csv") for kind in KINDS}
    assert numbers["history"]["epoch"].tolist() == list(range(1, 13))
    assert numbers["roc"]["signal_efficiency"].iloc[[0, -1]].tolist() == [0.0, 1.0]
    assert len(numbers["roc"]) <= 502
    assert numbers["rejection"]["rejection"].iloc[-1] == pytest.approx(1.0)
    assert numbers["decision"]["score"].between(0, 1).all()
    for kind, by in (("scores", ["split", "class"]), ("input", ["sample"])):
        np.testing.assert_allclose(numbers[kind].groupby(by)["value"].sum(), 1.0, rtol=1e-4)
    heavy = tables.read(project / "zz.parquet").to_pandas()
    inside = heavy[(heavy["mass"] >= 80) & (heavy["mass"] < 200)]["weight"].sum() / heavy["weight"].sum()
    shown = numbers["input"].query("sample == 'zz' and low > -inf and high < inf")["value"].sum()
    assert shown == pytest.approx(inside, abs=1e-4)


@pytest.mark.parametrize("shown", [None, [0.1, 0.5]], ids=["automatic range", "range of the user"])
def test_entries_at_the_upper_end_are_drawn_and_what_is_outside_is_said(shown, tmp_path):
    """Of `minimum(x, 0.5)` 61 % are at the edge; the fractions of a sample add up to 1 with what is outside."""
    random, files = np.random.default_rng(4), []
    for name, target, scale in (("vbf", 1, 1.0), ("zz", 0, 0.8)):
        capped = np.minimum(random.exponential(scale, 2000), 0.5).astype(np.float32)
        files.append(tmp_path / f"{name}.parquet")
        write({**events(name, target, 2000), "mass": capped, "weight": np.ones(2000)}, files[-1])
    write_json({"samples": {name: {"factor": 1.0} for name in ("vbf", "zz")}}, tmp_path / "normalisation.json")
    axis = {"label": "x"} | ({"range": shown} if shown else {})
    settings = {**ABOVE, "feature": "mass", "axis": axis, "samples": SAMPLES[:2], "rows": "Jet objects"}
    files = ["--features", *map(str, files), "--normalisation", str(tmp_path / "normalisation.json")]
    draw(["input", "--spec", json.dumps({"settings": settings}), *files, "--figure", str(tmp_path / "x.svg")])
    numbers = pd.read_csv(tmp_path / "x.csv")
    np.testing.assert_allclose(numbers.groupby("sample")["value"].sum(), 1, rtol=1e-5)
    table = tables.read(tmp_path / "vbf.parquet").to_pandas()["mass"]
    own = numbers.query("sample == 'vbf'")
    last, above = own.iloc[-2:][["high", "value"]].to_numpy().T[1]
    assert own["high"].iloc[-2] == 0.5
    assert last >= np.mean(table == 0.5) > 0.5
    assert above == 0
    below = [numbers.query("sample == @name")["value"].iloc[0] for name in ("vbf", "zz")]
    figure, _ = figures.of_input(settings, both(tmp_path))
    [note] = figure.axes[0].texts
    assert note.get_text() == plotting.not_shown({"below": below})
    assert note.get_text().startswith("not shown: ")
    assert figure.axes[0].get_ylabel().startswith("Fraction of Jet objects")
    assert figure.axes[0].get_legend().get_texts()[0].get_text() == "VBF: 2,000 Jet objects"


def both(folder):
    return pd.concat([tables.read(folder / f"{name}.parquet").to_pandas() for name in ("vbf", "zz")])


def test_a_spectator_that_is_not_there_is_outside_of_no_side(project):
    table = tables.read(project / "vbf.parquet").to_pandas().assign(weight=1.0)
    table.loc[: len(table) // 4 - 1, "angle"] = np.nan
    settings = {**ABOVE, "feature": "angle", "axis": {"label": "a", "range": [-9, 9]}, "samples": SAMPLES[:1]}
    figure, numbers = figures.of_input(settings, table)
    assert [text.get_text() for text in figure.axes[0].texts] == ["not shown: 25 % undefined"]
    assert numbers["value"].iloc[-1] == 0


@pytest.mark.parametrize("shown", [None, [-0.5, 2.5]])
def test_whole_numbers_have_ticks_at_whole_numbers(project, shown):
    table = both(project).assign(mass=np.arange(1500) % 3)
    axis = {"label": "charge", "range": shown} if shown else {"label": "charge"}
    settings = {**ABOVE, "feature": "mass", "axis": axis, "samples": SAMPLES[:2]}
    figure, _ = figures.of_input(settings, table)
    ticks = [*figure.axes[0].get_xticks(), *figure.axes[0].xaxis.get_minorticklocs()]
    assert {0, 1, 2} <= set(ticks)
    assert all(float(tick).is_integer() for tick in ticks)


def test_classes_and_models_have_their_colours_in_all_figures(project, drawn):
    """Signal is red and background blue, of samples as of scores; a model's curves have the colour of its number."""
    red, blue = plotting.SIGNAL[0], plotting.BACKGROUND[0]
    of_samples, _ = figures.of_input(
        {**ABOVE, "feature": "mass", "axis": {"label": "m"}, "samples": SAMPLES},
        pd.concat([both(project), tables.read(project / "data.parquet").to_pandas()]),
    )
    assert colours(of_samples) == {"VBF": red, "ZZ": blue, "data": "#717581"}
    splits = {name: read(project / f"{name}.parquet", name, "mlp") for name in ("train", "test")}
    of_scores, _ = scores.draw(
        scores.Shown.model_validate({**ABOVE, "signal": "S", "background": "B", "model": MODEL}), **splits
    )
    assert colours(of_scores) == {"S (train)": red, "S (test)": red, "B (train)": blue, "B (test)": blue}
    third = {**MODEL, "number": 2}
    known = read_json(drawn[0] / "metrics.json")
    curve, _ = roc.draw(roc.Shown.model_validate({**ABOVE, "models": [third]}), [splits["test"]], known)
    own = plotting.stroke(2)["color"]
    assert next(iter(colours(curve).values())) == own
    epochs = tables.read(project / "history.parquet").to_pandas()
    settings = history.Shown.model_validate(
        {**ABOVE, "model": MODEL, "number": 2, "networks": ["one"], "metrics": MEASURED}
    )
    course, _ = history.draw(settings, [epochs], [{"best_epoch": 9}])
    assert set(list(colours(course).values())[:2]) == {own}


def colours(figure):
    """Of each label in the first panel's legend, the colour."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    found = [getattr(handle, "lines", [handle])[0] for handle in handles]
    return {
        label.split(":")[0]: to_hex(one.get_edgecolor() if hasattr(one, "get_edgecolor") else one.get_color())
        for label, one in zip(labels, found, strict=True)
    }


def test_losses_over_decades_are_on_a_logarithmic_axis_and_others_are_not():
    epochs = np.arange(1, 31)
    columns = {"epoch": epochs, "learning_rate": 0.1}
    columns |= {f"{split}_loss": 900 * 0.7**epochs + 0.1 for split in ("train", "validation")}
    columns |= {f"{split}_r2": 1 - 0.9**epochs for split in ("train", "validation")}
    settings = {**ABOVE, "model": MODEL, "networks": ["one"], "metrics": [MEASURED[0], {"name": "r2", "title": "r²"}]}
    figure, _ = history.draw(history.Shown.model_validate(settings), [pd.DataFrame(columns)], [{"best_epoch": 30}])
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]
    trained = [{**MODEL, "networks": 1}]
    course = pd.DataFrame(columns)
    figure, _ = convergence.draw(convergence.Shown.model_validate({**ABOVE, "trained": trained}), [course])
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "log"]


def test_points_outside_of_a_plane_are_counted(project):
    known = {**ABOVE, **CLASSES, "model": MODEL, "inputs": INPUTS, "axes": AXES, "seed": 1, "rows": "jets"}
    settings = decision.Shown.model_validate(known)
    plane = pd.DataFrame({"mass": [1.0, 2.0] * 2, "angle": [1.0, 1.0, 2.0, 2.0], "score": [0.1, 0.9, 0.2, 0.8]})
    points = pd.DataFrame({"mass": [1.0, 1.5, 2.0, 9.0], "angle": 1.0, "target": [0, 1, 0, 1]})
    figure = _plane.draw(settings, plane, points)
    assert figure.legends[0].get_title().get_text() == "dense network; not shown: 25 % of the jets"


def fails(arguments):
    with pytest.raises(SystemExit) as raised:
        draw(arguments)
    return str(raised.value)


def test_label_that_cannot_be_typeset_is_an_error_that_names_its_key(project, tmp_path):
    arguments = command("input", project, tmp_path)
    arguments[2] = arguments[2].replace("m_{4", "m_{{4")
    message = fails(arguments)
    assert "evaluation.axes.mass.label" in message
    assert "m_{{4" in message
    assert list(tmp_path.iterdir()) == []


def test_figure_must_be_named_svg(project, tmp_path):
    arguments = command("history", project, tmp_path)
    assert ".svg" in fails([*arguments[:-1], str(tmp_path / "history.png")])


def test_feature_without_a_finite_value_is_an_error_that_names_it(project, tmp_path):
    columns = events("vbf", 1, 5)
    write({**columns, "angle": np.full(5, np.nan, np.float32)}, tmp_path / "vbf.parquet")
    arguments = command("input", project, tmp_path)
    arguments[2] = json.dumps(
        {"settings": {**ABOVE, "feature": "angle", "axis": {"label": "angle"}, "samples": SAMPLES[:1]}}
    )
    start = arguments.index("--features")
    arguments[start + 1 : start + 4] = [str(tmp_path / "vbf.parquet")]
    assert "feature angle" in fails(arguments)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (np.array([0, 2**63 + 2**40, 2**64 - 2**40], np.uint64), 0.0, 2.0**64),
        (np.array([2**60, 2**60 + 1000, 2**61]), 2.0**60, 2.0**61),
        (np.array([False, True, True]), -0.5, 1.5),
        (np.array([0.0, 1e20, 3e20]), 0.0, 3e20),
    ],
    ids=["uint64", "int64", "bool", "float"],
)
def test_spectators_of_any_type_of_number_are_drawn_where_they_are(tmp_path, values, low, high):
    rows = {"sample": ["vbf", "zz", "zz"], "weight": np.array([1.0, 2.0, 6.0]), "n": values}
    settings = {**ABOVE, "feature": "n", "axis": {"label": "n"}, "samples": SAMPLES[:2]}
    _, numbers = figures.of_input(settings, pd.DataFrame(rows))
    edges = numbers[np.isfinite(numbers["low"]) & np.isfinite(numbers["high"])]
    assert edges["low"].min() == pytest.approx(low, abs=0.02 * high)
    assert edges["high"].max() == pytest.approx(high, rel=0.02)
    found = [numbers.loc[numbers["sample"] == name, "value"].sum() for name in ("vbf", "zz")]
    assert found == pytest.approx([1, 1])


def test_a_spectator_of_text_has_no_axis(project, tmp_path):
    for sample in SAMPLES:
        table = tables.read(project / f"{sample['name']}.parquet")
        text = table.append_column("name", pa.array(["a"] * table.num_rows))
        tables.write([text], text.schema, tmp_path / f"{sample['name']}.parquet")
    arguments = command("input", project, tmp_path)
    for sample in SAMPLES:
        file = f"/{sample['name']}.parquet"
        arguments = [text.replace(f"{project}{file}", f"{tmp_path}{file}") for text in arguments]
    arguments = [text.replace('"mass"', '"name"') for text in arguments]
    message = fails(arguments)
    assert "evaluation.axes.name: the spectator holds text, which has no histogram: remove its axis" in message


def test_history_of_one_epoch_is_drawn(project, tmp_path):
    one = tables.read(project / "history.parquet").slice(0, 1)
    tables.write([one], one.schema, tmp_path / "history.parquet")
    write_json({"best_epoch": 1}, tmp_path / "model.json")
    arguments = command("history", tmp_path, tmp_path)
    draw(arguments)
    assert (tmp_path / "history.png").exists()


def test_histories_of_several_networks_are_drawn_with_their_best_epochs(project, tmp_path):
    networks = {"fold0-replica0": 12, "fold1-replica0": 9, "fold2-replica0": 1}
    courses = []
    for name, epochs in networks.items():
        table = tables.read(project / "history.parquet").slice(0, epochs)
        tables.write([table], table.schema, tmp_path / f"{name}.parquet")
        write_json({"best_epoch": max(1, epochs - 2)}, tmp_path / f"{name}.json")
        courses.append(table.to_pandas())
    spec = json.dumps({"settings": {**ABOVE, "model": MODEL, "networks": list(networks), "metrics": MEASURED}})
    files = [[str(tmp_path / f"{name}.{kind}") for name in networks] for kind in ("parquet", "json")]
    target = str(tmp_path / "history.svg")
    draw(["history", "--spec", spec, "--histories", *files[0], "--metadata", *files[1], "--figure", target])
    numbers = pd.read_csv(tmp_path / "history.csv")
    assert numbers.groupby("network").size().to_dict() == networks
    metadata = [{"best_epoch": max(1, epochs - 2)} for epochs in networks.values()]
    drawn, _ = history.draw(history.Shown.model_validate(json.loads(spec)["settings"]), courses, metadata)
    points = [line for line in drawn.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in points] == [10, 7, 1]
    assert [text.get_text() for text in drawn.axes[0].get_legend().get_texts()] == [
        "train",
        "validation",
        "best epochs",
    ]
    assert drawn.axes[0].get_legend().get_title().get_text() == "dense network (3 networks)"


def test_figures_of_replicas_show_the_ensemble_and_say_so(project, tmp_path):
    for split in ("train", "validation", "test"):
        table = tables.read(project / f"{split}.parquet").to_pandas()
        table["score_1"] = 1 - table["score_0"]
        table["score"] = 0.5 + 0.4 * (table["target"] - 0.5)
        write({name: pa.array(table[name]) for name in table}, tmp_path / f"{split}.parquet")
    write_json({"parameters": 33, "epochs": 12, "best_epoch": 9}, tmp_path / "model.json")
    for kind in ("metrics", "roc", "rejection", "scores"):
        make(command(kind, tmp_path, tmp_path))
    shown = read(tmp_path / "test.parquet", "test", "mlp")
    measured = read_json(tmp_path / "metrics.json")
    [found] = measured["models"].values()
    assert found["test"]["auc"] < 0.6
    assert found["ensemble"]["test"]["auc"] == pytest.approx(1.0)
    figure, _ = roc.draw(roc.Shown.model_validate({**ABOVE, "models": [MODEL]}), [shown], measured)
    [label] = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert label.startswith("dense network (mean of 2): AUC = $1.0000")
    curve = pd.read_csv(tmp_path / "roc.csv")
    assert np.trapezoid(curve["signal_efficiency"], curve["background_efficiency"]) == pytest.approx(1.0)
    filled = pd.read_csv(tmp_path / "scores.csv").query("value > 0")
    assert len(filled) == 4, "the mean scores are two values, of each class one"


def test_the_legend_of_the_rejections_covers_no_uncertainty(project, drawn):
    """Few entries of background make the band tall."""
    shown = read(project / "test.parquet", "test", "mlp")
    rows = np.concatenate([np.flatnonzero(shown.target == 1), np.flatnonzero(shown.target == 0)[:20]])
    found = dataclasses.replace(
        shown, **{name: getattr(shown, name)[rows] for name in ("target", "predicted", "weight", "event")}
    )
    measured = read_json(drawn[0] / "metrics.json")
    known = measured["models"]["mlp"]["test"]
    with plotting.style():
        figure, numbers = rejection.draw(
            rejection.Shown.model_validate({**ABOVE, "models": [MODEL]}), [found], measured
        )
        figure.draw_without_rendering()
    [axes] = figure.axes
    highest = max(numbers["high"].max(), known["rejection_at_50_high"] or 0, known["rejection_at_80_high"] or 0)
    assert axes.transData.transform((1, highest))[1] < axes.get_legend().get_window_extent().y0


def test_uncertainties_of_scores_are_of_events_not_of_their_copies():
    event = np.arange(100)
    one = Predictions(np.ones(100, np.int8), event / 100, np.ones(100), event, [event / 100], 1)
    columns = (np.tile(column, 3) for column in (one.target, one.predicted, one.weight, one.event))
    thrice = Predictions(*columns, [np.tile(one.predicted, 3)], 4)
    np.testing.assert_allclose(*(plotting.errors(scores.distribution(found, 1)) for found in (one, thrice)))


def test_scores_that_are_all_one_and_all_zero_are_drawn(tmp_path):
    columns = {"id_x": [1, 2], "target": pa.array([1, 0], pa.int8()), "fold": pa.array([0, 0], pa.int8())}
    columns |= {"weight": [1.0, 1.0], "score_0": [1.0, 0.0], "score": [1.0, 0.0]}
    for split in ("train", "test"):
        write(columns, tmp_path / f"{split}.parquet")
    arguments = command("scores", tmp_path, tmp_path)
    draw(arguments)
    numbers = pd.read_csv(tmp_path / "scores.csv").query("value > 0")
    assert set(zip(numbers["class"], numbers["low"], strict=True)) == {("signal", 0.975), ("background", 0.0)}


def test_area_is_shown_with_the_digits_of_its_interval():
    assert roc.area({"auc": 0.96512, "auc_low": 0.96321, "auc_high": 0.96715}) == ("AUC = $0.9651^{+0.0020}_{-0.0019}$")
    assert roc.area({"auc": 0.99912, "auc_low": 0.99902, "auc_high": 0.99925}) == (
        "AUC = $0.99912^{+0.00013}_{-0.00010}$"
    )
    assert roc.area({"auc": 1.0, "auc_low": 1.0, "auc_high": 1.0}) == "AUC = $1.0000^{+0.0000}_{-0.0000}$"


def test_evaluation_names_what_the_user_did_not_name():
    evaluation = Evaluation.model_validate({"axes": {"mass": {"unit": "GeV"}}, "labels": {"zz": "ZZ"}})
    assert (evaluation.axis("mass").label, evaluation.axis("mass").unit) == ("mass", "GeV")
    assert evaluation.axis("angle").label == "angle"
    assert (evaluation.label("zz"), evaluation.label("vbf")) == ("ZZ", "vbf")
    with pytest.raises(ValueError, match="not below"):
        Evaluation.model_validate({"axes": {"mass": {"range": [3, 3]}}})


@pytest.mark.parametrize("module", ["snakeroot.plan", "snakeroot.report.settings"])
def test_settings_import_nothing_heavy(module):
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert not re.search(r"\b(awkward|matplotlib|numpy|pandas|pyarrow|torch)\b", found)
