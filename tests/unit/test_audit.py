"""The audit: duplicates are counted, overlaps and missing classes refused."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from helpers import table_of
from snakeroot.data import copies, tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.split.audit import audit, examine
from snakeroot.split.settings import AuditSettings

CLASSES = {"vbf": "signal", "ggh": "signal", "zz": "background"}
SETTINGS = AuditSettings(folds=1, event_id=["run", "event"], classes=CLASSES)
TWO_FOLDS = AuditSettings(folds=2, event_id=["run", "event"], classes=CLASSES)


def rows(sample, events, run=1, weight=None):
    return table_of(sample, weight=weight, id_run=[run] * len(events), id_event=events)


def splits(train=(), validation=(), test=()):
    """Three splits that all have both classes, and these tables."""
    found = {}
    for number, (name, more) in enumerate((("train", train), ("validation", validation), ("test", test))):
        known = [rows("vbf", [1000 + number]), rows("zz", [2000 + number])]
        found[name] = pa.concat_tables([*known, *more]).unify_dictionaries()
    return found


def examine_one(found):
    """Examine a split without folds."""
    return examine([found], SETTINGS)


def test_entries_and_weights_are_counted_per_sample_and_split():
    found = examine_one(splits(train=[rows("vbf", [1, 2], weight=[0.5, -0.25]), rows("ggh", [3])]))
    assert found["folds"][0]["train"] == {
        "vbf": {"entries": 3, "weight": 1.25},
        "ggh": {"entries": 1, "weight": 1.0},
        "zz": {"entries": 1, "weight": 1.0},
    }
    assert found["folds"][0]["test"]["ggh"] == {"entries": 0, "weight": 0.0}
    assert (found["events"], found["tested"], found["overlap"]) == (9, 2, 0)


def test_duplicates_are_counted_within_and_across_samples():
    clean = examine_one(splits(train=[rows("vbf", [1, 2])], test=[rows("vbf", [3]), rows("vbf", [1], run=2)]))
    assert clean["duplicates"] == {"within": {"vbf": 0, "ggh": 0, "zz": 0}, "across_samples": 0}
    train = [rows("vbf", [1, 1, 1, 2]), rows("ggh", [2, 3]), rows("zz", [2, 7, 7])]
    found = examine_one(splits(train=train, test=[rows("zz", [8, 8])]))
    assert found["duplicates"] == {"within": {"vbf": 2, "ggh": 0, "zz": 2}, "across_samples": 1}


def test_objects_of_an_event_are_no_duplicates_but_share_its_split():
    settings = SETTINGS.model_copy(update={"objects": True})

    def objects(sample, events, places):
        return rows(sample, events).append_column("object", [places])

    train = [objects("vbf", [1, 1, 1, 2], [0, 1, 1, 0]), objects("zz", [1, 2], [2, 0])]
    test = [objects("vbf", [3, 3], [0, 1]), objects("zz", [4], [0])]
    found = {name: pa.concat_tables(tables) for name, tables in (("train", train), ("test", test))}
    report = examine([found], settings)
    assert report["duplicates"] == {"within": {"vbf": 1, "ggh": 0, "zz": 0}, "across_samples": 1}
    assert (report["events"], report["tested"], report["overlap"]) == (4, 2, 0)
    assert examine([found], SETTINGS)["duplicates"]["within"]["vbf"] == 3
    found["test"] = pa.concat_tables([*test, objects("vbf", [1], [3])])
    with pytest.raises(SnakerootError, match="1 events are in two splits"):
        examine([found], settings)


def test_zeros_of_both_signs_and_nan_are_identities_by_their_bits():
    settings = AuditSettings(folds=1, event_id=["x"], classes={"s": "signal", "b": "background"})
    one = pa.concat_tables([table_of("s", id_x=[0.0, -0.0, float("nan")]), table_of("b", id_x=[1.0])])
    other = pa.concat_tables([table_of("s", id_x=[2.0]), table_of("b", id_x=[-0.0])])
    clean = {"train": one, "test": pa.concat_tables([table_of("s", id_x=[2.0]), table_of("b", id_x=[3.0])])}
    assert examine([clean], settings)["duplicates"] == {"within": {"s": 0, "b": 0}, "across_samples": 0}
    with pytest.raises(SnakerootError, match="1 events are in two splits"):
        examine([{"train": one, "test": other}], settings)


@pytest.mark.parametrize("sample", ["vbf", "zz"])
def test_an_event_in_two_splits_is_refused(sample):
    with pytest.raises(SnakerootError, match="2 events are in two splits of fold 0"):
        examine_one(splits(train=[rows("vbf", [1, 2, 3])], test=[rows(sample, [2, 3, 4])]))


def test_a_missing_class_is_refused_with_its_samples_and_the_split():
    found = splits(train=[rows("vbf", [1])])
    found["validation"] = found["validation"].filter(pa.array([False, True]))
    with pytest.raises(
        SnakerootError, match=r"class 'signal' \(vbf, ggh\) has no event in the validation split of fold 0"
    ):
        examine_one(found)


def fold(train, validation, test):
    """The splits of a fold, from event numbers of vbf and of zz for each."""
    given = {"train": train, "validation": validation, "test": test}
    return {
        split: pa.concat_tables([rows("vbf", vbf), rows("zz", zz, run=2)] if vbf else [rows("zz", zz, run=2)])
        for split, (vbf, zz) in given.items()
    }


def test_folds_are_counted_one_by_one_and_test_each_event_once():
    first = fold(train=([1, 2], [1]), validation=([3], [2, 2]), test=([4, 5], [3, 4]))
    second = fold(train=([4], [3]), validation=([5], [4]), test=([1, 2, 3], [1, 2, 2]))
    found = examine([first, second], TWO_FOLDS)
    assert [one["test"]["vbf"]["entries"] for one in found["folds"]] == [2, 3]
    assert [one["validation"]["zz"]["entries"] for one in found["folds"]] == [2, 1]
    assert (found["events"], found["tested"], found["overlap"]) == (9, 9, 0)
    assert found["duplicates"] == {"within": {"vbf": 0, "ggh": 0, "zz": 1}, "across_samples": 0}


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (fold(([4], [3]), ([5], [4]), ([1, 2, 3, 3], [1, 2])), None),
        (fold(([4, 3], [3]), ([5], [4]), ([1, 2, 3], [1, 2])), "1 events are in two splits of fold 1"),
        (fold(([4, 3], [3]), ([5], [4]), ([1, 2], [1, 2])), "1 events are not in the test split of exactly one fold"),
        (fold(([4], [3]), ([1], [4]), ([5, 2, 3], [1, 2])), "2 events are not in the test split of exactly one fold"),
        (fold(([4], [3]), ([5], [4]), ([1, 2], [1, 2])), "1 events are not in all folds"),
        (fold(([4], [3]), ([5], [4]), ([1, 2, 6], [1, 2])), "2 events are not in all folds"),
        (fold(([4], [3]), ([], [4]), ([1, 2, 3, 5], [1, 2])), "'signal' .* has no event in the validation split of f"),
    ],
)
def test_folds_that_do_not_share_the_events_out_are_refused(second, says):
    first = fold(train=([1, 2], [1]), validation=([3], [2]), test=([4, 5], [3, 4]))
    if says is None:
        assert examine([first, second], TWO_FOLDS)["tested"] == 9
    else:
        with pytest.raises(SnakerootError, match=says):
            examine([first, second], TWO_FOLDS)


def test_the_report_reads_all_parts_of_all_folds(tmp_path):
    first = fold(train=([1, 2], [1]), validation=([3], [2]), test=([4, 5], [3, 4]))
    second = fold(train=([4], [3]), validation=([5], [4]), test=([1, 2, 3], [1, 2]))
    paths = {split: [] for split in first}
    for number, found in enumerate((first, second)):
        for name, table in found.items():
            for part, rest in enumerate((table.slice(0, 1), table.slice(1))):
                paths[name].append(tmp_path / f"{name}{number}{part}.parquet")
                tables.write([rest], table.schema, paths[name][-1])
    audit(TWO_FOLDS, **paths, varied_train=[], varied_test=[], report=tmp_path / "audit.json")
    found = read_json(tmp_path / "audit.json")
    assert found.pop("traps")["separating"] == {}
    assert found == examine([first, second], TWO_FOLDS)


def test_an_identity_of_two_types_is_an_error_with_both_files(tmp_path):
    for name, kind in (("a", pa.int64()), ("b", pa.uint64())):
        table = table_of(id_run=[1], id_event=pa.array([1], kind))
        tables.write([table], table.schema, tmp_path / f"{name}.parquet")
    with pytest.raises(
        SnakerootError, match=r"b.parquet: the column 'id_event' is uint64, but .* int64 in .*a.parquet"
    ):
        tables.read_all([tmp_path / "a.parquet", tmp_path / "b.parquet"], ["id_run", "id_event"])


PER_JET = AuditSettings(
    folds=1,
    event_id=["run", "event", "jet"],
    group=["run", "event"],
    classes={"vbf": "signal", "zz": "background"},
    branches={"jet": "jet"},
)


def jets(sample, events, first=0):
    """Rows of a flat ntuple: two jets of each event."""
    table = rows(sample, [event for event in events for _ in range(2)])
    return table.add_column(2, "id_jet", [[first, first + 1] * len(events)])


def test_rows_of_a_group_share_a_split_and_are_no_duplicates():
    splits = {
        "train": pa.concat_tables([jets("vbf", [1, 2]), jets("zz", [11])]),
        "validation": pa.concat_tables([jets("vbf", [3]), jets("zz", [12, 12])]),
        "test": pa.concat_tables([jets("vbf", [4]), jets("zz", [13])]),
    }
    found = examine([splits], PER_JET)
    assert found["duplicates"] == {"within": {"vbf": 0, "zz": 2}, "across_samples": 0}
    assert (found["events"], found["tested"], found["overlap"]) == (14, 4, 0)
    assert (found["groups"], found["largest_group"]) == (7, 4)
    splits["test"] = pa.concat_tables([splits["test"], jets("vbf", [1], first=2)])  # another jet of a trained event
    with pytest.raises(SnakerootError, match="1 groups are in two splits of fold 0"):
        examine([splits], PER_JET)
    assert examine([splits], PER_JET.model_copy(update={"group": []}))["overlap"] == 0


def audited(folder, settings, **columns):
    """Audit 600 rows of each of two samples in three files, of which vbf has these columns; return the report."""
    paths = {split: [] for split in ("train", "validation", "test")}
    for sample, more in (("vbf", columns), ("zz", {"id_run": np.arange(600) + 600})):
        table = table_of(sample, **{"id_event": np.arange(600), "x": np.arange(600.0)} | more)
        split = table["id_run" if settings.group else "id_event"].to_numpy() % 3
        for number, (name, files) in enumerate(paths.items()):
            files.append(folder / f"{name}-{sample}.parquet")
            tables.write([table.filter(pa.array(split == number))], table.schema, files[-1])
    audit(settings, **paths, varied_train=[], varied_test=[], report=folder / "audit.json")
    return read_json(folder / "audit.json")


BY_EVENT = AuditSettings(
    folds=1, event_id=["event"], classes={"vbf": "signal", "zz": "background"}, branches={"run": "run", "x": "Jet_pt"}
)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"id_event": np.arange(600) % 8}, r"600 of 600 rows of the sample 'vbf' \(100 %; 3 % are .*Add 'Jet_pt', by"),
        (
            {"id_event": np.arange(600) // 2, "run": np.arange(600) % 2},
            r"600 of 600 .*\(100 %.*Add 'run', by which they d",
        ),
        (
            {"id_event": np.arange(600) // 2, "x": np.zeros(600), "w": np.arange(600)},
            ".*no feature or spectator of the task does",
        ),
        (
            {"id_event": np.arange(600) // 6, "run": np.arange(600) // 2 % 3, "x": np.arange(600) % 2},
            ".*Add 'run' and 'Jet_pt', by",
        ),
        ({"id_event": np.r_[np.arange(10), np.arange(590)]}, r"20 of 600 .* \(3.33 %; 3 %"),
        ({"id_event": np.r_[np.arange(9), np.arange(591)]}, None),
        ({"id_event": np.arange(600) // 2, "x": np.arange(600.0) // 2}, None),
        ({"id_event": np.arange(600) % 8, "x": np.arange(600) % 3}, r"600 of 600 .* \(100 %.*Add 'Jet_pt', by"),
        ({"id_event": np.arange(600) % 8, "x": np.arange(600) % 8}, None),
        ({"id_event": np.arange(600) // 3, "x": np.arange(600) % 3 * (np.arange(600) < 15)}, None),
        ({"id_event": np.arange(600) // 3, "x": np.arange(600) % 3 // 2 * (np.arange(600) < 21)}, "21 of 600"),
        ({"id_event": np.arange(600) // 8, "x": np.arange(600.0) // 2 % 4}, "600 of 600"),
    ],
)
def test_an_event_id_that_many_rows_share_which_differ_is_refused(tmp_path, columns, says):
    columns = {"run": np.zeros(600, int)} | columns
    if says is None:
        assert audited(tmp_path, BY_EVENT, **columns)["overlap"] == 0
        return
    with pytest.raises(SnakerootError, match=rf"event_id \[event\] does not tell events apart: {says}"):
        audited(tmp_path, BY_EVENT, **columns)
    assert not (tmp_path / "audit.json").exists()
    keep = BY_EVENT.model_copy(update={"duplicates": "keep"})
    assert audited(tmp_path, keep, **columns)["duplicates"]["within"]["vbf"] > 9


@pytest.mark.parametrize(("most", "helps"), [(300, True), (1, False)])
def test_a_poor_event_id_of_more_rows_than_are_looked_at_is_one(tmp_path, monkeypatch, most, helps):
    """One in two events has enough rows to find a branch that helps; one in 600, of 8 events, has none."""
    monkeypatch.setattr(copies, "MOST", most)
    with pytest.raises(SnakerootError, match=r"600 of 600 rows of the sample 'vbf'") as error:
        audited(tmp_path, BY_EVENT, id_event=np.arange(600) % 8, run=np.zeros(600, int))
    assert ("Add 'Jet_pt', by which" in str(error.value)) == helps


@pytest.mark.parametrize(("largest", "warned"), [(61, True), (60, False)])
def test_a_group_of_more_than_a_twentieth_of_the_rows_is_warned_about(tmp_path, caplog, largest, warned):
    runs = np.maximum(np.arange(600), largest - 1)
    settings = BY_EVENT.model_copy(update={"group": ["run"], "event_id": ["run", "event"]})
    found = audited(tmp_path, settings, id_run=runs)
    assert (found["groups"], found["largest_group"]) == (1201 - largest, largest)
    told = [record.getMessage() for record in caplog.records]
    assert any(text.startswith(f"a group has {largest} of all") for text in told) == warned
