"""Figures: every kind through its public command, with bytes that depend on nothing but the numbers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from safetensors.torch import save_file
from snakeroot import network, plotting, tables
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import decision, history, inputs, roc, scores
from snakeroot.evaluate.settings import Evaluation
from snakeroot.files import write_json

WORKFLOW = Path(plotting.__file__).parents[1]
ABOVE = {"luminosity": 140.0, "energy": 13.0}
MODEL = {"name": "mlp", "label": "dense network"}
CLASSES = {"signal": "VBF H → 4μ", "background": r"$q\bar{q} \to ZZ$"}
AXES = {"mass": {"label": r"$m_{4\mu}$", "unit": "GeV", "range": [80, 200]}, "angle": {"label": "angle"}}
SAMPLES = [
    {"name": "vbf", "label": "VBF", "role": "signal"},
    {"name": "zz", "label": "ZZ", "role": "background"},
    {"name": "data", "label": "data", "role": None},
]
KINDS = ["roc", "rejection", "history", "scores", "input", "decision"]


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
            "weight": random.choice([1.0, 1.0, 1.0, -0.2], 1500),
            "score": np.clip(random.normal(0.35 + 0.3 * target, 0.2), 0, 1),
        }
        write(columns, folder / f"{split}.parquet")
    curve = 1 - np.exp(-np.arange(1, 13) / 4)
    quantities = [f"{split}_{name}" for split in ("train", "validation") for name in ("loss", "accuracy", "auc")]
    epochs = {"epoch": pa.array(range(1, 13), pa.int32()), "learning_rate": np.full(12, 1e-3)}
    write({**epochs, **{name: curve - 0.01 * len(name) for name in quantities}}, folder / "history.parquet")
    torch.manual_seed(1)
    made = network.build("mlp", {"hidden": [8]}, ["mass", "angle"])
    network.scale(made, {"mass": {"mean": 125, "standard_deviation": 5}, "angle": {"mean": 0, "standard_deviation": 1}})
    save_file(made.state_dict(), folder / "model.safetensors")
    facts = {"architecture": "mlp", "settings": {"hidden": [8]}, "inputs": ["mass", "angle"]}
    write_json({**facts, "parameters": 33, "epochs": 12, "best_epoch": 9}, folder / "model.json")
    return folder


def command(kind, folder, target):
    """Module and arguments that make one kind of figure."""
    splits = {split: folder / f"{split}.parquet" for split in ("train", "validation", "test")}
    facts, metrics, all_events = folder / "model.json", target / "metrics.json", folder / "vbf.parquet"
    settings, files = {
        "metrics": (
            {"task": "toy", "models": ["mlp"], "bootstrap": 20, "seed": 1},
            {"predictions": list(splits.values()), "facts": facts, "metrics": metrics},
        ),
        "roc": ({**ABOVE, "models": [MODEL]}, {"predictions": splits["test"], "metrics": metrics}),
        "rejection": ({**ABOVE, "models": [MODEL]}, {"predictions": splits["test"], "metrics": metrics}),
        "history": ({**ABOVE, "model": MODEL}, {"history": folder / "history.parquet", "facts": facts}),
        "scores": ({**ABOVE, **CLASSES, "model": MODEL}, {"train": splits["train"], "test": splits["test"]}),
        "input": (
            {**ABOVE, "feature": "mass", "axis": {**AXES["mass"], "log": True}, "samples": SAMPLES},
            {
                "features": [folder / f"{sample['name']}.parquet" for sample in SAMPLES],
                "normalisation": folder / "normalisation.json",
            },
        ),
        "decision": (
            {**ABOVE, **CLASSES, "model": MODEL, "axes": AXES, "seed": 1},
            {"weights": folder / "model.safetensors", "facts": facts, "events": [all_events, folder / "zz.parquet"]},
        ),
    }[kind]
    if kind != "metrics":
        files["figure"] = target / f"{kind}.svg"
    arguments = ["--spec", json.dumps({"settings": settings})]
    for name, given in files.items():
        arguments += [f"--{name}", *(str(path) for path in (given if isinstance(given, list) else [given]))]
    return "inputs" if kind == "input" else kind, arguments


PROGRAM = """
import importlib, json, sys
from snakeroot.command import main
for module, arguments in json.load(sys.stdin):
    main(importlib.import_module(f"snakeroot.evaluate.{module}").make, arguments)
