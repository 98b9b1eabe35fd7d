"""Several processes on one training, with gloo on the CPU: what one process would find, and no more than its errors."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import starter
from helpers import table_of
from safetensors.numpy import load_file
from snakeroot.data import tables
from snakeroot.data.files import read_json, to_json, write_json
from snakeroot.train import nodes
from snakeroot.train.parallel import LOST
from trainings import NOTHING

ROWS = {"train": 601, "validation": 400}
"""Of each of two classes; the last batch of an epoch is smaller than the others, or a single row."""

Running = starter.Job | subprocess.Popen[str]
Job = Callable[..., Running]


@pytest.fixture
def job(tmp_path: Path, forks: Path | None) -> Job:
    """A function that starts the stage on a toy with `gpus` processes and its outputs in a folder.

    The job itself is a fork; the processes that it starts are not. With `machine`, it is one of two with as many each,
    as srun would start it there.
    """
    write_json({"samples": {"s": {"factor": 1.0}, "b": {"factor": 3.0}}}, tmp_path / "normalisation.json")
    of_z = {"target.z": {"mean": [1.5], "standard_deviation": [2.0]}}
    write_json({"x": {"mean": [0.2], "standard_deviation": [2.0]}, **of_z}, tmp_path / "scaling.json")
    numbers = np.random.default_rng(1)
    for split, rows in ROWS.items():
        for target, name in enumerate("bs"):
            x = numbers.normal(target, 1, rows).astype(np.float32)
            beside = {"target.z": np.where(x > 0, x**2, np.nan).astype(np.float32)}
            table = table_of(name, target, numbers.random(rows), id_event=np.arange(rows), x=x, **beside)
            tables.write([table], table.schema, tmp_path / f"{split}-{name}.parquet")

    def start(
        folder: str,
        gpus: int,
        dropout: float = 0.0,
        hidden: Sequence[int] = (8,),
        machine: int | None = None,
        **training: Any,
    ) -> Running:
        settings = {"hidden": hidden, "dropout": dropout}
        known = {"kind": "binary", "classes": ["background", "signal"], "inputs": [{"name": "x"}], "seed": 3}
        known |= {"architecture": "mlp", "settings": settings}
        known |= {"others": [{"name": "z", "kind": "regression"}]} if "auxiliary" in training else {}
        words = ["snakeroot.train", "--spec", to_json({"settings": {**known, "training": training}})]
        for split in ROWS:
            words += [f"--{split}", *(str(tmp_path / f"{split}-{name}.parquet") for name in "bs")]
        for name in ("normalisation", "scaling"):
            words += [f"--{name}", str(tmp_path / f"{name}.json")]
        (tmp_path / folder).mkdir(exist_ok=True)
        for key in ("weights", "metadata", "history", "checkpoint", "provenance"):
            words += [f"--{key}", str(tmp_path / folder / key)]
        words += [*(f"--{name.replace('_', '-')}" for name in NOTHING), "--accelerator", "cpu"]
        if machine is None:
            return starter.begin(forks, *words, "--gpus", str(gpus), "--nodes", "1", "--node-gpus", "0")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(nodes.PLACE, f"2 {port} toy")
            patch.setenv(nodes.NUMBER, str(machine))
            patch.setenv(nodes.ADDRESS, "127.0.0.1")
            return starter.begin(forks, *words, "--gpus", "0", "--nodes", "2", "--node-gpus", str(gpus))

    port = nodes.free_port()
    return start


@pytest.mark.parametrize(("batch", "more"), [(100, {"auxiliary": {"z": 0.1}}), (1201, {})])
def test_two_processes_find_what_one_finds(job: Job, tmp_path: Path, batch: int, more: dict[str, Any]) -> None:
    training = {"precision": "float64", "batch_size": batch, "max_epochs": 4, "optimizer": "sgd", "learning_rate": 1}
    training |= more
    for folder, gpus in (("one", 0), ("two", 2)):
        running = job(folder, gpus, **training)
        said = running.communicate()[1]
        assert running.returncode == 0, said
        assert not (tmp_path / folder / "checkpoint").exists()
    one, two = (load_file(tmp_path / folder / "weights") for folder in ("one", "two"))
    for name, values in one.items():
        assert values.dtype == np.float64
        np.testing.assert_allclose(two[name], values, rtol=0, atol=1e-6)
    histories = [tables.read(tmp_path / folder / "history").to_pandas() for folder in ("one", "two")]
    np.testing.assert_allclose(*histories, rtol=1e-6)
    assert histories[0]["train_loss"].iloc[-1] < histories[0]["train_loss"].iloc[0]
    assert read_json(tmp_path / "two/provenance")["processes"] == 2
    assert (tmp_path / "one/metadata").read_text().count("\n") == (tmp_path / "two/metadata").read_text().count("\n")


def test_killed_in_every_way_they_go_on_to_the_same_bytes(job: Job, tmp_path: Path) -> None:
    """One of the processes, and the job without any farewell; the signal of a scheduler is in the next test but one."""
    training = {"batch_size": 50, "max_epochs": 30, "patience": 30, "checkpoint_minutes": 0.001}
    running = job("whole", 2, 0.2, **training)
    said = running.communicate()[1]
    assert running.returncode == 0, said
    checkpoint = tmp_path / "killed/checkpoint"

    def begun() -> tuple[Running, list[psutil.Process]]:
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        running = job("killed", 2, 0.2, **training)
        while running.poll() is None and not (checkpoint.exists() and checkpoint.stat().st_mtime_ns > before):
            time.sleep(0.01)
        return running, psutil.Process(running.pid).children()

    running, processes = begun()
    processes[1].kill()
    said = running.communicate()[1]
    assert running.returncode == 1
    assert said.endswith("error: process 1 of 2 was killed by signal 9\n")

    running, processes = begun()
    running.kill()
    running.communicate()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert not alive, "a process outlived its job, and would use its GPU"
    assert sorted(path.name for path in checkpoint.parent.iterdir()) == ["checkpoint"]

    running = job("killed", 2, 0.2, **training)
    said = running.communicate()[1]
    assert running.returncode == 0, said
    assert "going on after epoch" in said
    for name in ("weights", "metadata", "history"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_processes_whose_job_is_killed_while_they_start_end_with_it(job: Job) -> None:
    running = job("early", 2, max_epochs=5000, patience=5000)
    while not (processes := psutil.Process(running.pid).children()):
        time.sleep(0.01)
    time.sleep(0.3)
    running.kill()
    running.communicate()
    assert not psutil.wait_procs(processes, timeout=30)[1]


def test_three_processes_go_on_to_the_same_bytes(job: Job, tmp_path: Path) -> None:
    """Large enough layers for gradients to be exchanged in pieces, whose order counts among three.

    The processes ask each other every 16 steps: the first checkpoint comes after the fourth epoch, twenty before the
    end, so that the signal finds them at work.
    """
    training = {"batch_size": 600, "max_epochs": 24, "patience": 24, "checkpoint_minutes": 0.0}
    for folder in ("whole", "killed"):
        running = job(folder, 3, hidden=[700, 700, 700], **training)
        if folder == "killed":
            while not (tmp_path / folder / "checkpoint").exists():
                time.sleep(0.01)
            processes = psutil.Process(running.pid).children()
            running.terminate()
            running.communicate()
            assert running.returncode == 128 + signal.SIGTERM
            assert len(processes) >= 2
            assert not any(process.is_running() for process in processes)
            running = job(folder, 3, hidden=[700, 700, 700], **training)
        said = running.communicate()[1]
        assert running.returncode == 0, said
    assert "going on after epoch" in said
    assert (tmp_path / "killed/weights").read_bytes() == (tmp_path / "whole/weights").read_bytes()


def test_the_error_of_a_process_is_that_of_the_job(job: Job, tmp_path: Path) -> None:
    (tmp_path / "train-s.parquet").write_bytes(b"no table")
    running = job("broken", 2, max_epochs=2)
    said = running.communicate()[1]
    assert running.returncode == 1
    assert "train-s.parquet: cannot be read as Parquet" in said
    assert said.splitlines()[-1].endswith("of 2 ended with exit code 74; it says why above")
    assert list((tmp_path / "broken").iterdir()) == []


def ended(machines: Sequence[Running]) -> list[str]:
    """What the jobs of two machines say, once both have ended."""
    return [machine.communicate()[1] for machine in machines]


def test_two_machines_of_two_processes_have_the_bytes_of_one_of_four(job: Job, tmp_path: Path) -> None:
    """Each draws its own dropout, by its number among all; what the ones have begun, the other goes on with."""
    training = {"batch_size": 100, "max_epochs": 12, "patience": 12, "checkpoint_minutes": 0.001}
    running = job("one", 4, 0.2, **training)
    said = running.communicate()[1]
    assert running.returncode == 0, said
    checkpoint = tmp_path / "two/checkpoint"
    machines = [job("two", 2, 0.2, machine=machine, **training) for machine in (0, 1)]
    while not checkpoint.exists() and all(machine.poll() is None for machine in machines):
        time.sleep(0.01)
    machines[1].terminate()
    said = ended(machines)
    assert [machine.returncode for machine in machines] == [128 + signal.SIGTERM] * 2, said
    assert [path.name for path in checkpoint.parent.iterdir()] == ["checkpoint"]
    running = job("two", 4, 0.2, **training)
    resumed = running.communicate()[1]
    assert running.returncode == 0, resumed
    assert "going on after epoch" in resumed
    for name in ("weights", "metadata", "history"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_of_two_machines_the_one_that_knows_says_why(job: Job, tmp_path: Path) -> None:
    training = {"batch_size": 100, "max_epochs": 5000, "patience": 5000, "checkpoint_minutes": 0.001}
    machines = [job("killed", 1, machine=machine, **training) for machine in (0, 1)]
    while not (tmp_path / "killed/checkpoint").exists() and all(machine.poll() is None for machine in machines):
        time.sleep(0.01)
    [process] = psutil.Process(machines[1].pid).children()
    process.kill()
    said = ended(machines)
    assert [machine.returncode for machine in machines] == [LOST, 1], said
    assert said[1].endswith("error: process 1 of 2 was killed by signal 9\n")
    assert "process 0 lost another one: " in said[0]
    assert "error: " not in said[0]
