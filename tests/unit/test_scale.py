"""The scaling: against scikit-learn, however the rows are divided into parts."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.preprocessing import StandardScaler
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.scale.__main__ import moments, scale
from snakeroot.scale.settings import ScaleSettings
from trainings import scalars

VALUES = st.floats(-1000, 1000, width=32)
ROWS = st.integers(1, 40).flatmap(lambda rows: arrays.arrays(np.float32, (rows, 3), elements=VALUES))


@given(ROWS, st.lists(st.integers(0, 40)), st.sampled_from([0.0, 1e6]))
def test_moments_are_those_of_scikit_learn_for_any_division(rows, cuts, offset):
    rows = rows + np.float32(offset)
    reference = StandardScaler().fit(rows.astype(np.float64))
    count, mean, deviation = moments(np.split(rows, sorted(cut % len(rows) for cut in cuts)))
    assert count == len(rows)
    np.testing.assert_allclose(mean, reference.mean_, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(deviation, np.sqrt(reference.var_), rtol=1e-6, atol=1e-6)


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.lists(st.integers(1, 9), min_size=1))
def test_a_constant_has_exactly_no_deviation(value, sizes):
    _, mean, deviation = moments(np.full((size, 1), value, np.float32) for size in sizes)
    assert (mean[0], deviation[0]) == (np.float32(value), 0)


def run(folder, *parts, inputs=None):
    paths = [folder / f"{number}.parquet" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        tables.write([part], part.schema, path)
    scale(ScaleSettings(inputs=inputs or scalars("x", "y")), paths, folder / "scaling.json")
    return read_json(folder / "scaling.json")


def rows(**columns):
    return table_of(**{name: np.array(values, np.float32) for name, values in columns.items()})


def test_features_are_found_by_name_over_all_parts(tmp_path):
    found = run(tmp_path, rows(x=[1, 2], y=[10, 20]), rows(y=[30, 40], x=[3, 4]), rows(x=[], y=[]))
    assert found["x"] == {"mean": [2.5], "standard_deviation": [pytest.approx(1.25**0.5)]}
    assert found["y"] == {"mean": [25], "standard_deviation": [pytest.approx(125**0.5)]}


def test_a_constant_feature_is_not_stretched_and_warned_about(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        found = run(tmp_path, rows(x=[0.1, 0.1, 0.1], y=[1, 2, 3]))
    assert found["x"] == {"mean": [np.float32(0.1)], "standard_deviation": [1.0]}
    assert [record.getMessage() for record in caplog.records] == ["the feature 'x' is constant: it cannot help"]


def test_an_empty_train_split_is_an_error(tmp_path):
    with pytest.raises(SnakerootError, match="the train split is empty"):
        run(tmp_path, rows(x=[], y=[]), rows(x=[], y=[]))
    assert not (tmp_path / "scaling.json").exists()
