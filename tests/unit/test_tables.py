"""Parquet: the same bytes however the rows arrived."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks import rows
from snakeroot.networks.inputs import Input


def example(count):
    return table_of(id_event=np.arange(count), x=np.arange(count, dtype=np.float32) / 7)


def pieces(table, cuts):
    edges = [0, *sorted(cut % (table.num_rows + 1) for cut in cuts), table.num_rows]
    return [table.slice(a, b - a) for a, b in pairwise(edges)]


@given(st.integers(0, 60), st.lists(st.integers(0, 60)), st.integers(1, 20))
def test_regroup_keeps_the_rows_in_tables_of_one_size(count, cuts, size):
    found = list(tables.regroup(pieces(example(count), cuts), size))
    assert [table.num_rows for table in found] == [size] * (count // size) + [count % size] * (count % size > 0)
    joined = [number for table in found for number in table["id_event"].to_pylist()]
    assert joined == list(range(count))


def test_regroup_holds_about_one_group():
    taken = 0

    def source():
        nonlocal taken
        for piece in pieces(example(1000), range(0, 1000, 10)):
            taken += piece.num_rows
            yield piece

    for number, _ in enumerate(tables.regroup(source(), 50), 1):
        assert taken <= 50 * number + 10


@pytest.mark.parametrize("count", [0, 5, tables.ROW_GROUP, tables.ROW_GROUP + 1, 2 * tables.ROW_GROUP + 5])
def test_bytes_do_not_depend_on_the_chunks(tmp_path, count):
    table = example(count)
    for name, cuts in (("one", []), ("some", [1, 1, count // 2, tables.ROW_GROUP]), ("many", range(0, count, 1000))):
        tables.write(pieces(table, cuts), table.schema, tmp_path / f"{name}.parquet")
    contents = {path.read_bytes() for path in tmp_path.iterdir()}
    assert len(contents) == 1
    assert tables.read(tmp_path / "one.parquet").equals(table)
    groups = pq.ParquetFile(tmp_path / "one.parquet").metadata
    sizes = [groups.row_group(i).num_rows for i in range(groups.num_row_groups)]
    assert sizes == [tables.ROW_GROUP] * (count // tables.ROW_GROUP) + [count % tables.ROW_GROUP] * (
        count % tables.ROW_GROUP > 0
    )


def blocks(rows, size):
    """A column of blocks of numbers that follow each other."""
    numbers = pa.array(np.arange(rows * size, dtype=np.float32))
    return pa.FixedSizeListArray.from_arrays(numbers, size)


def test_a_row_group_is_smaller_where_rows_are_large(tmp_path):
    table = table_of(id_event=np.arange(5), image=blocks(5, 20_000_000 // 4))
    assert tables.row_group(table.schema) == 1
    for name, cuts in (("one", []), ("many", range(5))):
        tables.write(pieces(table, cuts), table.schema, tmp_path / f"{name}.parquet")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    assert pq.ParquetFile(tmp_path / "one.parquet").num_row_groups == 5
    for size in (1, 7, 900, 30_000):
        schema = table_of(id_event=[0], image=blocks(1, size)).schema
        assert tables.row_group(schema) * size * 4 <= 2**25
        assert tables.row_group(schema) == tables.ROW_GROUP or (tables.row_group(schema) + 1) * (size * 4 + 100) > 2**25


@pytest.mark.parametrize("rows_", [0, 1, 50])
def test_blocks_come_back_as_they_were(tmp_path, rows_):
    table = table_of(id_event=np.arange(rows_), x=np.ones(rows_, np.float32), image=blocks(rows_, 6))
    tables.write([table], table.schema, tmp_path / "a.parquet")
    found = tables.read(tmp_path / "a.parquet")
    assert found.schema == table.schema
    expected = np.arange(rows_ * 6, dtype=np.float32).reshape(rows_, 6)
    assert np.array_equal(rows.numbers(found["image"]), expected)
    assert np.array_equal(rows.numbers(found.slice(rows_ // 2)["image"]), expected[rows_ // 2 :])
    scattered = pa.concat_tables([found.slice(rows_ // 2), found.slice(0, rows_ // 2)])
    image = Input(name="image", kind="image", channels=["a"], positions=[2, 3])
    joined = rows.matrix(scattered, [Input(name="x"), image])
    assert (joined.dtype, joined.shape, joined.flags.c_contiguous) == (np.float32, (rows_, 7), True)
    assert np.array_equal(joined[:, 1:], np.concatenate([expected[rows_ // 2 :], expected[: rows_ // 2]]))
    assert (joined[:, 0] == 1).all()


def test_an_error_on_the_way_leaves_nothing(tmp_path):
    def broken():
        yield example(10)
        raise SnakerootError("no more")

    with pytest.raises(SnakerootError, match="no more"):
        tables.write(broken(), example(1).schema, tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


def test_columns_and_files_are_read_in_the_given_order(tmp_path):
    for name in "ab":
        tables.write([table_of(name, id_event=[ord(name)], x=[1.0])], example(0).schema, tmp_path / f"{name}.parquet")
    found = tables.read_all([tmp_path / "b.parquet", tmp_path / "a.parquet"], ["sample", "id_event"])
    assert found.column_names == ["sample", "id_event"]
    assert found.to_pylist() == [{"sample": "b", "id_event": 98}, {"sample": "a", "id_event": 97}]


@pytest.mark.parametrize("content", [None, b"", b"PAR1 and more"])
def test_a_damaged_file_is_an_error_with_its_name(tmp_path, content):
    if content is not None:
        (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(SnakerootError, match=r"a\.parquet: cannot be read as Parquet"):
        tables.read(tmp_path / "a.parquet")


def test_rows_as_arrays(tmp_path):
    table = pa.concat_tables([table_of("zz", weight=[1, 2], x=[1.5, 2.5], y=[3, 4]), table_of("vbf", x=[0.5], y=[9])])
    found = rows.matrix(table, [Input(name="y"), Input(name="x")])
    assert (found.dtype, found.flags.c_contiguous) == (np.float32, True)
    assert found.tolist() == [[3, 1.5], [4, 2.5], [9, 0.5]]
    write_json({"samples": {"vbf": {"factor": 10.0}, "zz": {"factor": 0.5}}}, tmp_path / "n.json")
    assert rows.yields(table, tmp_path / "n.json").tolist() == [0.5, 1, 10]
    assert rows.yields(table.slice(2), tmp_path / "n.json").tolist() == [10]


def test_rows_of_several_files_stream_in_tables_of_one_size(tmp_path):
    paths = [tmp_path / f"{name}.parquet" for name in "abc"]
    for number, (path, count) in enumerate(zip(paths, (7, 0, 9), strict=True)):
        part = table_of(id_event=np.arange(count) + 100 * number, x=np.arange(count, dtype=np.float32))
        tables.write([part], part.schema, path)
    whole = tables.read_all(paths, ["x", "id_event", "sample"]).select(["x", "id_event", "sample"])
    for size in (1, 3, 8, 16, 100):
        found = list(tables.stream(paths, ["x", "id_event", "sample"], size))
        assert [one.num_rows for one in found] == [size] * (16 // size) + [16 % size] * (16 % size > 0)
        assert pa.concat_tables(found).unify_dictionaries().to_pydict() == whole.to_pydict()
    [none] = tables.stream(paths[1:2], ["x"])
    assert (none.num_rows, none.column_names) == (0, ["x"])
    other = example(3).drop_columns("x").append_column("x", pa.array([1, 2, 3]))
    tables.write([other], other.schema, paths[1])
    with pytest.raises(SnakerootError, match=r"b\.parquet: the column 'x' is int64, but 'x' is float in .*a\.parquet"):
        list(tables.stream(paths, ["x"]))
