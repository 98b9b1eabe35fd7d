"""Validation figures of generated samples: what is defined is drawn, process by process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import uproot
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.catalogue import figures
from snakeroot.evaluate.generated.generation import Shown, histograms
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.validated import VALIDATED
from snakeroot.physics.expressions.evaluation import numbers
from snakeroot.physics.expressions.language import parse

W = {"name": "w", "label": "W", "class_name": "signal"}
QCD = {"name": "qcd", "label": "QCD", "class_name": "background"}


def settings(**changed: Any) -> Shown:
    defaults = {
        "variable": "ratio",
        "expression": "a / b",
        "tree": "Tree",
        "axis": {"label": "a over b", "range": [0, 1], "bins": 10},
        "luminosity": None,
        "energy": 13.0,
        "samples": [W, QCD, W],
    }
    return Shown.model_validate(defaults | changed)


@pytest.fixture
def ntuples(tmp_path: Path) -> list[Path]:
    """a / b is 0.25, 0.25, 0.35 | 0.75 | 0.45."""
    paths = []
    for number, values in enumerate(([0.5, 0.5, 0.7], [1.5], [0.9])):
        paths.append(tmp_path / f"{number}.root")
        with uproot.recreate(paths[-1]) as file:
            file["Tree"] = {"a": np.array(values, np.float32), "b": np.full(len(values), 2, np.float32)}
    return paths


def legend(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_parts_of_a_sample_are_one_curve_of_the_expression(ntuples: list[Path], tmp_path: Path) -> None:
    figures()["generation"].draw(settings(), {"ntuples": ntuples}, tmp_path / "ratio.svg")
    table = pd.read_csv(tmp_path / "ratio.csv")
    assert list(table["process"].unique()) == ["W", "QCD"]
    w = table[table["process"] == "W"]
    np.testing.assert_allclose(w["value"], [0, 0, 0, 0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0])  # with both flows
    assert w["median"].iloc[0] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        pytest.param({"range": [0, 1], "bins": 40}, "W: median 0.31 (3 events)", id="bins of 0.025"),
        pytest.param({"range": [0, 200], "bins": 40, "unit": "GeV"}, "W: median 0 GeV (3 events)", id="bins of 5"),
    ],
)
def test_medians_are_of_what_is_defined_to_the_width_of_a_bin(axis: dict[str, Any], expected: str) -> None:
    figure, _ = histograms(settings(axis={"label": "x"} | axis, samples=[W]), {"w": np.array([0.2, -999, 0.3123, 0.4])})
    assert legend(figure) == [expected]


def test_another_file_is_an_error_that_names_it(ntuples: list[Path], tmp_path: Path) -> None:
    for changed, path in (({"tree": "Other"}, ntuples[0]), ({"expression": "a / c"}, ntuples[0])):
        with pytest.raises(SnakerootError, match=f"{path}: not an ntuple of ours"):
            figures()["generation"].draw(settings(**changed), {"ntuples": ntuples}, tmp_path / "ratio.svg")


def test_every_reconstruction_is_validated() -> None:
    assert {shown.reconstruction for shown in VALIDATED.values()} == set(RECONSTRUCTIONS.names())


@pytest.mark.parametrize("process", ["vbf_h4mu", "w_jets"])
def test_every_quantity_is_in_the_ntuple_and_its_range_fits(process: str, tmp_path: Path) -> None:
    pytest.importorskip("pythia8mc", reason="pythia8mc is not installed; it has no wheel for every platform")
    from generation import run  # noqa: PLC0415 - as in other modules, after the check above

    branches = {name: ak.Array(column) for name, column in run(tmp_path, process=process, events=250).columns.items()}
    mine = {
        k: shown for k, shown in VALIDATED.items() if shown.reconstruction == PROCESSES.load(process).RECONSTRUCTION
    }
    for name, shown in mine.items():
        values = numbers(parse(shown.expression), branches, np.arange(len(branches["f_event"])))
        _, table = histograms(settings(variable=name, axis=shown.axis.model_dump(), samples=[W]), {"w": values})
        assert table["value"].iloc[1:-1].sum() > 0.8, f"{name}: most events are in the range shown"
        low, high = shown.axis.range or (np.nan, np.nan)
        assert low < table["median"].iloc[0] < high
