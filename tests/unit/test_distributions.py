"""A column in histograms, read in pieces: the same as of all rows at once, to the same bits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from snakeroot import plotting
from snakeroot.data import once, tables
from snakeroot.data.once import Once
from snakeroot.evaluate.distributions import distribution
from snakeroot.plotting.extents import EXACT, extent
from snakeroot.plotting.settings import Axis

unhurried = hypothesis_settings(deadline=None, max_examples=150)
numbers = st.lists(st.floats(allow_nan=True, width=32) | st.integers(-5, 5).map(float), min_size=1, max_size=60)


def in_pieces(values):
    return np.array_split(values, 3)


@unhurried
@given(numbers, st.sampled_from([np.float32, np.float64]))
def test_an_extent_is_that_of_numpy(values, kind):
    column = np.array(values, dtype=kind)
    found, finite = extent(in_pieces(column)), column[np.isfinite(column)].astype(np.float64)
    assert found.count == len(finite)
    if not len(finite):
        return
    low, high = np.quantile(finite, [0.005, 0.995])
    assert (found.low, found.high) == (low, high)
    assert (found.first, found.last) == (finite[finite <= low].max(), finite[finite >= high].min())
    assert found.whole == bool(np.all(finite == np.round(finite)))
    if found.whole and np.abs(finite).max() <= EXACT:
        assert found.step == np.gcd.reduce(np.diff(np.unique(finite)).astype(np.int64), initial=0)
    else:
        assert not found.step


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_an_extent_of_many_numbers_of_all_sizes_is_exact(kind):
    random = np.random.default_rng(4)
    column = (random.normal(size=50_000) * 10.0 ** random.uniform(-30, 30, 50_000)).astype(kind)
    found = extent(in_pieces(column))
    assert (found.low, found.high) == tuple(np.quantile(column.astype(np.float64), [0.005, 0.995]))


def test_pieces_of_two_types_are_numbers_of_the_wider_one():
    pieces = [np.array([0.1, 7.0], np.float32), np.array([0.1, 1e200])]
    found = extent(pieces)
    assert (found.low, found.high) == tuple(np.quantile(np.concatenate(pieces), [0.005, 0.995]))


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two samples in files of several row groups, and data of which a third are copies."""
    monkeypatch.setattr(tables, "ROW_GROUP", 100)
    random, paths = np.random.default_rng(3), []
    for place, name in enumerate(("vbf", "zz", "run")):
        count = 250 + 40 * place
        x = random.normal(place, 2.0, count).astype(np.float32)
        x[random.random(count) < 0.05] = np.nan
        columns = {
            "id_event": np.arange(count) % 200 if name == "run" else np.arange(count),
            "sample": pa.array([name] * count).dictionary_encode(),
            "weight": np.ones(count) if name == "run" else random.choice([1.5, -0.5], count, p=[0.8, 0.2]),
            "x": x,
        }
        table = pa.table(columns)
        paths.append(tmp_path / f"{name}.parquet")
        tables.write([table], table.schema, paths[-1])
    assert tables.open_parquet(paths[0]).num_row_groups == 3
    return paths


@pytest.mark.parametrize("held", [0, 400, 2**20])
@pytest.mark.parametrize("shown", [None, (-1.0, 3.0)])
def test_histograms_in_pieces_are_those_of_all_rows(files, monkeypatch, held, shown):
    monkeypatch.setattr(once, "HELD", held)
    rows = Once(files, ["run"])
    assert rows.copies == 330 - 200
    found = distribution(rows.of("x"), "x", Axis(range=shown, bins=30), ["vbf", "zz", "run", "none"])
    frames = {path.stem: tables.read(path).to_pandas() for path in files}
    frames["run"] = frames["run"].drop_duplicates("id_event")
    everything = np.concatenate([frame["x"].to_numpy() for frame in frames.values()])
    limits = shown or tuple(np.quantile(everything[~np.isnan(everything)].astype(float), [0.005, 0.995]))
    assert (found.limits, found.whole, found.seen) == (limits, False, set(frames))
    for name, frame in frames.items():
        own, known = found.samples[name], frame["x"].notna().to_numpy()
        x, weight = frame["x"].to_numpy(), frame["weight"].to_numpy()
        expected = plotting.histogram(x[known], weight[known], limits, 30)
        assert own.histogram == expected
        assert own.rows == len(frame)
        assert own.undefined_share == pytest.approx(weight[~known].sum() / weight.sum())
        whole = own.whole().view(flow=True)
        assert whole["value"].sum() == pytest.approx(weight.sum())
        assert whole["variance"].sum() == pytest.approx(np.square(weight).sum())
        assert whole["value"][-1] == pytest.approx(expected.view(flow=True)["value"][-1] + weight[~known].sum())
    assert not found.samples["none"].histogram.sum(flow=True).value


def test_a_range_is_of_the_samples_that_are_asked_for(files):
    rows = Once(files, [])
    assert rows.copies == 0
    found = distribution(rows.of("x"), "x", Axis(), ["vbf"], ["vbf"])
    x = tables.read(files[0])["x"].to_numpy()
    assert found.limits == tuple(np.quantile(x[~np.isnan(x)].astype(float), [0.005, 0.995]))


def test_few_rows_are_read_once_and_many_are_not_kept(files, monkeypatch):
    """What decides is their number alone, so that memory has a bound."""
    read = []
    real = tables.Parquet.read_row_group
    monkeypatch.setattr(tables.Parquet, "read_row_group", lambda *of: read.append(1) or real(*of))
    for held, times in ((2**20, 1), (700, 4)):
        monkeypatch.setattr(once, "HELD", held)
        read.clear()
        distribution(Once(files, []).of("x"), "x", Axis(), ["vbf", "zz"])
        assert len(read) == times * (3 + 3 + 4)
