"""Combined predictions: fold below fold, replica beside replica, and their mean."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from helpers import table_of
from projects import REPOSITORY
from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.predict.combine import combine
from snakeroot.predict.combine_settings import CombineSettings


def predictions(path, events, score, sample="vbf"):
    """Write predictions as the predict stage does."""
    table = table_of(sample, id_run=[7] * len(events), id_event=events, weight=np.arange(len(events)))
    table = table.append_column("score", pa.array(score, pa.float64()))
    tables.write([table], table.schema, path)
    return path


def run(folder, files, replicas):
    combine(CombineSettings(replicas=replicas), files, [folder / "combined.parquet"])
    return tables.read(folder / "combined.parquet")


COMMON = ["id_run", "id_event", "sample", "part", "entry", "target", "fold", "weight"]


def test_a_single_network_keeps_its_rows_and_its_score_to_the_bit(tmp_path):
    score = np.random.default_rng(1).random(1000)
    path = predictions(tmp_path / "one.parquet", range(1000), score)
    found = run(tmp_path, [path], 1)
    assert found.column_names == [*COMMON, "score_0", "score"]
    assert found.drop_columns(["fold", "score_0"]).equals(tables.read(path))
    assert found["score_0"].equals(found["score"])
    assert set(found["fold"].to_pylist()) == {0}


def test_folds_are_below_and_replicas_beside_each_other_with_mean_and_spread(tmp_path):
    random = np.random.default_rng(2)
    scores = random.random((2, 3, 50))
    files = [
        predictions(tmp_path / f"{fold}{replica}.parquet", range(50 * fold, 50 * fold + 50), scores[fold, replica], s)
        for fold, s in enumerate(("vbf", "zz"))
        for replica in range(3)
    ]
    found = run(tmp_path, files, 3)
    assert found.column_names == [*COMMON, "score_0", "score_1", "score_2", "score", "score_spread"]
    assert found.schema.field("fold").type == pa.int8()
    table = found.to_pandas()
    assert table["id_event"].tolist() == list(range(100))
    assert table["fold"].tolist() == [0] * 50 + [1] * 50
    assert table["sample"].tolist() == ["vbf"] * 50 + ["zz"] * 50
    beside = np.concatenate(scores, axis=1)
    for replica in range(3):
        assert (table[f"score_{replica}"] == beside[replica]).all()
    np.testing.assert_allclose(table["score"], beside.sum(axis=0) / 3, rtol=1e-14)
    spread = np.sqrt(((beside - beside.mean(axis=0)) ** 2).sum(axis=0) / 2)
    np.testing.assert_allclose(table["score_spread"], spread, rtol=1e-12)


def test_a_fold_without_rows_is_no_fault(tmp_path):
    files = [predictions(tmp_path / f"{n}.parquet", events, [0.5] * len(events)) for n, events in enumerate(([], [1]))]
    tables.write([], tables.read(files[1]).schema, files[0])
    assert run(tmp_path, files, 1)["fold"].to_pylist() == [1]


def test_each_split_has_its_own_networks(tmp_path):
    """Two splits of two folds of one replica each."""
    files = [predictions(tmp_path / f"{number}.parquet", [number], [0.1 * number]) for number in range(4)]
    combined = [tmp_path / "train.parquet", tmp_path / "test.parquet"]
    combine(CombineSettings(replicas=1), files, combined)
    assert [tables.read(path)["id_event"].to_pylist() for path in combined] == [[0, 1], [2, 3]]
    assert [tables.read(path)["fold"].to_pylist() for path in combined] == [[0, 1], [0, 1]]


@pytest.mark.parametrize("other", [[1, 2, 3], [2, 1], [1]])
def test_replicas_with_other_rows_are_refused_by_name(tmp_path, other):
    one = predictions(tmp_path / "one.parquet", [1, 2], [0.5, 0.6])
    two = predictions(tmp_path / "two.parquet", other, [0.5] * len(other))
    table = tables.read(two)
    table = table.set_column(table.column_names.index("entry"), "entry", pa.array([n - 1 for n in other]))
    tables.write([table], table.schema, two)
    with pytest.raises(SnakerootError, match=r"two\.parquet: its rows are not those of .*one\.parquet; delete both"):
        run(tmp_path, [one, two], 2)
    assert not (tmp_path / "combined.parquet").exists()


def test_combining_needs_no_torch():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, snakeroot.predict.combine; print('torch' in sys.modules)"],
        env={"PYTHONPATH": str(REPOSITORY / "workflow")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False"
