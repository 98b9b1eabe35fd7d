"""Figures of images, sequences and trees: the numbers against numpy, and the same bytes twice."""

from __future__ import annotations

import functools
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from helpers import table_of
from matplotlib.colors import to_hex
from snakeroot import plotting
from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.evaluate.__main__ import main
from snakeroot.evaluate.common import _blocks as blocks
from snakeroot.evaluate.common.block import Shown
from snakeroot.networks.inputs import Input

SAMPLES = {"one": "signal", "two": "signal", "zz": "background", "data": None}
FACTORS = {"one": 1.0, "two": 10.0, "zz": 2.0, "data": 1.0}
INPUTS = {
    "image": Input(name="block", kind="image", channels=["count", "pt"], positions=[3, 4]),
    "sequence": Input(name="block", kind="sequence", channels=["eta", "pt"], positions=[5]),
    "tree": Input(name="block", kind="tree", channels=["p"], positions=[7]),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Draw a block of 50 rows of each sample; return the rows, their weights, and the numbers that were shown.

    With them comes the folder of the tables.
    """

    @functools.cache
    def draw(kind, empty=()):
        tmp_path = tmp_path_factory.mktemp(kind)
        one = INPUTS[kind]
        random = np.random.default_rng(0)
        known, files = {}, []
        for sample in SAMPLES:
            rows = 0 if sample in empty else 50
            values = random.normal(1, 1, (rows, *one.shape)).astype(np.float32)
            if one.masked:
                values[:, -1] = (
                    np.arange(one.positions[0]) < random.integers(1, one.positions[0] + 1, rows)[:, np.newaxis]
                )
                values *= values[:, -1:]
            known[sample] = values, random.uniform(0.5, 2, rows)
            block = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), one.size)
            table = table_of(sample, weight=known[sample][1], id_event=np.arange(rows), block=block)
            files.append(tmp_path / f"{sample}.parquet")
            tables.write([table], table.schema, files[-1])
        write_json({"samples": {name: {"factor": factor} for name, factor in FACTORS.items()}}, tmp_path / "n.json")
        samples = [{"name": name, "label": name, "class_name": class_name} for name, class_name in SAMPLES.items()]
        settings = {
            "input": one.model_dump(),
            "samples": samples,
            "labels": {"signal": "S"},
            "luminosity": 1,
            "energy": 13,
        }
        arguments = ["block", "--spec", json.dumps({"settings": settings}), "--normalisation", str(tmp_path / "n.json")]
        for name in ("a", "b"):
            main([*arguments, "--features", *map(str, files), "--figure", str(tmp_path / f"{name}.svg")])
        for suffix in ("svg", "png", "pdf", "csv"):
            assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
        return known, pd.read_csv(tmp_path / "a.csv"), tmp_path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "ROW_GROUP", 20)
        yield draw


def test_mean_images_are_of_classes_and_weighted_by_yields(run):
    known, shown, _ = run("image")
    assert list(dict.fromkeys(shown["class"])) == ["signal", "background", "data"]
    values = np.concatenate([known["one"][0], known["two"][0]])
    weights = np.concatenate([known["one"][1], 10 * known["two"][1]])
    for number, channel in enumerate(["count", "pt"]):
        pixels = shown[(shown["class"] == "signal") & (shown["channel"] == channel)]
        expected = np.average(values[:, number], axis=0, weights=weights)
        np.testing.assert_allclose(pixels["mean"].to_numpy().reshape(3, 4), expected, rtol=1e-4, atol=1e-5)
        assert pixels[["eta", "phi"]].to_numpy()[4].tolist() == [1, 0]


@pytest.mark.parametrize("kind", ["sequence", "tree"])
def test_objects_are_counted_and_their_channels_shown_without_the_padding(run, kind):
    known, shown, _ = run(kind)
    assert list(dict.fromkeys(shown["channel"])) == ["number of objects", *INPUTS[kind].channels]
    totals = shown.groupby(["channel", "class"])["value"].sum()
    np.testing.assert_allclose(totals, 1, rtol=1e-4)
    values, weights = known["zz"]
    counts = values[:, -1].sum(axis=1)
    objects = shown[(shown["channel"] == "number of objects") & (shown["class"] == "background")]
    for count in range(1, INPUTS[kind].positions[0] + 1):
        found = objects[(objects["low"] < count) & (count < objects["high"])]["value"].sum()
        assert found == pytest.approx(weights[counts == count].sum() / weights.sum(), rel=1e-4)
    mask = values[:, -1] > 0
    for number, channel in enumerate(INPUTS[kind].channels):
        content = shown[(shown["channel"] == channel) & (shown["class"] == "background")]
        low, high, value = content[["low", "high", "value"]].to_numpy()[20]
        inside = (values[:, number] >= low) & (values[:, number] < high) & mask
        expected = (inside * weights[:, np.newaxis]).sum() / (mask * weights[:, np.newaxis]).sum()
        assert value == pytest.approx(expected, rel=0.02, abs=1e-3)


def settings_of(kind, **more):
    samples = [{"name": name, "label": name, "class_name": class_name} for name, class_name in SAMPLES.items()]
    known = {"input": INPUTS[kind].model_dump(), "samples": samples, "labels": {}, "luminosity": 1, "energy": 13}
    return Shown.model_validate(known | more)


def test_classes_have_their_colours_and_what_is_outside_is_said(run):
    _, shown, folder = run("sequence")
    groups = {name: class_name or name for name, class_name in SAMPLES.items()}
    files = [folder / f"{name}.parquet" for name in SAMPLES]
    figure, _ = blocks.draw_objects(settings_of("sequence"), files, groups, FACTORS)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    drawn = {label: to_hex(handle.get_edgecolor()) for handle, label in zip(handles, labels, strict=True)}
    assert drawn == {"signal": plotting.SIGNAL[0], "background": plotting.BACKGROUND[0], "data": "#717581"}
    notes = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert notes[0] == []
    for note, channel in zip(notes[1:], INPUTS["sequence"].channels, strict=True):
        own = shown[shown["channel"] == channel]
        below = own[own["low"] == -np.inf]["value"]
        assert (below > 0).any()
        assert note[0].startswith("not shown: ")


def test_pixels_of_a_file_have_rows_and_columns(run):
    _, _, folder = run("image")
    groups = {name: class_name or name for name, class_name in SAMPLES.items()}
    files = [folder / f"{name}.parquet" for name in SAMPLES]
    stored = settings_of("image", directions=["row", "column"])
    figure, numbers = blocks.draw_images(stored, files, groups, FACTORS)
    assert {"row", "column"} < set(numbers)
    assert not {"eta", "phi"} & set(numbers)
    assert figure.axes[0].get_ylabel() == "Pixel row"
    assert figure.axes[3].get_xlabel() == "Pixel column"
    figure, numbers = blocks.draw_images(settings_of("image", experiment="CMS"), files, groups, FACTORS)
    figure.draw_without_rendering()
    panels = figure.axes[:3]
    assert [text.get_text() for axes in panels for text in axes.texts] == ["signal", "background", "data"]
    for axes in panels:
        [label] = axes.texts
        assert axes.bbox.y1 < label.get_window_extent().y0, "never on a pixel"
        assert label.get_window_extent().y1 < min(one._left_title.get_window_extent().y0 for one in panels[:1])
    assert figure.axes[0].get_ylabel() == "Pixel in η"
    ticks = [*figure.axes[3].get_xticks(), *figure.axes[3].xaxis.get_minorticklocs()]
    assert all(float(tick).is_integer() for tick in ticks)


@pytest.mark.parametrize("kind", INPUTS)
def test_a_sample_without_rows(run, kind):
    _, shown, _ = run(kind, empty=("data", "one"))
    assert "signal" in set(shown["class"])
