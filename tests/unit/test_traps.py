"""Traps in features: against scikit-learn and plain counting, and through the audit that looks for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from helpers import table_of
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from snakeroot.data import names, tables, traps
from snakeroot.data.files import read_json
from snakeroot.split import traps as of_split
from snakeroot.split.audit import audit
from snakeroot.split.settings import AuditSettings


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=2, max_size=80))
def test_separation_is_the_larger_of_both_areas(rows):
    values, positive = (np.array(one) for one in zip(*rows, strict=True))
    if len(set(positive.tolist())) < 2:
        assert traps.separation(values, positive) == 0.5
        return
    area = roc_auc_score(positive, values)
    found = traps.separation(values, positive)
    if traps.REPEATED * len(set(values.tolist())) > len(values):
        assert found == pytest.approx(max(area, 1 - area))
    else:  # each value says what it is most of
        share = {value: positive[values == value].mean() for value in values}
        assert found == pytest.approx(max(area, 1 - area, roc_auc_score(positive, [share[v] for v in values])))


def test_a_constant_of_each_sample_separates_wherever_it_lies():
    positive = np.repeat([False, True, False], 100)
    assert traps.separation(np.repeat([1.0, 2.0, 3.0], 100), positive) == 1
    assert traps.separation(np.random.default_rng(0).normal(size=300), positive) < 0.6


def test_what_is_not_finite_says_nothing():
    values = np.array([np.nan, np.inf, 1.0, 2.0, 3.0, 4.0])
    assert traps.separation(values, np.array([1, 1, 0, 1, 0, 1], bool)) == 0.75


def column(*parts):
    found = traps.Column()
    for values in parts:
        found.add(np.asarray(values, np.float32))
    return found.sentinels()


SPREAD = np.linspace(20.5, 3000, 80)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([*SPREAD, *[-999] * 20], {-999.0: 0.2}),
        ([*SPREAD, *[-999] * 10, *[-99] * 10], {-999.0: 0.1, -99.0: 0.1}),
        ([*SPREAD, *[99999] * 20], {99999.0: 0.2}),
        ([*SPREAD / 3000, *[-1] * 20], {-1.0: 0.2}),  # a discriminant that is not there
        ([*SPREAD / 600, *[-9] * 20], {-9.0: 0.2}),
        ([-1, 1] * 50, {}),  # charges
        ([*SPREAD, -999], {}),  # once may be chance
        (np.arange(-120, 120).tolist() * 2, {}),  # -99 among its like
        ([-999] * 9, {}),  # constant
        ([999, 999, *np.linspace(0, 998.5, 80)], {}),  # the end of a spectrum
        (np.linspace(-1, 1, 41).tolist() * 2, {}),  # cosines
    ],
)
def test_sentinels_are_at_an_end_and_apart_from_all_real_values(values, expected):
    assert column(values) == pytest.approx(expected)
    assert column(values[::2], values[1::2]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("branch", "role"),
    [
        *((name, "id") for name in ("run", "f_event", "eventNumber", "luminosityBlock", "evt/RunNumber", "EventID")),
        *((name, "weight") for name in ("Weight", "f_pu_weight", "genWeight", "mcEventWeight", "w", "xsec", "lep_sf")),
        *(
            (name, None)
            for name in ("m_w", "mass", "runner", "eventual_pt", "nEvents_seen", "phi", "maxsec", "Z1_mass")
        ),
    ],
)
def test_what_a_branch_is_by_its_name(branch, role):
    assert names.role(branch) == role


def audited(tmp_path, parts, **changed):
    """Run the audit on parts of the train split: (sample, columns); return its traps."""
    paths = []
    for number, (sample, columns) in enumerate(parts):
        rows = len(next(iter(columns.values())))
        events = {"id_event": np.arange(rows) + 100_000 * number}
        kept = {name: np.asarray(values, np.float32) for name, values in columns.items()}
        paths.append(tmp_path / f"{number}.parquet")
        table = table_of(sample, 1, **events, **kept)
        tables.write([table], table.schema, paths[-1])
    rest = [tmp_path / f"{split}.parquet" for split in ("validation", "test")]
    for number, path in enumerate(rest):
        rows = [table_of(name, 1, id_event=[-2 * number - place]) for place, name in ((1, "sig"), (2, "bkg"))]
        tables.write([pa.concat_tables(rows).unify_dictionaries()], rows[0].schema, path)
    settings = {
        "folds": 1,
        "event_id": ["event"],
        "classes": {"sig": "signal", "bkg": "background"},
        "features": list(parts[0][1]),
        "compared": ["signal"],
    }
    audit(AuditSettings.model_validate(settings | changed), paths, rest[:1], rest[1:], [], [], tmp_path / "audit.json")
    return read_json(tmp_path / "audit.json")["traps"]


RANDOM = np.random.default_rng(1)


def test_the_audit_finds_traps_in_all_parts_and_logs_them(tmp_path, caplog):
    def part(run, rows):
        x = RANDOM.normal(size=rows)
        return {"x": x, "run": np.full(rows, run), "jet": np.where(x > 0, RANDOM.uniform(30, 99, rows), -999)}

    parts = [("bkg", part(1, 300)), ("sig", part(2, 450)), ("bkg", part(3, 600))]
    found = audited(tmp_path, parts, named={"run": "id"})
    assert found["separating"] == {"run": {"class": "signal", "auc": 1.0}}
    share = np.concatenate([columns["jet"] for _, columns in parts]) == -999
    assert found["sentinels"] == {"jet": {"-999": pytest.approx(share.mean())}}
    assert found["few"] == {"the class 'signal'": 450}
    assert [record.getMessage() for record in caplog.records] == traps.remarks(found)
    assert len(traps.remarks(found)) == 4


def test_of_a_task_without_classes_only_sentinels_and_few_events_are_told(tmp_path):
    parts = [("bkg", {"run": [1.0] * 300}), ("sig", {"run": [2.0] * 100})]
    found = audited(tmp_path, parts, compared=[])
    assert found == {"named": {}, "separating": {}, "sentinels": {}, "few": {"the task": 400}}


def test_many_rows_are_drawn_from_evenly(tmp_path, monkeypatch):
    """The last rows of a large part tell as much as the first."""
    monkeypatch.setattr(of_split, "SAMPLED", 100)
    rows = np.arange(2000.0)
    parts = [("bkg", {"x": rows}), ("sig", {"x": np.where(rows < 1000, rows, 1e6)})]
    assert audited(tmp_path, parts)["separating"] == {}
    parts = [("bkg", {"x": rows}), ("sig", {"x": rows + 1e6})]
    assert audited(tmp_path, parts)["separating"] == {"x": {"class": "signal", "auc": 1.0}}
