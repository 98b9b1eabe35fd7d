"""The split: a function of the event, with the fractions that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot import tables
from snakeroot.split.__main__ import assign, split
from snakeroot.split.identity import event_hash
from snakeroot.split.settings import SPLITS, Fractions, SplitSettings

EVENTS = 50_000
HASHES = event_hash(table_of(id_event=np.arange(EVENTS)), ["event"])


def run(folder, table, **fractions):
    """Split a table; return the three."""
    tables.write([table], table.schema, folder / "table.parquet")
    files = [folder / f"{name}.parquet" for name in SPLITS]
    split(SplitSettings(fractions=Fractions(**fractions), event_id=["event"]), folder / "table.parquet", *files)
    return [tables.read(file) for file in files]


def fractions(train, validation):
    return Fractions(train=train, validation=validation, test=1 - train - validation)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_fractions_are_met_within_the_binomial_error(train, rest):
    wanted = fractions(train, (1 - train) * rest)
    counts = np.bincount(assign(HASHES, wanted), minlength=3)
    assert counts.sum() == EVENTS
    for count, share in zip(counts, (wanted.train, wanted.validation, wanted.test), strict=True):
        assert abs(count - share * EVENTS) < 5 * np.sqrt(EVENTS * share * (1 - share)) + 1


def test_a_hash_on_an_edge_belongs_to_the_split_above_it():
    quarters = np.array([0, 2**62, 2**63 - 2**11, 2**63, 2**63 + 2**62, 2**64 - 1], np.uint64)
    assert assign(quarters, fractions(0.5, 0.25)).tolist() == [0, 0, 0, 1, 2, 2]


@given(st.floats(0.05, 0.5), st.floats(0.0, 0.4))
def test_a_larger_train_only_takes_from_the_others(train, more):
    before, after = assign(HASHES, fractions(train, 0.05)), assign(HASHES, fractions(train + more, 0.05))
    assert (after[before == 0] == 0).all()
    assert (after >= 0).all()
    assert not ((before == 1) & (after == 2)).any()


def test_every_row_is_in_exactly_one_split_unchanged_and_in_order(tmp_path):
    random = np.random.default_rng(3)
    table = table_of(id_event=random.permutation(1000), x=random.normal(size=1000).astype(np.float32))
    parts = run(tmp_path, table)
    assert all(part.schema == table.schema for part in parts)
    entries = [part["entry"].to_numpy() for part in parts]
    assert sorted(np.concatenate(entries).tolist()) == list(range(1000))
    for part, entry in zip(parts, entries, strict=True):
        assert part.equals(table.take(entry))
        assert (np.diff(entry) > 0).all()


def test_an_event_stays_in_its_split_when_files_are_merged_sorted_or_skimmed(tmp_path):
    events = np.random.default_rng(4).permutation(2000)
    whole = [set(part["id_event"].to_pylist()) for part in run(tmp_path, table_of(id_event=events))]
    some = [set(part["id_event"].to_pylist()) for part in run(tmp_path, table_of(id_event=np.sort(events[:700])))]
    assert [kept & set(events[:700].tolist()) for kept in whole] == some


def test_copies_of_an_event_share_a_split(tmp_path):
    parts = run(tmp_path, table_of(id_event=np.repeat(np.arange(300), 3)))
    assert sum(len(set(part["id_event"].to_pylist())) for part in parts) == 300


def test_a_part_without_rows(tmp_path):
    table = table_of(id_event=np.arange(3), x=np.zeros(3, np.float32)).slice(0, 0)
    assert all(part.equals(table) for part in run(tmp_path, table))


def test_another_seed_is_another_split(tmp_path):
    first, second = (run(tmp_path, table_of(id_event=np.arange(500)), seed=seed)[0] for seed in (0, 1))
    common = set(first["id_event"].to_pylist()) & set(second["id_event"].to_pylist())
    assert 0.26 < len(common) / 500 < 0.46  # 0.6² = 0.36


@pytest.mark.parametrize("given", [{"train": 0.5}, {"train": 1.0, "validation": 0.0, "test": 0.0}, {"trian": 0.6}])
def test_fractions_add_up_and_none_is_empty(given):
    with pytest.raises(ValidationError):
        Fractions(**given)
