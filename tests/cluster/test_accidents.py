"""What happens to jobs on a farm, in the middle of a training: it goes on, and ends with the bytes of a quiet run."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import projects
import pytest
from cluster import farm as farms
from cluster.conftest import BEFORE, LOG, NETWORK, Training, content, create
from cluster.farm import Farm, Job
from cluster.processes import wait_until


class Trainings:
    """The training jobs of one project: those that the farm has found since this was made."""

    def __init__(self, farm: Farm, project: Path) -> None:
        self.farm, self.log, self.known = farm, project / LOG, {job.id for job in farm.found()}

    def jobs(self, *states: str) -> list[Job]:
        mine = [job for job in self.farm.found() if job.id not in self.known and job.rule == "train"]
        return [job for job in mine if not states or job.state in states]

    def epoch(self) -> int:
        """The last epoch that the job which wrote the log last has done."""
        text = self.log.read_text() if self.log.exists() else ""
        return max(map(int, re.findall(r"^epoch (\d+):", text, flags=re.MULTILINE)), default=0)

    def under_way(self, epoch: int = 10) -> Job:
        """Wait until a training has done so many epochs; return its job."""
        wait_until(f"epoch {epoch}", lambda: self.epoch() >= epoch, 120, 0.1)
        [job] = self.jobs("running")
        return job

    def check_resumed(self, epochs: int, least: int) -> None:
        """Check that the last job began where the one before it was, at `least`, and did the rest once."""
        text = self.log.read_text()
        done = [int(number) for number in re.findall(r"^epoch (\d+):", text, flags=re.MULTILINE)]
        [after] = [int(number) for number in re.findall(r"going on after epoch (\d+)", text)]
        assert after >= least, text[:500]
        assert done == list(range(after + 1, epochs + 1))


def finish(snakemake: subprocess.Popen[bytes], project: Path, limit: float = 300) -> str:
    snakemake.wait(limit)
    output = (project / "snakemake.log").read_text()
    assert snakemake.returncode == 0, output[-6000:]
    return output


def unlock(farm: Farm, project: Path) -> None:
    command = farms.command(farm, "--unlock")
    subprocess.run(command, cwd=project, env=farms.environment(farm), check=True, capture_output=True)


@pytest.mark.slow
def test_a_node_dies(farm: Farm, training: Training, tmp_path: Path) -> None:
    project = training.copy(tmp_path / "project")
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        job = trainings.under_way()
        epoch = trainings.epoch()
        assert farm.kill_node(job.node) > 3
        try:
            finish(snakemake, project)
        finally:
            farm.revive(job.node)
    trainings.check_resumed(training.epochs, epoch)
    assert content(project) == training.bytes
    if farm.name == "slurm":  # the pool's only node with GPUs is the one that died, and came back
        [last] = trainings.jobs("done")
        assert last.node != job.node


@pytest.mark.slow
def test_beyond_its_time(farm: Farm, long_training: Training, tmp_path: Path) -> None:
    project = long_training.copy(tmp_path / "project", minutes=1)
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        trainings.under_way(50)
        finish(snakemake, project, 600)
    trainings.check_resumed(long_training.epochs, 50)
    assert content(project) == long_training.bytes
    assert [job.state for job in sorted(trainings.jobs(), key=lambda job: int(job.id))][:1] == ["failed"]


@pytest.mark.slow
def test_beyond_its_memory(farm: Farm, tmp_path: Path) -> None:
    """Rows that fit into memory are held in it: here some 400 MB of them, beside 350 of torch and 300 of Snakemake."""
    settings = {"max_epochs": 80, "batch_size": 4096}  # a pool takes half a minute to see how much a job uses
    project = create(tmp_path / "project", 2_000_000, {"memory_MB": 500}, training=settings)
    projects.run(project, *BEFORE)
    trainings = Trainings(farm, project)
    farms.run(farm, project, NETWORK)
    states = [job.state for job in sorted(trainings.jobs(), key=lambda job: int(job.id))]
    assert states[-1] == "done"
    assert states[:-1]
    assert set(states[:-1]) == {"failed"}


@pytest.mark.slow
def test_snakemake_is_killed_and_started_again_while_its_jobs_run(
    farm: Farm, training: Training, tmp_path: Path
) -> None:
    project = training.copy(tmp_path / "project")
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        trainings.under_way()
        snakemake.kill()
        snakemake.wait()
    unlock(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        wait_until("there are two jobs of the training", lambda: len(trainings.jobs("running")) == 2, 60)
        finish(snakemake, project)
    wait_until("both have ended", lambda: len(trainings.jobs("done")) == 2, 120)
    assert content(project) == training.bytes


@pytest.mark.slow
def test_the_controller_is_away_for_a_minute(farm: Farm, training: Training, tmp_path: Path) -> None:
    project = training.copy(tmp_path / "project")
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        trainings.under_way()
        farm.stop_controller()
        time.sleep(60)
        farm.start_controller()
        try:
            finish(snakemake, project, 180)
        except subprocess.TimeoutExpired:
            # without accounting, SLURM's plugin forgets its jobs; docs/farms.md says what to do
            assert farm.name == "slurm", (project / "snakemake.log").read_text()[-6000:]
            snakemake.kill()
            snakemake.wait()
            unlock(farm, project)
            farms.run(farm, project, NETWORK)
    assert content(project) == training.bytes


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cancel", "evict"])
def test_a_job_is_taken_away(farm: Farm, training: Training, tmp_path: Path, how: str) -> None:
    """`scancel` or `condor_rm` by hand; an eviction is HTCondor's own, after which it starts the same job again."""
    take: Callable[[str], None] | None = getattr(farm, how, None)
    if take is None:
        pytest.skip("SLURM evicts nobody unless a site sets up preemption")
    project = training.copy(tmp_path / "project")
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        job = trainings.under_way()
        epoch = trainings.epoch()
        take(job.id)
        finish(snakemake, project)
    trainings.check_resumed(training.epochs, epoch)
    assert content(project) == training.bytes
    assert len(trainings.jobs()) == (1 if how == "evict" else 2)