"""


@pytest.fixture(scope="module")
def drawn(project, tmp_path_factory):
    """Two folders with all figures, made by two processes with different hash seeds, working folders and targets."""
    folders, processes = [tmp_path_factory.mktemp("drawn") for _ in range(2)], []
    for number, folder in enumerate(folders):
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 1), "PYTHONPATH": str(WORKFLOW)}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            text=True,
        )
        json.dump([command(kind, project, folder) for kind in ["metrics", *KINDS]], process.stdin)
        process.stdin.close()
        processes.append(process)
    for process in processes:
        complaints = process.stderr.read()
        process.stderr.close()
        assert process.wait() == 0, complaints
    return folders


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
    for kind, by in (("scores", ["split", "role"]), ("input", ["sample"])):
        np.testing.assert_allclose(numbers[kind].groupby(by)["value"].sum(), 1.0, rtol=1e-4)
    heavy = tables.read(project / "zz.parquet").to_pandas()
    inside = heavy[(heavy["mass"] >= 80) & (heavy["mass"] < 200)]["weight"].sum() / heavy["weight"].sum()
    shown = numbers["input"].query("sample == 'zz' and low > -inf and high < inf")["value"].sum()
    assert shown == pytest.approx(inside, abs=1e-4)


def fails(make, arguments):
    with pytest.raises(SystemExit) as raised:
        main(make, arguments)
    return str(raised.value)


def test_label_that_cannot_be_typeset_is_an_error_that_names_its_key(project, tmp_path):
    _, arguments = command("input", project, tmp_path)
    arguments[1] = arguments[1].replace("m_{4", "m_{{4")
    message = fails(inputs.make, arguments)
    assert "evaluation.axes.mass.label" in message
    assert "m_{{4" in message
    assert list(tmp_path.iterdir()) == []


def test_figure_must_be_named_svg(project, tmp_path):
    _, arguments = command("history", project, tmp_path)
    assert ".svg" in fails(history.make, [*arguments[:-1], str(tmp_path / "history.png")])


def test_feature_without_a_finite_value_is_an_error_that_names_it(project, tmp_path):
    columns = events("vbf", 1, 5)
    write({**columns, "angle": np.full(5, np.nan, np.float32)}, tmp_path / "vbf.parquet")
    _, arguments = command("input", project, tmp_path)
    arguments[1] = json.dumps(
        {"settings": {**ABOVE, "feature": "angle", "axis": {"label": "angle"}, "samples": SAMPLES[:1]}}
    )
    start = arguments.index("--features")
    arguments[start + 1 : start + 4] = [str(tmp_path / "vbf.parquet")]
    assert "feature angle" in fails(inputs.make, arguments)


def test_history_of_one_epoch_is_drawn(project, tmp_path):
    one = tables.read(project / "history.parquet").slice(0, 1)
    tables.write([one], one.schema, tmp_path / "history.parquet")
    write_json({"best_epoch": 1}, tmp_path / "model.json")
    _, arguments = command("history", tmp_path, tmp_path)
    main(history.make, arguments)
    assert (tmp_path / "history.png").exists()


def test_scores_that_are_all_one_and_all_zero_are_drawn(tmp_path):
    columns = {"id_x": [1, 2], "target": pa.array([1, 0], pa.int8()), "weight": [1.0, 1.0], "score": [1.0, 0.0]}
    for split in ("train", "test"):
        write(columns, tmp_path / f"{split}.parquet")
    _, arguments = command("scores", tmp_path, tmp_path)
    main(scores.make, arguments)
    numbers = pd.read_csv(tmp_path / "scores.csv").query("value > 0")
    assert set(zip(numbers["role"], numbers["low"], strict=True)) == {("signal", 0.975), ("background", 0.0)}


def test_histogram_keeps_squared_weights_and_what_is_outside():
    filled = plotting.histogram([0.5, 0.5, 1.5, 9.0, np.nan], [2.0, -1.0, 3.0, 4.0, 8.0], (0.0, 2.0), 2)
    np.testing.assert_allclose(filled.values(), [1.0, 3.0])
    np.testing.assert_allclose(plotting.errors(filled), [np.sqrt(5.0), 3.0])
    np.testing.assert_allclose(plotting.fractions(filled).values(), [1 / 16, 3 / 16])
    np.testing.assert_allclose(plotting.errors(plotting.fractions(filled)), [np.sqrt(5.0) / 16, 3 / 16])
    table = plotting.frame(filled, sample="zz")
    assert table["low"].tolist() == [-np.inf, 0.0, 1.0, 2.0]
    assert table["value"].tolist() == [0.0, 1.0, 3.0, 12.0]
    assert table["sample"].tolist() == ["zz"] * 4


def test_thinning_keeps_both_ends_and_the_corner_of_a_curve():
    steps = np.linspace(0, 1, 20_000) ** 4  # crowded at the start, sparse in the corner
    x, y = np.maximum(2 * steps - 1, 0), np.minimum(2 * steps, 1)  # up, then to the right
    kept = plotting.thin(x, y)
    assert len(kept) <= 501
    assert (kept[0], kept[-1]) == (0, 19_999)
    assert np.hypot(np.diff(x[kept]), np.diff(y[kept])).max() < 0.006
    assert list(plotting.thin(x[:7], y[:7])) == list(range(7))


def test_span_leaves_out_the_tails_and_is_never_empty():
    low, high = plotting.span(np.append(np.arange(1000.0), [np.inf, np.nan]), "x")
    assert 0 < low < 10
    assert 990 < high < 999
    assert plotting.span(np.array([3.0]), "x") == (2.5, 3.5)


def test_colours_follow_the_role_and_differ():
    found = plotting.colours(["signal", "background", None, "background"])
    assert found[0] in plotting.SIGNAL
    assert found[2] in plotting.OTHER
    assert len(set(found)) == 4


def test_area_is_shown_with_the_digits_of_its_interval():
    assert roc.area({"auc": 0.96512, "auc_low": 0.96321, "auc_high": 0.96715}) == ("AUC = $0.9651^{+0.0020}_{-0.0019}$")
    assert roc.area({"auc": 0.99912, "auc_low": 0.99902, "auc_high": 0.99925}) == (
        "AUC = $0.99912^{+0.00013}_{-0.00010}$"
    )
    assert roc.area({"auc": 1.0, "auc_low": 1.0, "auc_high": 1.0}) == "AUC = $1.0000^{+0.0000}_{-0.0000}$"


def test_style_is_gone_after_drawing():
    before = dict(mpl.rcParams)
    with plotting.style():
        assert mpl.rcParams["svg.hashsalt"] == "snakeroot"
    assert dict(mpl.rcParams) == before
    assert before["svg.hashsalt"] is None


def test_a_users_own_style_changes_nothing():
    with mpl.rc_context({"axes.facecolor": "red", "text.usetex": True}), plotting.style():
        assert mpl.rcParams["axes.facecolor"] != "red"
        assert not mpl.rcParams["text.usetex"]


def test_evaluation_names_what_the_user_did_not_name():
    evaluation = Evaluation.model_validate({"axes": {"mass": {"unit": "GeV"}}, "labels": {"zz": "ZZ"}})
    assert (evaluation.axis("mass").label, evaluation.axis("mass").unit) == ("mass", "GeV")
    assert evaluation.axis("angle").label == "angle"
    assert (evaluation.label("zz"), evaluation.label("vbf")) == ("ZZ", "vbf")
    with pytest.raises(ValueError, match="not below"):
        Evaluation.model_validate({"axes": {"mass": {"range": [3, 3]}}})


@pytest.mark.parametrize("module", ["snakeroot.evaluate.settings", "snakeroot.report.settings"])
def test_settings_import_nothing_heavy(module):
    found = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert not re.search(r"\b(matplotlib|numpy|pandas|torch)\b", found)


def test_decision_needs_two_inputs(project, tmp_path):
    made = network.build("mlp", {"hidden": [8]}, ["mass"])
    save_file(made.state_dict(), tmp_path / "model.safetensors")
    write_json({"architecture": "mlp", "settings": {"hidden": [8]}, "inputs": ["mass"]}, tmp_path / "model.json")
    _, arguments = command("decision", project, tmp_path)
    arguments = [text.replace(str(project / "model"), str(tmp_path / "model")) for text in arguments]
    assert "has 1 inputs" in fails(decision.make, arguments)


def test_checked_gives_back_what_can_be_typeset():
    assert plotting.checked("VBF $H \\to 4\\mu$", "labels.vbf") == "VBF $H \\to 4\\mu$"
    with pytest.raises(SnakerootError, match=r"labels\.vbf"):
        plotting.checked("$\\nosuch$", "labels.vbf")
