"""Systematic variations that are trained on: what their rows weigh, and that all else is as without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.network import load
from snakeroot.networks.tensors import Data
from snakeroot.split import varied
from snakeroot.split.settings import AuditSettings
from snakeroot.train import memory
from snakeroot.train.__main__ import train
from snakeroot.train.data import Table
from snakeroot.train.loop import score
from snakeroot.train.mixture import Varied, factors, mixture
from snakeroot.train.parallel import CPU, Share
from snakeroot.train.settings import Mixed, TrainSettings
from snakeroot.train.sources import Resident, Streamed
from snakeroot.train.target import Target
from trainings import BINARY, NOTHING, held, scalars

SIZES = {"signal": 300, "background": 500}
MIXED = [{"name": "jes-down", "samples": ["background", "signal"], "files": 2}]


def write(folder: Path, seed: int, shift: float = 0.0, keep: float = 1.0) -> list[Path]:
    """Write rows of two samples, of which some are left out, in row groups of 100."""
    random, paths = np.random.default_rng(seed), []
    folder.mkdir(parents=True)
    for target, (sample, size) in enumerate(sorted(SIZES.items())):
        x = {name: (random.normal(target, 1, size) + shift).astype(np.float32) for name in ("x", "y")}
        made = table_of(sample, target, random.uniform(0.5, 1.5, size), id_event=np.arange(size) + 1000 * target, **x)
        made = made.slice(0, int(keep * size))
        paths.append(folder / f"{sample}.parquet")
        tables.write([made], made.schema, paths[-1])
    return paths


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Path] | Path]:
    """Two splits, of which the first has a variation whose weights stand for half of what its raw ones say."""
    monkeypatch.setattr(tables, "ROW_GROUP", 100)
    for name, factor in (("nominal", 2.0), ("varied", 1.0)):
        write_json({"samples": {sample: {"factor": factor} for sample in SIZES}}, tmp_path / f"{name}.json")
    write_json({name: {"mean": [0.5], "standard_deviation": [1.0]} for name in ("x", "y")}, tmp_path / "scaling.json")
    return {
        "train": write(tmp_path / "train", 1),
        "validation": write(tmp_path / "validation", 2),
        "normalisation": tmp_path / "nominal.json",
        "scaling": tmp_path / "scaling.json",
        "mixed": write(tmp_path / "mixed", 1, 0.3, keep=0.8),
        "mixed_normalisations": [tmp_path / "varied.json"],
    }


def table(files, variations) -> Table:
    target = Target(("background", "signal"), balance=False)
    known = files["normalisation"], scalars("x", "y"), target, lambda x: x
    return Table("train", files["train"], *known, variations=variations)


def run(folder: Path, files, *, mixed=MIXED, begin=(), end=(), until=None, **training) -> dict[str, Path]:
    folder.mkdir()
    known = {"max_epochs": 5, "patience": 20, "batch_size": 100, "learning_rate": 0.05, **training}
    settings = TrainSettings.model_validate(
        {
            "kind": "binary",
            "classes": ["background", "signal"],
            "architecture": "mlp",
            "settings": {"hidden": [4]},
            "inputs": [{"name": "x"}, {"name": "y"}],
            "training": known,
            "seed": 3,
            "mixed": mixed,
            "until": until,
        }
    )
    paths = {"weights": folder / "w.safetensors", "metadata": folder / "m.json", "history": folder / "h.parquet"}
    given = {**NOTHING, **files, "begin": list(begin), "end": list(end), "checkpoint": folder / "c"}
    train(settings, "spec", **given, **paths, accelerator="cpu", gpus=0)
    return paths


def test_nominal_and_varied_rows_share_the_weight_of_a_sample():
    known = [Varied("jes-up", [], {"a": 4.0}), Varied("jes-down", [], {"a": 4.0, "b": 6.0})]
    assert factors({"a": 3.0, "b": 2.0, "c": 5.0}, known) == {
        ("a", ""): 1.0,
        ("b", ""): 1.0,
        ("c", ""): 5.0,
        ("a", "jes-up"): 4 / 3,
        ("a", "jes-down"): 4 / 3,
        ("b", "jes-down"): 3.0,
    }


def test_each_event_counts_once_and_less_where_a_variation_loses_it(files):
    """The factor of the variation is half the nominal one, and its rows say so."""
    variations = mixture([Mixed(**MIXED[0])], files["mixed"], files["mixed_normalisations"])
    mixed, alone = table(files, variations), table(files, [])
    weights = [torch.cat([of.read(group).weight for group in range(len(of.groups))]) for of in (mixed, alone)]
    assert [weight.mean().item() for weight in weights] == pytest.approx([1, 1], rel=1e-6)
    paths = [*files["train"], *files["mixed"]]
    events = np.concatenate([tables.read(path, ["id_event"])["id_event"].to_numpy() for path in paths])
    before = np.bincount(events[: len(weights[1])], weights[1].numpy())
    of_event = np.bincount(events, weights[0].numpy()) / before.clip(1e-9)
    here = np.unique(events)
    lost = np.setdiff1d(events[: len(weights[1])], events[len(weights[1]) :])
    kept = np.setdiff1d(here, lost)
    assert len(lost) == 160
    assert np.ptp(of_event[kept]) < 1e-5
    np.testing.assert_allclose(of_event[lost] / of_event[kept].mean(), 1 / (1 + 0.5), rtol=1e-5)


@pytest.mark.parametrize("window", [10_000, 250])
def test_rows_from_disk_are_those_in_memory_with_both_in_each_window(files, window):
    variations = mixture([Mixed(**MIXED[0])], files["mixed"], files["mixed_normalisations"])
    made = table(files, variations)
    assert made.rows == 800 + 640
    assert len(made.layout.streams) == 4, "each sample, nominal and varied"
    resident, streamed = (kind.load(made, window, Share(), CPU) for kind in (Resident, Streamed))
    parts = [list(source.shuffled(5, 50)) for source in (resident, streamed)]
    for (one, *_), (other, *_) in zip(*parts, strict=True):
        assert all(torch.equal(first, second) for first, second in zip(one, other, strict=True))
    assert memory.resident(made, made, window) > memory.resident(table(files, []), made, window)


def test_a_variation_that_changes_nothing_changes_no_step_of_gradient_descent(tmp_path, files):
    """All rows in each step: the mean over nominal rows and their copies is that over the nominal ones."""
    same = {**files, "mixed": files["train"], "mixed_normalisations": [files["normalisation"]]}
    step = {"batch_size": 10_000, "optimizer": "sgd", "learning_rate": 0.5, "precision": "float64"}
    nominal = {**files, "mixed": [], "mixed_normalisations": []}
    found = [run(tmp_path / "mixed_run", same, **step), run(tmp_path / "alone", nominal, mixed=[], **step)]
    one, other = (load(paths["weights"], paths["metadata"]).state_dict() for paths in found)
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=1e-9, atol=1e-12)
    shifted = run(tmp_path / "shifted", files, **step)
    assert shifted["weights"].read_bytes() != found[0]["weights"].read_bytes()


def test_it_is_validated_on_nominal_rows_alone_and_says_what_it_learned_from(tmp_path, files):
    paths = run(tmp_path / "run", files)
    metadata = read_json(paths["metadata"])
    assert metadata["mixed"] == MIXED
    alone = run(tmp_path / "without", {**files, "mixed": [], "mixed_normalisations": []}, mixed=[])
    assert "mixed" not in read_json(alone["metadata"])
    network = load(paths["weights"], paths["metadata"])
    known = files["normalisation"], scalars("x", "y"), Target(("background", "signal")), network.scaled
    validation = Table("validation", files["validation"], *known)
    rows = [torch.cat(parts) for parts in zip(*(validation.read(n) for n in range(8)), strict=True)]
    found = score(network, BINARY, held(Data(*rows))).tolist()
    assert dict(zip(BINARY.metrics, found, strict=True)) == pytest.approx(metadata["validation"], rel=1e-6)


def test_a_training_in_parts_ends_with_the_same_bytes_and_takes_no_other_variation(tmp_path, files):
    whole = run(tmp_path / "whole", files)
    state = tmp_path / "state"
    run(tmp_path / "first", files, end=[state], until=2)
    parts = run(tmp_path / "second", files, begin=[state])
    for name in whole:
        assert whole[name].read_bytes() == parts[name].read_bytes()
    other = {**files, "mixed": write(tmp_path / "other", 1, 0.4)}
    with pytest.raises(SnakerootError, match="not what an earlier part of this training has left"):
        run(tmp_path / "third", other, begin=[state])


def test_streamed_in_a_small_budget_it_ends_with_the_same_numbers(tmp_path, files, caplog):
    """The budget counts the rows of variations: without them all rows would fit into the smaller one."""
    caplog.set_level("INFO")
    ended = [run(tmp_path / str(budget), files, shuffle_window=200, memory_budget=budget) for budget in (1.0, 0.0672)]
    assert ["resident" in caplog.text, "streamed" in caplog.text] == [True, True]
    assert ended[0]["weights"].read_bytes() == ended[1]["weights"].read_bytes()
    caplog.clear()
    alone = {**files, "mixed": [], "mixed_normalisations": []}
    run(tmp_path / "alone", alone, mixed=[], shuffle_window=200, memory_budget=0.0672)
    assert "resident" in caplog.text


AUDITED = AuditSettings.model_validate(
    {"folds": 2, "event_id": ["event"], "group": [], "objects": False, "classes": {"a": "a"}}
)


def identities(folder: Path, name: str, *folds: list[int]) -> list[Path]:
    paths = [folder / f"{name}{fold}.parquet" for fold in range(len(folds))]
    for path, events in zip(paths, folds, strict=True):
        made = pa.table({"id_event": pa.array(events, pa.int64())})
        tables.write([made], made.schema, path)
    return paths


def test_an_event_that_is_trained_on_in_a_variation_and_held_out_is_an_error(tmp_path):
    trained = identities(tmp_path, "trained", [1, 2, 3, 3], [4, 5])
    held = [identities(tmp_path, name, *folds) for name, folds in (("v", ([4], [1])), ("t", ([5], [2, 3])))]
    assert varied.audited(AUDITED, trained, held) == {"events": [3, 2], "overlap": 0}
    leaky = [*held, identities(tmp_path, "varied", [6], [5, 4])]
    with pytest.raises(SnakerootError, match="2 events of fold 1 are trained on in a systematic variation"):
        varied.audited(AUDITED, trained, leaky)
