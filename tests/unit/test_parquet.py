"""Parquet as pandas, pyarrow and awkward (so coffea and columnflow) write it: flat and nested, with what is missing."""

from __future__ import annotations

import datetime
import decimal
import math
import tempfile
from pathlib import Path

import awkward as ak
import kinds
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import run_features, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from snakeroot.errors import SnakerootError
from snakeroot.features.readers import parquet

FLAT = {"tree": None, "event_id": ["event"]}


def written(path, values, **options):
    pq.write_table(pa.table(values), path, **options)
    return path


def run(path, **changed):
    return run_features(path, **{**FLAT, "features": {"y": "event"}, **changed})[0]


def fails(path, says, **changed):
    kinds.fails(path, says, **{**FLAT, "features": {"y": "event"}, **changed})


EVENTS = [
    {
        "event": number,
        "Jet": [{"pt": 10.0 * place + number, "id": place - 1, "b": place > 1} for place in range(number % 4)],
        "MET": {"pt": number + 0.5, "sig": {"value": number * 2}},
        "name": f"event {number}",
    }
    for number in range(10)
]


@pytest.mark.parametrize("options", [{"extensionarray": True}, {"extensionarray": False}, {"row_group_size": 3}])
@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_nested_events_as_awkward_writes_them(tmp_path, options, chunk):
    ak.to_parquet(ak.Array(EVENTS), tmp_path / "a.parquet", **options)
    texts = {
        "ht": "sum(branch('Jet.pt'))",
        "charge": "sum(id)",
        "n": "count(branch('Jet.pt')[branch('Jet.b')])",
        "met": "branch('MET.pt')",
        "sig": "branch('sig.value') + value",
    }
    table = run(tmp_path / "a.parquet", features=texts, spectators=["name"], chunk=chunk)
    jets = [event["Jet"] for event in EVENTS]
    assert table["ht"].to_pylist() == [sum(jet["pt"] for jet in one) for one in jets]
    assert table["charge"].to_pylist() == [sum(jet["id"] for jet in one) for one in jets]
    assert table["n"].to_pylist() == [sum(jet["b"] for jet in one) for one in jets]
    assert table["met"].to_pylist() == [event["MET"]["pt"] for event in EVENTS]
    assert table["sig"].to_pylist() == [4 * number for number in range(10)]
    assert table["name"].to_pylist() == [event["name"] for event in EVENTS]
    for text in ("pt", "branch('Jet.pt')"):
        if text == "pt":
            fails_of = r"'pt' may be any of 2 branches; write which: branch\('Jet.pt'\), branch\('MET.pt'\)"
            with pytest.raises(SnakerootError, match=fails_of):
                run(tmp_path / "a.parquet", features={"pt": text}, rows="Jet")
            continue
        rows = run(tmp_path / "a.parquet", features={"pt": text, "id": "id"}, rows="Jet", chunk=chunk)
        assert rows["pt"].to_pylist() == [jet["pt"] for one in jets for jet in one]
        assert rows["id_event"].to_pylist() == [event["event"] for event in EVENTS for _ in event["Jet"]]


def test_a_collection_is_a_group_of_branches(tmp_path):
    ak.to_parquet(ak.Array(EVENTS), tmp_path / "a.parquet")
    fails(
        tmp_path / "a.parquet",
        r"'Jet' is a group of 3 branches; write one of them: branch\('Jet.pt'\), branch\('Jet.id'\), branch\('Jet.b'\)",
        features={"y": "Jet"},
    )


INNER = st.one_of(st.none(), st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=3))
RECORD = st.fixed_dictionaries({"a": INNER, "b": st.one_of(st.none(), st.booleans())})
LISTS = st.one_of(st.none(), st.lists(st.one_of(st.none(), RECORD), max_size=4))
NONE = {"a": None, "b": None}


