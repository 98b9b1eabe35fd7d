"""Data against simulation: limits, tests and uncertainties against references, and figures of the hard cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from snakeroot import plan, plotting
from snakeroot.data import tables
from snakeroot.data.once import firsts
from snakeroot.evaluate.common import data_input, data_score
from snakeroot.evaluate.common import input as inputs
from snakeroot.evaluate.comparison import Comparison, contents, together, yield_of
from snakeroot.evaluate.recorded import frame, read
from tasks import TASK, drawn, edited, load, refused, settings

SAMPLES = [
    {"name": "higgs", "label": "H", "class_name": "signal"},
    {"name": "zz", "label": "ZZ", "class_name": "background"},
    {"name": "run", "label": "Run 1", "class_name": None},
]
COMMON = {"luminosity": 10.0, "energy": 8.0, "samples": SAMPLES, "recorded": ["run"], "stacked": ["higgs", "zz"]}
COMMON |= {"scaled_to": "luminosity", "uncertainty": 0.0}


def filled(contents, weight=1.0, bins=None):
    """A histogram with so many events in each bin, each of the same weight."""
    counts = np.asarray(contents)
    values = np.repeat(np.arange(len(counts)) + 0.5, counts)
    return plotting.histogram(values, np.full(len(values), weight), (0.0, len(counts)), bins or len(counts))


def test_limits_of_data_are_those_of_garwood():
    """Central intervals of 68.27 %, as they are tabulated for small n."""
    compared = Comparison(filled([0, 1, 3, 10]), {"zz": filled([1] * 4)}, 0.0)
    low, high = (ends[1:-1] for ends in compared.limits)
    np.testing.assert_allclose(low, [0, 0.1728, 1.3673, 6.8913], atol=2e-3)
    np.testing.assert_allclose(high, [1.8410, 3.2995, 5.9182, 14.2670], atol=2e-3)
    weighted = Comparison(filled([0, 3], 2.0), {"zz": filled([1] * 2)}, 0.0)
    np.testing.assert_allclose(weighted.limits[1][1:-1], [2 * 1.8410, 2 * 5.9182], atol=2e-3)


def test_the_chi2_of_one_bin_by_hand():
    compared = Comparison(filled([12]), {"a": filled([40], 0.25), "b": filled([2], 3.0)}, 0.5)
    test = compared.test()
    variance = (10 + 6) + 40 * 0.25**2 + 2 * 3.0**2
    assert test.chi2 == pytest.approx((12 - 16) ** 2 / variance)
    assert (test.ndf, test.p) == (1, pytest.approx(stats.chi2.sf(test.chi2, 1)))


@pytest.mark.parametrize("scaled", [False, True])
def test_p_is_uniform_where_simulation_describes_data(scaled):
    """Also of few data, and simulation that is not much more; by Kolmogorov and Smirnov."""
    random = np.random.default_rng(5)
    expected = 60 * np.exp(-np.arange(14) / 5.0)  # the last bins have fewer than five
    found = []
    for _ in range(400):
        simulation = filled(random.poisson(expected * 8), 1 / 8)
        compared = Comparison(filled(random.poisson(expected)), {"zz": simulation}, 0.0)
        found.append((compared.scaled() if scaled else compared).test())
    assert stats.kstest([test.p for test in found], "uniform").pvalue > 0.01
    assert {test.ndf for test in found} <= ({10, 11, 12, 13} if scaled else {11, 12, 13, 14})


def test_bins_are_put_together_until_enough_is_expected():
    assert together(np.array([6.0, 1, 1, 4, 9, 2])).tolist() == [0, 1, 1, 1, 2, 2]
    assert together(np.array([6.0, -1, 5.5, 1])).tolist() == [0, 1, 1, 1], "weights of both signs"
    assert together(np.array([1.0, 1.0])) is None
    assert Comparison(filled([0, 1]), {"zz": filled([1, 1])}, 0.0).test() is None


def test_uncertainties_of_yields_move_a_sample_as_a_whole():
    simulation = {"a": filled([4, 2, 0]), "b": filled([1, 1, 6])}
    data = filled([7, 3, 4])
    independent = Comparison(data, simulation, {"a": 0.1, "b": 0.5})
    np.testing.assert_allclose(independent.systematic[1:-1], np.hypot([0.4, 0.2, 0], [0.5, 0.5, 3]))
    assert independent.systematic_of_all == pytest.approx(np.hypot(0.6, 4.0))
    together_ = Comparison(data, simulation, 0.1)
    assert together_.systematic_of_all == pytest.approx(1.4)
    assert together_.scaled().systematic_of_all == pytest.approx(0, abs=1e-12)
    shifted = Comparison(data, {"a": filled([4, 2, 0]) * (1 + 1e-4), "b": simulation["b"]}, 0.0).scaled()
    by_hand = (contents(shifted.total) - contents(Comparison(data, simulation, 0.0).scaled().total)) / 1e-4
    of_a = Comparison(data, simulation, {"a": 1.0}).scaled()
    np.testing.assert_allclose(of_a.systematic, np.abs(by_hand), atol=1e-3)
    assert of_a.systematic_of_all == pytest.approx(0, abs=1e-12)


def test_what_cannot_be_scaled_stays():
    for data, simulation in (([0, 0], filled([3, 3])), ([1, 1], filled([1, 0]) + filled([0, 1], -1.0))):
        compared = Comparison(filled(data), {"zz": simulation}, 0.0).scaled()
        assert compared.scale is None
    assert Comparison(filled([8, 4]), {"zz": filled([1, 5])}, 0.0).scaled().scale == 2


def test_an_event_is_the_same_in_all_files_and_its_objects_are_not():
    rows = pa.table({"id_run": [1, 1, 1, 2], "id_mass": [0.0, -0.0, 0.0, 0.0]})
    assert firsts(rows).tolist() == [True, True, False, True]
    objects = rows.append_column("object", pa.array([0, 0, 1, 0]))
    assert firsts(objects).tolist() == [True] * 4
    assert firsts(pa.table({"id_run": pa.array([], pa.int64())})).tolist() == []


def write(path, sample, **columns):
    count = len(columns["weight"])
    columns |= {"id_event": columns.get("id_event", np.arange(count) + 100 * len(sample))}
    table = pa.table({**columns, "sample": pa.array([sample] * count, pa.string()).dictionary_encode()})
    tables.write([table], table.schema, path)
    return path


@pytest.fixture
def files(tmp_path):
    """Two files of data that share an event, signal, and background with a negative weight and a missing value."""
    return [
        write(tmp_path / "1.parquet", "higgs", weight=np.full(4, 0.25), x=np.float32([1, 1, 2, 2])),
        write(tmp_path / "2.parquet", "run", id_event=[1, 2], weight=np.ones(2), x=np.float32([0.5, 2])),
        write(tmp_path / "3.parquet", "run", id_event=[2, 3], weight=np.ones(2), x=np.float32([2, 2.9])),
        write(tmp_path / "4.parquet", "zz", weight=np.array([1.0, 1, 1, -0.5]), x=np.float32([0.5, 2.5, np.nan, 2.5])),
    ]


def shown(**changed):
    return data_input.Shown.model_validate({**COMMON, "feature": "x", "axis": {"range": [0, 3], "bins": 3}} | changed)


NORMALISATION = {"samples": {name: {"factor": factor} for name, factor in (("higgs", 2.0), ("zz", 1.0), ("run", 1.0))}}


def whole(table):
    rows = table[table["low"].isna()]
    return dict(zip(rows["content"] + rows["sample"], rows["value"], strict=True))


def test_the_figure_of_a_feature_counts_an_event_once(files):
    with plotting.style():
        figure, table = data_input.draw(shown(), files, NORMALISATION)
    assert whole(table) == {
        "yield of samplehiggs": 2.0,
        "yield of samplezz": 2.5,
        "yield of sum": 4.5,
        "yield of data": 3.0,
        "copies": 1.0,
    }
    data = table[(table["content"] == "data") & table["low"].notna()]
    assert data["value"].tolist() == [0, 1, 0, 2, 0]
    np.testing.assert_allclose(data["ratio"].iloc[1:4], [1, 0, 2 / 1.5])
    said = figure.axes[0].texts[-1].get_text()
    assert "1 copy of recorded events left out" in said
    assert "0–22 % missing" in said
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[0] == "Run 1: 3"
    assert labels[1] == "H: 2 ± 1"
    assert labels[-1].startswith("sum (stat.): ")


def test_the_figure_of_shapes_counts_an_event_once_too(files):
    known = {name: value for name, value in COMMON.items() if name in ("luminosity", "energy", "samples", "recorded")}
    settings = inputs.Shown.model_validate({**known, "feature": "x", "axis": {"range": [0, 3], "bins": 3}})
    with plotting.style():
        figure, table = inputs.draw(settings, files, NORMALISATION)
    np.testing.assert_allclose(table["value"][table["sample"] == "run"], [0, 1 / 3, 0, 2 / 3, 0])
    assert "Run 1: 3 events" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert figure.axes[0].texts[-1].get_text().startswith("1 copy of recorded events left out\n")


def test_the_simulation_is_scaled_to_the_data_and_that_is_said(files):
    with plotting.style():
        figure, table = data_input.draw(shown(scaled_to="data", uncertainty=0.2), files, NORMALISATION)
    assert whole(table)["scale"] == pytest.approx(3 / 4.5)
    assert whole(table)["yield of sum"] == pytest.approx(3)
    assert "scaled to the data (× 0.667)" in figure.axes[0].texts[-1].get_text()
    assert figure.axes[0].get_legend().get_texts()[-1].get_text() == "sum (stat.): 3 ± 1", "all move together"
    with plotting.style():
        figure, _ = data_input.draw(shown(scaled_to="data", uncertainty={"zz": 0.2}), files, NORMALISATION)
    assert figure.axes[0].get_legend().get_texts()[-1].get_text() == "sum (stat., syst.): 3 ± 1"
    with plotting.style():
        figure, _ = data_input.draw(shown(uncertainty=0.2), files, NORMALISATION)
    assert figure.axes[0].get_legend().get_texts()[-1].get_text() == "sum (stat., syst.): 4 ± 2 ± 1"


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("files_left", [[0, 1], [1, 3], [0, 3]])
def test_hard_cases_are_drawn(files, files_left, log, tmp_path):
    """Without one of the samples, or without data: also on a logarithmic axis, with an automatic range."""
    chosen = [files[number] for number in files_left]
    with plotting.style():
        figure, table = data_input.draw(shown(axis={"log": log}, scaled_to="data"), chosen, NORMALISATION)
    plotting.save(figure, tmp_path / "figure", table)
    assert whole(table)["yield of data"] == (2 if 1 in files_left else 0)


def test_the_test_split_stands_for_all_of_a_sample(files, tmp_path):
    scored = [
        write(tmp_path / "t1.parquet", "higgs", weight=np.full(2, 0.5), score=np.array([0.9, 0.8])),
        write(tmp_path / "t2.parquet", "zz", weight=np.array([0.5]), score=np.array([0.1])),
        write(tmp_path / "t3.parquet", "run", id_event=[1, 2, 2], weight=np.ones(3), score=np.array([0.1, 0.9, 0.9])),
    ]
    given = {**COMMON, "model": {"name": "mlp", "label": "MLP"}, "scores": {"score": "Score"}}
    with plotting.style():
        _, table = data_score.draw(data_score.Shown.model_validate(given), scored, files, NORMALISATION)
    assert whole(table)["yield of samplehiggs"] == pytest.approx(2.0)
    assert whole(table)["yield of samplezz"] == pytest.approx(2.5)
    assert (whole(table)["yield of data"], whole(table)["copies"]) == (2, 1)


def test_scores_of_several_classes_have_a_pair_of_panels_each(files, tmp_path):
    scores = {f"score.{name}": np.linspace(0, 1, 4) for name in "abc"}
    scored = [write(tmp_path / "1.parquet", name, weight=np.ones(4), **scores) for name in ("zz",)]
    scored.append(write(tmp_path / "2.parquet", "run", weight=np.ones(4), **scores))
    given = {**COMMON, "model": {"name": "mlp", "label": "MLP"}, "scores": {name: name for name in scores}}
    with plotting.style():
        figure, table = data_score.draw(data_score.Shown.model_validate(given), scored, files, NORMALISATION)
    plotting.save(figure, tmp_path / "figure", table)
    assert [axes.get_visible() for axes in figure.axes] == [True] * 5 + [False, True, False]
    assert set(table["score"]) == set(scores)
    assert "without H: no events" in figure.axes[0].texts[-1].get_text()


def test_data_of_all_rows_are_read_once_each(files):
    rows = read(files, ["x"], ["run"], ["zz"])
    assert (len(rows.data), rows.copies, list(rows.simulation)) == (3, 1, ["zz"])
    assert yield_of(filled([2, 3], 0.5)) == (2.5, pytest.approx(np.sqrt(5 * 0.25)))
    nothing = read(files[:1], ["x"], ["run"], ["higgs"])
    assert (len(nothing.data), nothing.copies) == (0, 0)
    assert isinstance(frame(Comparison(filled([1]), {"a": filled([2])}, 0.0), 0), pd.DataFrame)


@pytest.fixture
def ntuples(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"data/{name}.root").touch()


DATA = edited("samples.run", {"files": ["data/a.root"], "data": True}, edited("samples.zz.files", ["data/b.root"]))


@pytest.mark.usefixtures("ntuples")
def test_only_tasks_with_data_have_the_figures():
    names = [[one.figure.name for one in drawn_of(text)] for text in (TASK, DATA)]
    assert not {"data-input", "data-score"} & set(names[0])
    assert names[1].count("data-input") == 2
    assert names[1].count("data-score") == 1


def drawn_of(text):
    return plan.figures.of_task(load(text), "task0")


@pytest.mark.usefixtures("ntuples")
def test_yields_are_of_samples_with_a_cross_section_if_any_has_one():
    text = edited("samples.other", {"files": ["data/c.root"]}, DATA)
    Path("data/c.root").touch()
    found = settings(drawn(load(text), "data-input", "task0", "mass"))
    assert (found["recorded"], found["stacked"], found["scaled_to"]) == (["run"], ["vbf", "zz"], "luminosity")
    weights = edited("luminosity", None, edited("samples.zz", {"class": "background", "files": ["data/b.root"]}, text))
    weights = edited("samples.vbf", {"class": "signal", "files": ["data/c.root"]}, weights)
    weights = edited("samples.other.files", ["data/d.root"], weights)
    Path("data/d.root").touch()
    found = settings(drawn(load(weights), "data-score", "task0", "mlp"))
    assert (found["stacked"], found["scaled_to"], found["origin"]) == (
        ["vbf", "zz", "other"],
        "data",
        "Data and simulation",
    )


@pytest.mark.usefixtures("ntuples")
def test_what_cannot_be_compared_is_refused():
    uncertain = "evaluation.normalisation_uncertainty"
    refused(rf"{uncertain}\.z: no such sample: did you mean 'zz'", edited(uncertain, {"z": 0.1}, DATA))
    refused(rf"{uncertain}\.run: the sample is data", edited(uncertain, {"run": 0.1}, DATA))
    refused("greater than or equal to 0", edited(uncertain, -0.1, DATA))
    bare = edited("luminosity", None, edited("samples.zz", {"class": "background", "files": ["data/b.root"]}, DATA))
    bare = edited("samples.vbf", {"class": "signal", "files": ["data/c.root"]}, bare)
    Path("data/c.root").touch()
    scaled = edited("evaluation.simulation_scaled_to", "luminosity", bare)
    refused("evaluation.simulation_scaled_to: the task has no luminosity", scaled)
