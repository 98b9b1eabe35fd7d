"""The audit: duplicates are counted, overlaps and missing classes refused."""

from __future__ import annotations

import pyarrow as pa
import pytest
from helpers import table_of
from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.files import read_json
from snakeroot.split.audit import audit, examine
from snakeroot.split.settings import AuditSettings

SETTINGS = AuditSettings(event_id=["run", "event"], classes={"vbf": "signal", "ggh": "signal", "zz": "background"})


def rows(sample, events, run=1, weight=None):
    return table_of(sample, weight=weight, id_run=[run] * len(events), id_event=events)


def splits(train=(), validation=(), test=()):
    """Three splits that all have both classes, and these tables."""
    found = {}
    for number, (name, more) in enumerate((("train", train), ("validation", validation), ("test", test))):
        known = [rows("vbf", [1000 + number]), rows("zz", [2000 + number])]
        found[name] = pa.concat_tables([*known, *more]).unify_dictionaries()
    return found


def test_entries_and_weights_are_counted_per_sample_and_split():
    found = examine(splits(train=[rows("vbf", [1, 2], weight=[0.5, -0.25]), rows("ggh", [3])]), SETTINGS)
    assert found["splits"]["train"] == {
        "vbf": {"entries": 3, "weight": 1.25},
        "ggh": {"entries": 1, "weight": 1.0},
        "zz": {"entries": 1, "weight": 1.0},
    }
    assert found["splits"]["test"]["ggh"] == {"entries": 0, "weight": 0.0}
    assert found["overlap"] == 0


def test_duplicates_are_counted_within_and_across_samples():
    clean = examine(splits(train=[rows("vbf", [1, 2])], test=[rows("vbf", [3]), rows("vbf", [1], run=2)]), SETTINGS)
    assert clean["duplicates"] == {"within": {"vbf": 0, "ggh": 0, "zz": 0}, "across_samples": 0}
    train = [rows("vbf", [1, 1, 1, 2]), rows("ggh", [2, 3]), rows("zz", [2, 7, 7])]
    found = examine(splits(train=train, test=[rows("zz", [8, 8])]), SETTINGS)
    assert found["duplicates"] == {"within": {"vbf": 2, "ggh": 0, "zz": 2}, "across_samples": 1}


def test_zeros_of_both_signs_and_nan_are_identities_by_their_bits():
    settings = AuditSettings(event_id=["x"], classes={"s": "signal", "b": "background"})
    one = pa.concat_tables([table_of("s", id_x=[0.0, -0.0, float("nan")]), table_of("b", id_x=[1.0])])
    other = pa.concat_tables([table_of("s", id_x=[2.0]), table_of("b", id_x=[-0.0])])
    clean = {"train": one, "test": pa.concat_tables([table_of("s", id_x=[2.0]), table_of("b", id_x=[3.0])])}
    assert examine(clean, settings)["duplicates"] == {"within": {"s": 0, "b": 0}, "across_samples": 0}
    with pytest.raises(SnakerootError, match="1 events are in two splits"):
        examine({"train": one, "test": other}, settings)


@pytest.mark.parametrize("sample", ["vbf", "zz"])
def test_an_event_in_two_splits_is_refused(sample):
    with pytest.raises(SnakerootError, match="2 events are in two splits"):
        examine(splits(train=[rows("vbf", [1, 2, 3])], test=[rows(sample, [2, 3, 4])]), SETTINGS)


def test_a_missing_class_is_refused_with_its_samples_and_the_split():
    found = splits(train=[rows("vbf", [1])])
    found["validation"] = found["validation"].filter(pa.array([False, True]))
    with pytest.raises(SnakerootError, match=r"class 'signal' \(vbf, ggh\) has no event in the validation split"):
        examine(found, SETTINGS)


def test_the_report_reads_all_parts(tmp_path):
    paths = {}
    for name, table in splits(train=[rows("vbf", [1]), rows("zz", [1])]).items():
        paths[name] = [tmp_path / f"{name}{part}.parquet" for part in range(2)]
        tables.write([table.slice(0, 1)], table.schema, paths[name][0])
        tables.write([table.slice(1)], table.schema, paths[name][1])
    audit(SETTINGS, **paths, report=tmp_path / "audit.json")
    found = read_json(tmp_path / "audit.json")
    assert found["splits"]["train"]["vbf"] == {"entries": 2, "weight": 2.0}
    assert found["duplicates"]["across_samples"] == 1


def test_an_identity_of_two_types_is_an_error_with_both_files(tmp_path):
    for name, kind in (("a", pa.int64()), ("b", pa.uint64())):
        table = table_of(id_run=[1], id_event=pa.array([1], kind))
        tables.write([table], table.schema, tmp_path / f"{name}.parquet")
    with pytest.raises(
        SnakerootError, match=r"b.parquet: the column 'id_event' is uint64, but .* int64 in .*a.parquet"
    ):
        tables.read_all([tmp_path / "a.parquet", tmp_path / "b.parquet"], ["id_run", "id_event"])
