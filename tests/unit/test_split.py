"""The split: a function of the event, with the fractions that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from snakeroot.data import tables
from snakeroot.data.identity import event_hash
from snakeroot.split.__main__ import assign, split
from snakeroot.split.settings import SPLITS, Fractions, SplitSettings

EVENTS = 50_000
HASHES = event_hash(table_of(id_event=np.arange(EVENTS)), ["event"])


def run(folder, table, fold=0, **fractions):
    """Split a table; return the three."""
    tables.write([table], table.schema, folder / "table.parquet")
    files = [folder / f"{name}.parquet" for name in SPLITS]
    settings = SplitSettings(fractions=Fractions(**fractions), fold=fold, group=["event"])
    split(settings, folder / "table.parquet", *files)
    return [tables.read(file) for file in files]


def fractions(train, validation):
    return Fractions(train=train, validation=validation, test=1 - train - validation)


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_fractions_are_met_within_the_binomial_error(train, rest):
    wanted = fractions(train, (1 - train) * rest)
    counts = np.bincount(assign(HASHES, wanted, 0), minlength=3)
    assert counts.sum() == EVENTS
    for count, share in zip(counts, (wanted.train, wanted.validation, wanted.test), strict=True):
        assert abs(count - share * EVENTS) < 5 * np.sqrt(EVENTS * share * (1 - share)) + 1


def test_a_hash_on_an_edge_belongs_to_the_split_above_it():
    quarters = np.array([0, 2**62, 2**63 - 2**11, 2**63, 2**63 + 2**62, 2**64 - 1], np.uint64)
    assert assign(quarters, fractions(0.5, 0.25), 0).tolist() == [0, 0, 0, 1, 2, 2]


@given(st.floats(0.05, 0.5), st.floats(0.0, 0.4))
def test_a_larger_train_only_takes_from_the_others(train, more):
    before, after = (assign(HASHES, fractions(share, 0.05), 0) for share in (train, train + more))
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


def test_without_folds_the_split_is_what_it_always_was():
    """Known values: an event may not move when the code changes."""
    known = "1021000020100010000100020020020000200100"
    assert "".join(map(str, assign(HASHES[:40], Fractions(), 0))) == known


def in_folds(hashes, wanted):
    """Return the number of each event's split: an array of (folds, events)."""
    return np.stack([assign(hashes, wanted, fold) for fold in range(wanted.folds)])


def test_folds_by_hand():
    eighths = np.arange(8, dtype=np.uint64) << np.uint64(61)
    numbers = in_folds(eighths, Fractions(folds=4, train=0.4, validation=0.2))
    assert numbers.tolist() == [
        [2, 2, 0, 0, 0, 0, 1, 1],
        [1, 1, 2, 2, 0, 0, 0, 0],
        [0, 0, 1, 1, 2, 2, 0, 0],
        [0, 0, 0, 0, 1, 1, 2, 2],
    ]


@st.composite
def folds_and_hashes(draw):
    """A number of folds, and hashes: some anywhere, some right beside the edges of the folds' parts."""
    folds = draw(st.integers(2, 100))
    part, step = st.integers(0, folds), st.integers(-3, 3)
    beside = st.builds(lambda part, step: (part * 2**64 // folds + step * 2**11) % 2**64, part, step)
    return folds, np.array(draw(st.lists(beside | st.integers(0, 2**64 - 1), min_size=1)), np.uint64)


@given(folds_and_hashes())
def test_each_event_is_in_the_test_split_of_exactly_one_fold(drawn):
    folds, hashes = drawn
    numbers = in_folds(hashes, Fractions(folds=folds))
    assert ((numbers == 2).sum(axis=0) == 1).all()
    assert set(np.unique(numbers)) <= {0, 1, 2}


@given(st.integers(2, 10), st.floats(0.1, 0.9))
def test_folds_share_the_events_and_validate_on_different_ones(folds, train):
    wanted = Fractions(folds=folds, train=train, validation=(1 - train) / 2)
    numbers = in_folds(HASHES, wanted)
    rest = 1 - 1 / folds
    validated = rest * wanted.validation / (wanted.train + wanted.validation)
    for fold in range(folds):
        for number, share in enumerate((rest - validated, validated, 1 / folds)):
            expected = 5 * np.sqrt(EVENTS * share * (1 - share)) + 1
            assert abs((numbers[fold] == number).sum() - share * EVENTS) < expected
    for one in range(folds):
        for other in range(one):
            assert ((numbers[one] == 1) != (numbers[other] == 1)).mean() > min(validated, 1 / folds) / 2


def test_what_is_trained_and_validated_on_follows_from_the_event_alone(tmp_path):
    events = np.random.default_rng(4).permutation(2000)
    for fold in range(3):
        whole = [set(part["id_event"].to_pylist()) for part in run(tmp_path, table_of(id_event=events), fold, folds=3)]
        some = run(tmp_path, table_of(id_event=np.repeat(np.sort(events[:700]), 2)), fold, folds=3)
        assert [kept & set(events[:700].tolist()) for kept in whole] == [set(p["id_event"].to_pylist()) for p in some]
        assert sum(len(set(part["id_event"].to_pylist())) for part in some) == 700
        assert sum(len(part) for part in some) == 1400


def test_only_the_proportion_of_train_and_validation_counts_with_folds():
    one, other = Fractions(folds=4, train=0.6, validation=0.2), Fractions(folds=4, train=0.75, validation=0.25)
    assert (in_folds(HASHES, one) == in_folds(HASHES, other)).all()


@pytest.mark.parametrize(
    "given",
    [
        {"train": 0.5},
        {"train": 1.0, "validation": 0.0, "test": 0.0},
        {"trian": 0.6},
        {"folds": 0},
        {"folds": 101},
        {"folds": 2, "test": 0.2},
    ],
)
def test_fractions_add_up_and_none_is_empty(given):
    with pytest.raises(ValidationError):
        Fractions(**given)
