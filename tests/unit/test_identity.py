"""The hash of an event's identity: known values, and independence of everything but the identity."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from helpers import run_features, write_ntuple
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.data.identity import event_hash, row_hash, splitmix64, unit_interval
from snakeroot.errors import SnakerootError

GOLDEN, WORD = 0x9E3779B97F4A7C15, 2**64 - 1
IDENTITY = st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=True), st.text(max_size=6), st.booleans())
KINDS = {"run": pa.int64(), "mass": pa.float64(), "name": pa.string(), "data": pa.bool_()}


def mix(word):
    """SplitMix64's next(), as its authors publish it in C, in Python's unbounded integers."""
    word = (word + GOLDEN) & WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
    return word ^ (word >> 31)


def table(rows):
    columns = list(zip(*rows, strict=True)) if rows else [[]] * len(KINDS)
    return pa.table({f"id_{name}": pa.array(c, kind) for (name, kind), c in zip(KINDS.items(), columns, strict=True)})


def hashes(rows, seed=0):
    return event_hash(table(rows), list(KINDS), seed).tolist()


@pytest.mark.parametrize(
    ("seed", "outputs"),
    [
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B]),
        (
            1234567,
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
        ),
    ],
)
def test_splitmix64_gives_the_published_sequence(seed, outputs):
    states = [(seed + step * GOLDEN) & WORD for step in range(len(outputs))]
    assert splitmix64(np.array(states, np.uint64)).tolist() == outputs == [mix(state) for state in states]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.integers(0, 2**32 - 1))
def test_numbers_are_hashed_by_their_bits_in_the_order_of_the_columns(numbers, seed):
    found = event_hash(pa.table({"id_a": numbers, "id_b": numbers[::-1]}), ["b", "a"], seed)
    assert found.tolist() == [
        mix(mix(mix(seed) ^ (b & WORD)) ^ (a & WORD)) for a, b in zip(numbers, numbers[::-1], strict=True)
    ]


CELL = {
    pa.int64(): st.integers(-3, 3) | st.none(),
    pa.int8(): st.integers(0, 1) | st.none(),
    pa.float32(): st.sampled_from([0.0, -0.0, 1.5, math.inf]),
    pa.float64(): st.sampled_from([0.0, -0.0, 1.5]) | st.none(),
    pa.bool_(): st.booleans() | st.none(),
    pa.string(): st.sampled_from(["", "a", "b"]) | st.none(),
    pa.list_(pa.float32(), 2): st.sampled_from([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]),
}


@given(st.lists(st.tuples(*CELL.values())))
def test_rows_of_any_columns_have_the_same_hash_if_they_are_the_same_to_the_bit(rows):
    columns = zip(*rows, strict=True) if rows else [[]] * len(CELL)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, CELL, strict=True)]
    found = row_hash(pa.table(arrays, names=[*"abcdefg"]), [*"abcdefg"]).tolist()
    assert len(set(found)) == len(set(map(repr, rows)))
    alone = [
        row_hash(pa.table([a.slice(i, 1) for a in arrays], names=[*"abcdefg"]), [*"abcdefg"])[0]
        for i in range(len(rows))
    ]
    assert alone == found


@given(st.lists(IDENTITY, min_size=1), st.data())
def test_each_row_has_its_own_hash_whatever_stands_around_it(rows, data):
    """Row order, parts, slices of a table and pieces of a column change nothing."""
    alone = [hashes([row])[0] for row in rows]
    assert hashes(rows) == alone
    assert hashes(rows[::-1]) == alone[::-1]
    cut = data.draw(st.integers(0, len(rows)))
    assert hashes(rows[:cut]) + hashes(rows[cut:]) == alone
    assert event_hash(table(rows).slice(cut), list(KINDS)).tolist() == alone[cut:]
    pieces = pa.concat_tables([table(rows[:cut]), table(rows[cut:])])
    assert event_hash(pieces, list(KINDS)).tolist() == alone


@given(st.lists(IDENTITY, unique_by=repr))
def test_different_identities_have_different_hashes(rows):
    assert len(set(hashes(rows))) == len(rows)


def test_near_identities_have_different_hashes():
    texts = ["", "\0", "\0\0", "a", "a\0", "ab", "ba", "aab", "aba", "é", "e\u0301"]
    found = event_hash(pa.table({"id_name": texts}), ["name"])
    assert len(set(found.tolist())) == len(texts)
    zeros = event_hash(pa.table({"id_x": [0.0, -0.0, np.nextafter(0, 1)]}), ["x"])
    assert len(set(zeros.tolist())) == 3
    columns = pa.table({"id_x": [1, 2], "id_y": [2, 1]})
    assert len(set(event_hash(columns, ["x", "y"]).tolist())) == 2
    assert event_hash(columns, ["x", "y"]).tolist() != event_hash(columns, ["y", "x"]).tolist()


def test_seeds_are_independent():
    numbers = pa.table({"id_x": np.arange(20_000)})
    low = [unit_interval(event_hash(numbers, ["x"], seed)) < 0.5 for seed in range(4)]
    for i in range(4):
        for j in range(i):
            assert abs(np.mean(low[i] == low[j]) - 0.5) < 0.02  # 5 standard deviations


def test_the_unit_interval_is_half_open_and_uniform():
    assert unit_interval(np.array([0, 2**64 - 1, 2**63], np.uint64)).tolist() == [0.0, 1 - 2**-53, 0.5]
    counts, _ = np.histogram(unit_interval(splitmix64(np.arange(100_000, dtype=np.uint64))), 50, (0, 1))
    assert ((counts - 2000) ** 2 / 2000).sum() < 100  # chi2 of 49 degrees of freedom: p = 2e-5


def test_the_storage_of_the_branches_changes_nothing(tmp_path):
    found = []
    for kind in (np.int16, np.int32, np.uint32, np.int64, np.uint64):
        path = write_ntuple(tmp_path / "a.root", {"event": np.arange(9, dtype=kind), "x": np.zeros(9)})
        found.append(event_hash(run_features(path, event_id=["event"])[0], ["event"]).tolist())
    signed = [np.arange(-4, 5, dtype=kind) for kind in (np.int8, np.int64)]
    for events in signed:
        path = write_ntuple(tmp_path / "a.root", {"event": events, "x": np.zeros(9)})
        found.append(event_hash(run_features(path, event_id=["event"])[0], ["event"]).tolist())
    assert found[0] == found[1] == found[2] == found[3] == found[4]
    assert found[5] == found[6]


def test_a_missing_identity_is_an_error():
    with pytest.raises(SnakerootError, match="'x' is missing in 1 entries"):
        event_hash(pa.table({"id_x": [1, None]}), ["x"])
