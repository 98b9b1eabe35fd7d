"""What the tests want of a scheduler, whichever it is, and how they run Snakemake on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psutil


@dataclass(frozen=True)
class Job:
    """A job as the scheduler knows it; `rule` may be a group of rules.

    `state` is pending, running, done or failed; times are seconds; `restarts` is how often the scheduler itself has
    started it again.
    """

    id: str
    rule: str
    state: str
    node: str
    submitted: float
    started: float
    ended: float
    restarts: int


class Farm(Protocol):
    """A scheduler with nodes, and what may happen to them."""

    name: str
    arguments: tuple[str, ...]
    """Of Snakemake, beside the profile: looks at the queue as often as a test that waits for them wants."""
    environment: dict[str, str]

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def found(self) -> list[Job]: ...
    def cancel(self, job: str) -> None: ...
    def kill_node(self, node: str) -> int: ...
    def revive(self, node: str) -> None: ...
    def stop_controller(self) -> None: ...
    def start_controller(self) -> None: ...


def seconds(text: str) -> float:
    """A time as SLURM writes it; 0 if there is none yet."""
    return datetime.fromisoformat(text).timestamp() if text[:2] == "20" else 0


def command(farm: Farm, *arguments: str) -> list[str]:
    profile = ["--workflow-profile", f"profiles/{farm.name}"]
    return [sys.executable, "-m", "snakemake", *farm.arguments, *profile, *arguments]


def environment(farm: Farm) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHASHSEED")}
    return {"CONDOR_CONFIG": "/dev/null", **own, **farm.environment}


def run(farm: Farm, project: Path, *arguments: str, limit: float = 900) -> str:
    """Run the project on the farm to its end; anything but success fails the test with Snakemake's output."""
    with started(farm, project, *arguments) as snakemake:
        snakemake.wait(limit)
    output = (project / "snakemake.log").read_text()
    assert snakemake.returncode == 0, output[-6000:]
    return output


@contextmanager
def started(farm: Farm, project: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start Snakemake; if the test has not seen its end, its jobs are cancelled, and it with them."""
    with (project / "snakemake.log").open("ab") as log:
        snakemake = subprocess.Popen(
            command(farm, *arguments), cwd=project, env=environment(farm), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield snakemake
    finally:
        if snakemake.poll() is None:
            snakemake.send_signal(signal.SIGINT)  # at SIGTERM it would wait for its jobs
            try:
                snakemake.wait(20)
            except subprocess.TimeoutExpired:
                snakemake.kill()
                snakemake.wait()


@dataclass
class Seen:
    """A stage's process: what it was given, and when it was there."""

    module: str
    gpus: str | None
    node: str
    job: str
    times: list[float] = field(default_factory=list)


class Watch(threading.Thread):
    """Looks at the processes of a project's jobs while they run: the environment that a scheduler gave them."""

    def __init__(self, project: Path) -> None:
        super().__init__(daemon=True)
        self.project, self.seen, self._over = str(project.resolve()), dict[int, Seen](), threading.Event()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(0.2):
            for process in psutil.process_iter():
                try:
                    self._look(process)
                except psutil.Error:
                    continue

    def _look(self, process: psutil.Process) -> None:
        if process.pid not in self.seen:
            words = process.cmdline()
            module = next((word for word in words[1:3] if word.startswith("snakeroot.")), None)
            parent = process.parent()
            if not module or process.cwd() != self.project or (parent and parent.pid in self.seen):
                return
            given = process.environ()
            scratch = Path(given.get("_CONDOR_SCRATCH_DIR", "/"))
            node = given.get("SLURMD_NODENAME") or scratch.parent.name
            job = given.get("SLURM_JOB_ID") or scratch.name
            self.seen[process.pid] = Seen(module, given.get("CUDA_VISIBLE_DEVICES"), node, job)
        self.seen[process.pid].times.append(time.time())
