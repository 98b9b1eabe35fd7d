"""A training that is killed at any moment and started again ends with the bytes of one that was not."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import starter
import torch
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import to_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.network import build
from snakeroot.networks.tensors import Data
from snakeroot.train import checkpoint
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.optimizer_settings import OPTIMIZERS
from snakeroot.train.schedule_settings import SCHEDULES
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident
from snakeroot.train.state import State, start
from trainings import BINARY, held, scalars

ROWS = 300


def toy(seed: int) -> Resident:
    generator = torch.Generator().manual_seed(seed)
    target = (torch.rand(ROWS, generator=generator) < 0.5).float()
    features = torch.randn(ROWS, 2, generator=generator) + target[:, None]
    data = Data(features, target, torch.ones(ROWS), features[:, :1])
    return held(data, window=150)


DATA = toy(1), toy(2)


class KilledError(Exception):
    """The job ends here, without any farewell."""


class Killing(CheckpointTimer):
    """Writes a checkpoint after every step, and ends the job after so many of them."""

    def __init__(self, save, steps: int) -> None:
        super().__init__(save, minutes=0)
        self.steps = steps

    def after_step(self) -> None:
        super().after_step()
        self.steps -= 1
        if self.steps < 0:
            raise KilledError


def fresh(training: Training) -> State:
    torch.manual_seed(7)
    return start(build("mlp", {"hidden": [6], "dropout": 0.3}, scalars("x", "y"), 1), BINARY, training, 7, ROWS)


def ended(state: State) -> tuple[object, ...]:
    weights = {name: tensor.numpy().tobytes() for name, tensor in state.network.state_dict().items()}
    return weights, state.history, state.best_epoch, state.best_value


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_and_schedule_goes_on_as_if_nothing_had_been(
    tmp_path: Path, optimizer: str, schedule: str
) -> None:
    """Quick schedules, so that each of them has changed the learning rate before the end."""
    quick = {
        "step": {"step_size": 2},
        "cosine": {"t_max": 2},
        "cosine_restarts": {"t_0": 2},
        "plateau": {"patience": 0},
    }
    known = {"optimizer": optimizer, "batch_size": 64, "max_epochs": 6, "learning_rate": 0.01, "patience": 4}
    training = Training.model_validate(known | {"schedule": {"name": schedule, **quick.get(schedule, {})}})
    path = tmp_path / "state.checkpoint"
    undisturbed = fresh(training)
    fit(undisturbed, *DATA, training, CheckpointTimer(lambda: None, 60), lambda _: None)

    moments, kills = random.Random(optimizer + schedule), 0  # noqa: S311 - not for secrets
    while True:
        torch.rand(kills)  # another job has another past
        state = fresh(training)
        assert checkpoint.restore(state, "spec", path) == (kills > 0)
        watch = Killing(lambda state=state: checkpoint.save(state, "spec", path), moments.randrange(1, 12))
        try:
            fit(state, *DATA, training, watch, lambda _: None)
            break
        except KilledError:
            kills += 1
    assert kills >= 2
    assert ended(state) == ended(undisturbed)


@pytest.mark.parametrize(("precision", "strength"), [("float64", 0), ("float16", 0), ("float32", 5)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_precision_and_a_penalty_go_on_too(
    tmp_path: Path, optimizer: str, precision: str, strength: float
) -> None:
    penalty = {"decorrelate": {"variable": "x", "strength": strength}} if strength else {}
    training = Training.model_validate(
        {"optimizer": optimizer, "precision": precision, "batch_size": 64, "max_epochs": 4, **penalty}
    )
    dtype = torch.float64 if precision == "float64" else torch.float32
    data = [held(Data(*(column.to(dtype) for column in next(source.in_order()))), window=150) for source in DATA]
    undisturbed, again = fresh(training), fresh(training)
    path = tmp_path / "state.checkpoint"
    for state in (undisturbed, fresh(training)):
        steps = 10**6 if state is undisturbed else 13
        watch = Killing(lambda state=state: checkpoint.save(state, "spec", path), steps)
        with contextlib.suppress(KilledError):
            torch.manual_seed(7)
            fit(state, *data, training, watch, lambda _: None)
    assert checkpoint.restore(again, "spec", path)
    fit(again, *data, training, CheckpointTimer(lambda: None, 60), lambda _: None)
    assert ended(again) == ended(undisturbed)


def test_a_training_that_is_killed_when_its_patience_is_over_trains_no_further(tmp_path: Path) -> None:
    """With steps of nearly no size the first epoch stays the best; the third is the last."""
    training = Training(optimizer="sgd", learning_rate=1e-30, batch_size=64, max_epochs=9, patience=2)
    path, steps = tmp_path / "state.checkpoint", 3 * (-(-ROWS // 64) + 1)
    state = fresh(training)
    with pytest.raises(KilledError):
        fit(state, *DATA, training, Killing(lambda: checkpoint.save(state, "spec", path), steps - 1), lambda _: None)
    again = fresh(training)
    assert checkpoint.restore(again, "spec", path)
    assert fit(again, *DATA, training, CheckpointTimer(lambda: None, 60), lambda _: None) == "patience"
    assert again.epoch == 3


def test_a_training_that_is_killed_while_it_diverges_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    """The checkpoint after the last step of an epoch holds a gradient that is not a number."""
    training = Training(optimizer="sgd", learning_rate=1e30, batch_size=64)
    path, steps = tmp_path / "state.checkpoint", -(-ROWS // 64)
    state = fresh(training)
    with pytest.raises(KilledError):
        fit(state, *DATA, training, Killing(lambda: checkpoint.save(state, "spec", path), steps - 1), lambda _: None)
    again = fresh(training)
    assert checkpoint.restore(again, "spec", path)
    with pytest.raises(SnakerootError, match="not a number in epoch 1, from batch 2 on"):
        fit(again, *DATA, training, CheckpointTimer(lambda: None, 60), lambda _: None)


@pytest.mark.parametrize("damage", ["other spec", "truncated", "other file", "missing"])
def test_a_foreign_or_damaged_checkpoint_is_as_if_there_were_none(tmp_path: Path, damage: str) -> None:
    training = Training(max_epochs=2)
    path = tmp_path / "state.checkpoint"
    state = fresh(training)
    checkpoint.save(state, "other" if damage == "other spec" else "spec", path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "other file":
        path.write_bytes(b"no checkpoint at all")
    elif damage == "missing":
        path.unlink()
    before = ended(state)
    assert not checkpoint.restore(state, "spec", path)
    assert ended(state) == before


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line of a training of a few seconds, with dropout."""
    folder = tmp_path_factory.mktemp("resume")
    write_json({"samples": {"s": {"factor": 1.0}, "b": {"factor": 1.0}}}, folder / "normalisation.json")
    write_json({"x": {"mean": [0.0], "standard_deviation": [1.0]}}, folder / "scaling.json")
    numbers = np.random.default_rng(1)
    for split in ("train", "validation"):
        for target, name in enumerate("bs"):
            x = numbers.normal(target, 1, 4000).astype(np.float32)
            table = table_of(name, target, np.ones(4000), id_event=np.arange(4000), x=x)
            tables.write([table], table.schema, folder / f"{split}-{name}.parquet")
    training = {"max_epochs": 40, "patience": 40, "batch_size": 64, "checkpoint_minutes": 0.001}
    settings = {"kind": "binary", "classes": ["background", "signal"], "inputs": [{"name": "x"}], "seed": 3}
    settings |= {"architecture": "mlp", "settings": {"hidden": [8], "dropout": 0.2}}
    words = ["snakeroot.train", "--spec", to_json({"settings": {**settings, "training": training}})]
    for split in ("train", "validation"):
        words += [f"--{split}", *(str(folder / f"{split}-{name}.parquet") for name in "bs")]
    for name in ("normalisation", "scaling"):
        words += [f"--{name}", str(folder / f"{name}.json")]
    return words


