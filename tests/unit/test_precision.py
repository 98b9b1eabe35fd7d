"""What float32 loses: counted where different numbers become one, and not where they are only rounded."""

from __future__ import annotations

import logging

import awkward as ak
import numpy as np
import pytest
from helpers import run_features, write_ntuple
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.features.precision import lost

RANDOM = np.random.default_rng(0)
MANY = 20_000
TIMES = 1.7e9 + RANDOM.uniform(0, 90, MANY)
ORDINARY = {
    "uniform": RANDOM.uniform(0, 1, MANY),
    "normal": RANDOM.normal(91.2, 2.5, MANY),
    "narrow": RANDOM.normal(91.1876, 0.01, MANY),
    "lognormal": RANDOM.lognormal(0, 9, MANY),
    "small": RANDOM.lognormal(-60, 3, MANY),
    "angle": RANDOM.uniform(-np.pi, np.pi, MANY),
    "energy in MeV": RANDOM.exponential(1e8, MANY),
    "cosmic rays in eV": RANDOM.lognormal(45, 1, MANY),
    "seconds of a year": RANDOM.uniform(1.7e9, 1.7e9 + 3e7, MANY),
    "with a sentinel": np.where(RANDOM.random(MANY) < 0.5, -999, RANDOM.normal(0, 1, MANY)),
    "whole": RANDOM.integers(-(2**24), 2**24, MANY).astype(float),
    "bool": RANDOM.integers(0, 2, MANY).astype(float),
    "constant": np.full(MANY, 1.7e9 + 0.3),
    "one up to rounding": RANDOM.dirichlet(np.ones(40), MANY).sum(axis=1),
    "float32 of a file": RANDOM.normal(1.7e9, 1e3, MANY).astype(np.float32).astype(float),
    "not finite": np.where(RANDOM.random(MANY) < 0.9, np.nan, np.inf),
    "nothing": np.empty(0),
    "no whole number": np.empty(0, np.int64),
    "whole numbers": RANDOM.integers(-(2**24), 2**24, MANY),
    "one large whole number": np.full(MANY, 2**64 - 1, np.uint64),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_rounding_alone_is_no_loss(name):
    assert lost(ORDINARY[name]) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (TIMES, MANY - 2),
        (-TIMES, MANY - 2),
        (np.where(np.arange(MANY) % 2 == 0, -1.0, TIMES), MANY // 2 - 2),
        (np.where(np.arange(MANY) % 10 < 6, np.nan, TIMES), 4 * MANY // 10 - 2),
        (1.7e18 + np.arange(MANY) * 1e6, None),
        (1 - RANDOM.exponential(1e-9, MANY), None),
        (RANDOM.lognormal(-120, 1, MANY), MANY - 1),
        (2.0**24 + np.arange(4), 1),
        (np.r_[np.arange(1000), 2.0**24 + np.arange(1000)], None),
        (TIMES[:5], 4),
        (1_700_000_000_000_000_000 + 10 * np.arange(600), 599),
        (-(2**62) + np.arange(600), 599),
        (2**63 + np.arange(100, dtype=np.uint64), 99),
        (np.r_[np.arange(MANY), 2**24, 2**24 + 1], 1),
    ],
)
def test_different_numbers_that_become_one_are_counted(values, expected):
    found = lost(values)
    assert found > 0
    if expected is not None:
        assert abs(found - expected) <= 2
    finite = values[np.isfinite(values)]
    assert found <= len(np.unique(finite)) - len(np.unique(finite.astype(np.float32)))


@given(st.lists(st.floats(allow_subnormal=False), max_size=600))
def test_it_never_counts_more_than_there_are(values):
    values = np.array(values)
    with np.errstate(over="ignore"):
        assert 0 <= lost(values) <= len(np.unique(values))


def test_the_features_job_counts_them_and_says_what_to_do(tmp_path, caplog):
    path = write_ntuple(
        tmp_path / "a.root",
        {
            "event": np.arange(400),
            "time": TIMES[:400],
            "x": ORDINARY["uniform"][:400],
            "hits": ak.unflatten(TIMES[:1200], 3),
        },
    )
    known = {"event_id": ["event"], "chunk": 150, "target": "time", "weight": "x"}
    features = {"raw": "time", "later": "time - 1.7e9", "x": "x"}
    sequence = {"order_by": "hits", "length": 2, "channels": {"t": "hits", "dt": "hits - time"}}
    with caplog.at_level(logging.WARNING):
        _, flow = run_features(path, **known, features=features, sequences={"hits_t": sequence})
    assert set(flow["rounded"]) == {"raw", "target", "hits_t.t"}
    assert 390 <= flow["rounded"]["raw"] == flow["rounded"]["target"] < 400
    assert 1190 <= flow["rounded"]["hits_t.t"] < 1200
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 3
    assert f"a.root: {flow['rounded']['raw']} different values of 'raw' became equal" in warned[0]
    assert "subtract an offset in its expression" in warned[0]
    caplog.clear()
    _, flow = run_features(path, **{**known, "target": 1}, features={"x": "x", "later": "time - 1.7e9"})
    assert flow["rounded"] == {}
    assert not [record for record in caplog.records if record.levelno == logging.WARNING]


def test_whole_numbers_are_counted_before_they_become_floating_point_ones(tmp_path):
    """In float64, times in nanoseconds that differ by 10 are the same, or 256 apart."""
    times = 1_700_000_000_000_000_000 + 10 * np.arange(600)
    path = write_ntuple(
        tmp_path / "a.root",
        {"event": np.arange(600), "t": times, "large": 2**63 + np.arange(600, dtype=np.uint64), "hits": times[:, None]},
    )
    features = {"t": "t", "later": "t - 1700000000000000000", "large": "large"}
    sequence = {"order_by": "hits", "length": 1, "channels": {"t": "hits", "dt": "hits - t"}}
    _, flow = run_features(path, event_id=["event"], target="t", features=features, sequences={"hits": sequence})
    assert flow["rounded"] == {"t": 599, "large": 599, "target": 599, "hits.t": 599}


NANOSECONDS = 1_700_000_000_000_000_000 + 10 * np.arange(100)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"features": {"x": "hits[0] % 1000"}}, "x"),
        ({"features": {"x": "max(hits) - 1.7e18"}}, "x"),
        ({"features": {"x": "1.0 * t - 1.7e18"}}, "x"),
        ({"features": {"x": "t - 1.7e18"}}, "x"),
        ({"features": {"x": "sum(hits[first] > 0)"}}, "x"),
        ({"features": {"x": "(t // n) % 10"}}, "x"),
        ({"features": {"x": "where(n > 0, t, 0.5) % 1000"}}, "x"),
        ({"features": {"x": "maybe % 1000"}}, "x"),
        ({"selection": "hits[0] > 5"}, "selection"),
        ({"weight": "t"}, "weight"),
        ({"target": "hits[0] % 7"}, "target"),
        ({"sequences": {"s": {"order_by": "hits", "length": 1, "channels": {"c": "1.0 * hits / t"}}}}, "s"),
        ({"definitions": {"d": "hits[0]"}, "features": {"x": "d % 1000", "y": "d"}}, "definitions.d"),
        ({"definitions": {"d": "hits[0]"}, "spectators": ["d"]}, "definitions.d"),
    ],
)
def test_what_float64_loses_is_counted_where_it_is_lost(tmp_path, caplog, changed, where):
    columns = {
        "event": np.arange(100),
        "n": np.ones(100, int),
        "t": NANOSECONDS,
        "first": np.zeros((100, 1), int),
        "hits": NANOSECONDS[:, None],
        "maybe": ak.Array([None, *NANOSECONDS[1:].tolist()]),
    }
    lists = {name: ak.Array(values.tolist()) for name, values in columns.items() if name in ("first", "hits")}
    path = write_ntuple(tmp_path / "a.root", columns | lists, "RNTuple")
    known = {"event_id": ["event"], "features": {"e": "event"}, "non_finite": "drop"}
    with caplog.at_level(logging.WARNING):
        _, flow = run_features(path, **known | changed)
    # 990 ns hold 3 or 4 of the steps of 256 ns that float64 has there
    assert 90 <= flow["inexact"][where] <= 2 * 97
    assert list(flow["inexact"]) in ([where], [where, "x"])
    assert any(f"different whole numbers in '{where}' became equal" in record.getMessage() for record in caplog.records)


def test_what_is_computed_of_whole_numbers_first_loses_nothing(tmp_path, caplog):
    times = ak.Array(NANOSECONDS[:, None].tolist())
    path = write_ntuple(tmp_path / "a.root", {"event": np.arange(100), "t": NANOSECONDS, "hits": times})
    features = {
        "x": "(hits - 1700000000000000000)[0]", "y": "max(hits % 1000)", "z": "t // 7 % 100", "near": "isfinite(t)",
        "large": "(t > 1.5) + (sum(hits) > 2)", "n": "count(hits)",
    }  # fmt: skip
    with caplog.at_level(logging.WARNING):
        table, flow = run_features(path, event_id=["event"], features=features)
    assert "inexact" not in flow
    assert flow["rounded"] == {}
    assert not caplog.records
    assert table["x"].to_pylist() == (10 * np.arange(100)).tolist()
    assert table["z"].to_pylist() == [int(time) // 7 % 100 for time in NANOSECONDS]
