"""Seals: a changed byte in a table or in weights is an error, never another number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from helpers import table_of
from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.networks import weights

ROWS = 60


@pytest.fixture(scope="module")
def table():
    """Every kind of column that there is, in two row groups or more."""
    random = np.random.default_rng(1)
    image = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(ROWS * 4, dtype=np.float32)), 4)
    return table_of(
        id_event=np.arange(ROWS),
        id_text=[f"event {number}" for number in range(ROWS)],
        image=image,
        x=random.random(ROWS, np.float32),
        **{"score.a": random.random(ROWS), "flag": random.random(ROWS) < 0.5},
    )


def changed(content, size):
    """Copies of the content in each of which one byte is another: of both ends all bytes, and some in between."""
    random = np.random.default_rng(2)
    places = {*range(50), *range(size - 50, size), *random.integers(0, size, 300).tolist()}
    for place in sorted(places):
        copy = bytearray(content)
        copy[place] ^= int(random.integers(1, 256))
        yield place, bytes(copy)


def test_a_changed_byte_of_a_table_is_an_error_that_names_it(tmp_path, table, monkeypatch):
    monkeypatch.setattr(tables, "ROW_GROUP", 32)
    path = tmp_path / "a.parquet"
    tables.write([table], table.schema, path)
    assert tables.open_parquet(path).num_row_groups == 2
    content, harmless = path.read_bytes(), []
    for place, copy in changed(content, len(content)):
        path.write_bytes(copy)
        try:
            assert tables.read(path).equals(table), place
            harmless.append(place)
        except SnakerootError as error:
            assert str(error).startswith(f"{path}: cannot be read as Parquet (")  # noqa: PT017
            assert str(error).endswith("; delete it and run again")  # noqa: PT017
    assert max(harmless) < 4  # the name of the format at the beginning, which says nothing


def test_of_a_damaged_table_the_sound_columns_and_groups_can_be_read(tmp_path, table, monkeypatch):
    monkeypatch.setattr(tables, "ROW_GROUP", 32)
    path = tmp_path / "a.parquet"
    tables.write([table], table.schema, path)
    chunk = pq.read_metadata(path).row_group(1).column(table.column_names.index("x"))
    content = bytearray(path.read_bytes())
    content[(chunk.dictionary_page_offset or chunk.data_page_offset) + chunk.total_compressed_size - 1] ^= 1
    path.write_bytes(content)
    with tables.open_parquet(path) as file:
        assert file.read_row_group(0).equals(table.slice(0, 32))
        assert file.read_row_group(1, ["image", "score.a"]).equals(table.slice(32).select(["image", "score.a"]))
        for columns in (None, ["x"]):
            with pytest.raises(SnakerootError, match=r"a\.parquet: .*damaged\); delete it and run again"):
                file.read_row_group(1, columns)
            with pytest.raises(SnakerootError, match=r"a\.parquet: .*damaged\); delete it and run again"):
                file.read(columns)


def test_a_truncated_table_and_one_that_was_not_sealed_are_errors(tmp_path, table):
    path = tmp_path / "a.parquet"
    tables.write([table], table.schema, path)
    assert pq.read_table(path).equals(table)  # other readers skip the seal
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SnakerootError, match="cannot be read as Parquet"):
        tables.open_parquet(path)
    pq.write_table(table, path)
    with pytest.raises(SnakerootError, match="not as it was written"):
        tables.open_parquet(path)


def test_a_changed_byte_of_weights_is_an_error(tmp_path):
    random = torch.Generator().manual_seed(1)
    tensors = {
        "layers.0.weight": torch.randn(7, 5, generator=random),
        "mean": torch.randn(5, generator=random, dtype=torch.float64),
        "steps": torch.tensor(3),
        "none": torch.zeros(0, 2),
        "half": torch.randn(3, generator=random).to(torch.bfloat16),
        "mask": torch.tensor([True, False]),
    }
    path = tmp_path / "a.safetensors"
    digest = weights.save(tensors, path, "text of the state")
    content = path.read_bytes()
    assert weights.save(dict(reversed(tensors.items())), path, "text of the state") == digest
    assert path.read_bytes() == content
    assert weights.load(path).text == "text of the state"
    for place, copy in changed(content, len(content)):
        path.write_bytes(copy)
        try:
            found = weights.load(path)
        except ValueError:
            continue
        assert found.text == "text of the state", place
        assert found.tensors.keys() == tensors.keys(), place
        for name, values in tensors.items():
            assert found.tensors[name].dtype == values.dtype, place
            assert torch.equal(found.tensors[name], values), place