@pytest.fixture(scope="module")
def whole(forks: Path | None, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the job leaves if nothing happens to it."""
    folder = tmp_path_factory.mktemp("resume") / "whole"
    assert job(forks, command, folder, None, 0) == 0
    return left(folder)


def visible(folder: Path) -> list[Path]:
    """The files of a folder but for a hidden one that a killed process was just writing."""
    return [path for path in folder.iterdir() if path.name[0] != "."]


def left(folder: Path) -> dict[str, bytes]:
    """What lies in a folder; the checkpoint is removed at the end."""
    found = {path.name: path.read_bytes() for path in visible(folder)}
    assert sorted(found) == ["f.json", "h.parquet", "w.safetensors"]
    return found


def job(forks: Path | None, command: list[str], folder: Path, stop: int | None, moment: float) -> int:
    """Run the job, send it a signal `moment` seconds after its first checkpoint is there, and return its exit code."""
    outputs = {"weights": "w.safetensors", "metadata": "f.json", "history": "h.parquet", "checkpoint": "c.checkpoint"}
    words = ["--reweighting", "--tuned", "--mixed", "--mixed-normalisations", "--initial", "--begin", "--end"]
    words += ["--accelerator", "auto", "--gpus", "1", "--nodes", "1", "--node-gpus", "0"]
    words += [word for key, name in outputs.items() for word in (f"--{key}", str(folder / name))]
    running = starter.begin(forks, *command, *words)
    if stop is not None:
        known = folder / "c.checkpoint"
        before = known.stat().st_mtime_ns if known.exists() else 0
        while running.poll() is None and not (known.exists() and known.stat().st_mtime_ns > before):
            time.sleep(0.005)
        time.sleep(moment)
        running.send_signal(stop)
    running.communicate()
    return running.returncode


def test_two_jobs_of_the_same_training_at_once(
    forks: Path | None, command: list[str], whole: dict[str, bytes], tmp_path: Path
) -> None:
    """As when a scheduler takes a node for dead: both go on, and either leaves what one alone would."""
    with ThreadPoolExecutor() as both:
        found = [both.submit(job, forks, command, tmp_path / "both", None, 0) for _ in range(2)]
    assert [one.result() for one in found] == [0, 0]
    assert left(tmp_path / "both") == whole


def test_a_killed_process_and_one_that_was_told_to_go(
    forks: Path | None, command: list[str], whole: dict[str, bytes], tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    assert job(forks, command, killed, signal.SIGKILL, 0.3) == -signal.SIGKILL
    assert job(forks, command, killed, signal.SIGTERM, 0.2) == 128 + signal.SIGTERM
    assert [path.name for path in visible(killed)] == ["c.checkpoint"]
    assert job(forks, command, killed, None, 0) == 0
    assert left(killed) == whole