@settings(max_examples=60, deadline=None)
@given(st.lists(LISTS, min_size=1, max_size=8), st.integers(1, 5), st.integers(1, 5))
def test_what_is_missing_in_lists_of_records_of_lists(values, group, chunk):
    """Against plain Python: a missing list is empty, a missing number none; wherever chunks and row groups end."""
    kind = pa.list_(pa.struct([("a", pa.list_(pa.int32())), ("b", pa.bool_())]))
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "a.parquet", {"x": pa.array(values, kind)}, row_group_size=group)
        with parquet.opened(path, None) as tree:
            chunks = list(parquet.chunks(path, tree, ["x.a", "x.b"], chunk))
    found = {name: [one for part in chunks for one in part[name].to_list()] for name in ("x.a", "x.b")}
    records = [[one or NONE for one in row or []] for row in values]
    assert found["x.a"] == [[one["a"] or [] for one in row] for row in records]
    assert found["x.b"] == [[one["b"] for one in row] for row in records]
    missing = any(None in (one["a"] or []) for row in records for one in row)
    assert {("?" in str(part["x.a"].type)) for part in chunks} == {missing}


def test_whole_numbers_stay_whole_unless_one_is_missing_in_the_file(tmp_path):
    large = 2**53 + 1
    path = written(tmp_path / "a.parquet", {"event": [1, 2, 3], "n": [large, 1, large]}, row_group_size=2)
    assert pq.read_schema(path).field("n").nullable
    assert run(path, spectators=["n"])["n"].to_pylist() == [large, 1, large]
    written(path, {"event": [1, 2, 3], "n": [1, 2, None]}, row_group_size=2)
    for chunk in (1, 100):
        table = run(path, spectators=["n"], selection="event < 3", chunk=chunk)
        assert table["n"].type == pa.float64()
        assert table["n"].to_pylist() == [1, 2]
    lists = {"event": [1, 2], "n": [[large], []]}
    assert run(written(path, lists), features={"y": f"sum(n) == {large}"})["y"].to_pylist() == [1, 0]
    no_statistics = {"event": [1, 2], "n": [large, None]}
    written(path, no_statistics, write_statistics=False)
    assert run(path, spectators=["n"])["n"].type == pa.float64()


def test_what_is_missing(tmp_path):
    values = {
        "event": pa.array([1, 2, 3]),
        "f": pa.array([1.5, None, math.nan]),
        "b": pa.array([True, None, False]),
        "s": pa.array(["a", None, ""]),
        "d": pa.array(["x", None, "x"]).dictionary_encode(),
        "u": pa.array([2**64 - 1, None, 1], pa.uint64()),
        "lists": pa.array([[1.0, None], None, []]),
        "pair": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int16(), 2)),
        "record": pa.array([{"a": 1}, None, {"a": None}], pa.struct([("a", pa.int64())])),
    }
    path = written(tmp_path / "a.parquet", values, row_group_size=2)
    for chunk in (1, 100):
        texts = {"n": "count(lists)", "pair": "sum(pair)", "a": "where(branch('record.a') > 0, 1, 0)"}
        table = run(path, spectators=["f", "b", "s", "d"], features=texts, chunk=chunk)
        np.testing.assert_array_equal(table["f"].to_pylist(), [1.5, math.nan, math.nan])
        assert table["b"].to_pylist() == [True, False, False]
        assert table["s"].to_pylist() == ["a", "", ""]
        assert table["d"].to_pylist() == ["x", "", "x"]
        assert table["n"].to_pylist() == [2, 0, 0]
        assert table["pair"].to_pylist() == [3, 0, 7]
        assert table["a"].to_pylist() == [1, 0, 0]
        for name in ("f", "b", "s", "d", "u"):
            with pytest.raises(SnakerootError, match=f"'{name}' has no value in 1 entries, the first of them entry 1"):
                run(path, event_id=[name], chunk=chunk)
        kept = run(path, event_id=["u"], selection="event != 2", chunk=chunk)
        assert kept["id_u"].to_pylist() == [-1, 1]


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        ([1, 2, 3], pa.int8(), pa.int64()),
        ([1, 2, 3], pa.uint32(), pa.int64()),
        ([1, 2, 2**64 - 1], pa.uint64(), pa.uint64()),
        ([0.5, 1, -2], pa.float16(), pa.float64()),
        ([0.5, 1, -2], pa.float32(), pa.float64()),
        ([True, False, True], pa.bool_(), pa.bool_()),
        (["a", "é", ""], pa.large_string(), pa.string()),
        (["a", "é", ""], pa.string_view(), pa.string()),
        ([b"a", "é".encode(), b""], pa.binary(), pa.string()),
        (["a", "b", "a"], pa.dictionary(pa.int8(), pa.string()), pa.string()),
    ],
)
def test_types(tmp_path, values, kind, found):
    array = pa.array(np.array(values, np.float16)) if kind == pa.float16() else pa.array(values, kind)
    path = written(tmp_path / "a.parquet", {"event": [1, 2, 3], "x": array})
    table = run(path, spectators=["x"], chunk=2)
    assert table["x"].type == found
    assert table["x"].to_pylist() == [one.decode() if isinstance(one, bytes) else one for one in values]


