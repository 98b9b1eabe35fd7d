"""Rows in memory and rows from disk: the same, in the same order; and each process its own part of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.tensors import Data
from snakeroot.train import memory, sources
from snakeroot.train.data import Table
from snakeroot.train.parallel import CPU, Share
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident, Source, Streamed
from snakeroot.train.target import Target
from trainings import scalars

PARTS = {"vbf": [700, 30, 0, 410], "zz": [1100], "ggh": [1, 260]}
"""Rows of the files of each sample."""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Three samples in seven files, in row groups of 100."""
    monkeypatch.setattr(tables, "ROW_GROUP", 100)
    random = np.random.default_rng(1)
    paths = []
    for sample, parts in PARTS.items():
        for part, rows in enumerate(parts):
            x = {name: random.normal(size=rows).astype(np.float32) for name in ("x", "y", "z")}
            made = table_of(sample, int(sample != "zz"), random.random(rows), id_event=np.arange(rows), **x)
            paths.append(tmp_path / f"{sample}{part}.parquet")
            tables.write([made], made.schema, paths[-1])
    write_json(
        {"samples": {name: {"factor": f} for name, f in zip(PARTS, (2.0, 0.5, 7.0), strict=True)}}, tmp_path / "n"
    )
    return Table(
        "train",
        paths,
        tmp_path / "n",
        scalars("z", "x"),
        Target(("background", "signal")),
        lambda features: features * 2,
    )


def rows(source: Source, batch: int, seed: int = 5) -> list[tuple[Data, list[int], list[int]]]:
    return [tuple(shuffled) for shuffled in source.shuffled(seed, batch)]  # type: ignore[misc]


def equal(first: Data, second: Data) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("share", [Share(), Share(0, 3), Share(2, 3)])
@pytest.mark.parametrize(("window", "batch"), [(10_000, 64), (700, 64), (333, 100), (90, 128)])
def test_rows_from_disk_are_those_in_memory_in_the_same_order(table, window, batch, share):
    resident, streamed = (kind.load(table, window, share, CPU) for kind in (Resident, Streamed))
    assert resident.rows == streamed.rows == 2501
    found = rows(resident, batch), rows(streamed, batch)
    assert len(found[0]) == len(found[1]) == -(-2501 // (max(window // batch, 1) * batch))
    for (data, own, every), (data_too, *sizes) in zip(*found, strict=True):
        assert equal(data, data_too)
        assert [own, every] == sizes
        assert sum(own) == len(data.target)
    assert [sum(every) for *_, every in found[0]][:-1] == [max(window // batch, 1) * batch] * (len(found[0]) - 1)


@pytest.mark.parametrize("scored", [7, 100, 8192])
def test_rows_to_score_come_in_the_same_parts(table, monkeypatch, scored):
    monkeypatch.setattr(sources, "portion", lambda _: scored)
    for share in (Share(), Share(1, 2)):
        found = [list(kind.load(table, 100, share, CPU).in_order()) for kind in (Resident, Streamed)]
        assert len(found[0]) == len(found[1])
        assert all(map(equal, *found))


@pytest.mark.parametrize("batch", [1, 64, 2500])
def test_the_processes_have_all_rows_of_each_batch_and_none_twice(table, batch):
    alone = rows(Resident.load(table, 600, Share(), CPU), batch)
    shares = [rows(Resident.load(table, 600, Share(rank, 3), CPU), batch) for rank in range(3)]
    for number, (data, _, every) in enumerate(alone):
        batches = data.features.split(every)
        parts = [share[number][0].features.split(share[number][1]) for share in shares]
        assert all(sum(len(part) for part in together) > 0 for together in zip(*parts, strict=True))
        for whole, *own in zip(batches, *parts, strict=True):
            assert torch.equal(whole, torch.cat(own))
    held = [sum(len(data.target) for data, *_ in share) for share in shares]
    assert sum(held) == 2501
    assert batch == 1 or max(held) <= 2501 / 3 + len(alone[0][2]) * len(alone)


def test_weights_are_yields_scaled_to_mean_1_and_features_are_scaled_once(table):
    data = Data(*map(torch.cat, zip(*map(table.read, range(len(table.groups))), strict=True)))
    read = tables.read_all(list(dict.fromkeys(group.path for group in table.groups)))
    frame = read.to_pandas()
    assert torch.equal(data.features, torch.tensor(frame[["z", "x"]].to_numpy() * 2))
    assert data.weight.mean().item() == pytest.approx(1)
    for target in (0, 1):
        assert data.weight[data.target == target].sum().item() == pytest.approx(2501 / 2)
    factor = frame["sample"].astype(str).map({"vbf": 2.0, "zz": 0.5, "ggh": 7.0})
    expected = (frame["weight"] * factor)[frame["target"] == 1]
    np.testing.assert_allclose(data.weight[data.target == 1].numpy(), expected * 2501 / 2 / expected.sum(), rtol=1e-6)


def test_an_error_while_reading_ahead_is_that_of_the_training(table):
    source = Streamed.load(table, 100, Share(), CPU)
    begun = source.shuffled(1, 50)
    next(begun)
    for path in {group.path for group in table.groups}:
        path.write_bytes(b"no longer there")
    with pytest.raises(SnakerootError, match="cannot be read as Parquet"):
        list(begun)


def test_a_file_of_two_samples_is_refused(tmp_path, table):
    both = tables.read_all([table.groups[7].path, table.groups[-1].path])
    tables.write([both], both.schema, tmp_path / "both.parquet")
    with pytest.raises(SnakerootError, match=r"both\.parquet: not of one sample"):
        Table(
            "train",
            [tmp_path / "both.parquet"],
            tmp_path / "n",
            scalars("x"),
            Target(("background", "signal")),
            lambda features: features,
        )


def test_rows_are_held_if_they_fit_into_the_budget(table, monkeypatch):
    def kind(gigabytes: float | None, window: int = 200) -> object:
        return memory.choose(table, table, Training(memory_budget=gigabytes, shuffle_window=window, batch_size=50), CPU)

    assert kind(None) is kind(1.0) is Resident
    monkeypatch.setattr(memory, "OVERHEAD", 0)
    held = memory.resident(table, table, 200) / memory.GB
    assert kind(held * 1.001) is Resident
    streamed = memory.streamed(table, table, 50) / memory.GB
    assert streamed < held * 1.1
    with pytest.raises(
        SnakerootError, match=r"training.memory_budget: 1e-06 GB are too little .* lower training.shuff"
    ):
        kind(1e-6)


def test_the_memory_of_a_control_group(tmp_path):
    folder = tmp_path / "fs/slurm/job7"
    folder.mkdir(parents=True)
    (tmp_path / "own").write_text("0::/slurm/job7\n")
    assert memory._cgroup(tmp_path / "own", tmp_path / "fs") == float("inf")
    for group, limit, used in ((folder, "max", 100), (folder.parent, "5000", 2000), (folder.parents[1], "9000", 7000)):
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "memory.current").write_text(f"{used}\n")
    assert memory._cgroup(tmp_path / "own", tmp_path / "fs") == 2000
    assert memory._cgroup(tmp_path / "missing", tmp_path / "fs") == float("inf")