@pytest.mark.parametrize(
    ("array", "what"),
    [
        (pa.array([decimal.Decimal("1.50")]), r"decimals \(decimal128\(3, 2\)\)"),
        (pa.array([datetime.date(2020, 1, 1)]), r"dates or times \(date32\[day\]\)"),
        (pa.array([datetime.datetime(2020, 1, 1)]), r"dates or times \(timestamp\[us\]\)"),
        (pa.array([datetime.time(1)]), r"dates or times \(time64\[us\]\)"),
        (pa.array([b"abcd"], pa.binary(4)), "values of the type fixed_size_binary"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "maps of keys to values"),
        (pa.nulls(1), "nothing at all"),
        (pa.array([[datetime.date(2020, 1, 1)]]), "dates or times"),
    ],
)
def test_types_that_are_refused(tmp_path, array, what):
    path = written(tmp_path / "a.parquet", {"m": [[{"a": 1, "b": 2}]], "x": array, "event": [1]})
    assert run(path, features={"y": "sum(branch('m.b'))"})["y"].to_pylist() == [2]
    fails(path, rf"the branch 'x' holds {what}.*, neither numbers nor text; write it as such", features={"y": "x"})


def test_text_that_is_not_utf8(tmp_path):
    path = written(tmp_path / "a.parquet", {"event": [1], "x": pa.array([b"\xff\xfe"])})
    fails(
        path,
        "the branch 'x' holds bytes that are no text of UTF-8; write them as such, or leave it out",
        spectators=["x"],
    )


def test_columns_that_are_called_alike(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table([[1], [2], [3]], ["event", "x", "x"]), path)
    assert run(path)["y"].to_pylist() == [1]
    fails(path, "2 columns are called 'x'; rename all but one", features={"y": "x"})
    records = pa.array([{"b": 1}])
    pq.write_table(pa.table([[1], records, [3], [4]], ["event", "a", "a.b", "a.bc"]), path)
    fails(path, "2 columns are called 'a.b'", features={"y": "branch('a.b')"})
    assert run(path, features={"y": "branch('a.bc')"})["y"].to_pylist() == [4]


def test_an_encrypted_file_and_half_of_one(tmp_path):
    path = written(tmp_path / "a.parquet", {"event": range(1000)})
    content = path.read_bytes()
    path.write_bytes(b"PARE" + content[4:-4] + b"PARE")
    fails(path, "not a Parquet file, but an encrypted Parquet file.*write it without encryption")
    for kept in (0.1, 0.5, 0.99):
        path.write_bytes(content[: int(len(content) * kept)])
        fails(path, r"cannot be read: truncated or damaged \(.*\); fetch it again")


def test_a_page_that_is_damaged_is_known_by_its_checksum(tmp_path):
    path = written(tmp_path / "a.parquet", {"event": range(1000)}, write_page_checksum=True, use_dictionary=False)
    place = pq.read_metadata(path).row_group(0).column(0)
    content = bytearray(path.read_bytes())
    content[place.data_page_offset + place.total_compressed_size // 2] ^= 1
    path.write_bytes(content)
    fails(path, "truncated or damaged .*(CRC|checksum)")


def test_one_row_group_is_read_in_chunks(tmp_path):
    path = written(tmp_path / "a.parquet", {"event": np.arange(100_000), "x": np.arange(100_000) / 2})
    assert pq.read_metadata(path).num_row_groups == 1
    with parquet.opened(path, None) as tree:
        sizes = [len(chunk["x"]) for chunk in parquet.chunks(path, tree, ["x"], 30_000)]
    assert sizes == [30_000] * 3 + [10_000]
    _, flow = run_features(path, **FLAT, features={"x": "x"}, selection="x < 10", chunk=30_000)
    assert steps(flow) == {"read": 100_000, "(x < 10)": 20, "finite": 20, "written": 20}
