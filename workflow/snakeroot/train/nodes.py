"""One training on several machines of a job: this very command on each, which starts torchrun there.

On SLURM, srun starts it. The job's own process waits for all of them, without a part in the training. It runs beside
the first machine's, outside of the step, as Snakemake's `mpi` has it: srun inside of a step would be ended by the
SIGTERM that SLURM sends to all of its processes, and end the training before its checkpoint is written. On HTCondor,
all machines wait for the job's own process (jobs/machines.py), which is the first one's torchrun itself.

Checkpoint, inputs and outputs must be on a file system that all machines share; only process 0, which is on the first,
writes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from snakeroot.errors import SnakerootError
from snakeroot.jobs import machines
from snakeroot.train.parallel import LOST, Meeting, arguments

JOB = "SLURM_JOB_ID"
PLACE = "SNAKEROOT_MEETING"
"""Variable that says to a process that it is one of several: number of machines, port, name of the training, and
the address, unless SLURM says that."""
NUMBER, ADDRESS = "SLURM_PROCID", "SLURM_LAUNCH_NODE_IPADDR"
"""SLURM's variables with the number of a task, and with the address of the machine on which srun was called."""
ENDED = "the training on {} machines was ended before its time; what is above says why"
KEPT = (JOB, "SLURM_CONF")


def meeting() -> Meeting | None:
    """Return where to meet the other machines' processes, if this one was started by `on_all` or `invited`."""
    if PLACE not in os.environ:
        return None
    nodes, port, run, *address = os.environ[PLACE].split()
    if address:
        return Meeting(int(nodes), machines.number(), address[0], int(port), run)
    return Meeting(int(nodes), int(os.environ[NUMBER]), os.environ[ADDRESS], int(port), run)


@contextmanager
def invited(nodes: int) -> Iterator[Meeting]:
    """Have the other machines of a job of HTCondor run this very command too; yield where to meet them.

    Raises:
        SnakerootError: if the job has another number of machines, or another one than this has failed.
    """
    if machines.count() != nodes:
        raise SnakerootError(f"nodes: {nodes}: HTCondor has given this job {machines.count()} machines")
    here = Meeting(nodes, 0, machines.address(), free_port(), str(uuid.uuid4()))
    place = {PLACE: f"{nodes} {here.port} {here.run} {here.address}"}
    # what Snakemake has set for its jobs, and not on the other machines
    own = {name: value for name, value in os.environ.items() if name.startswith("PYTHON") or name.endswith("_THREADS")}
    machines.tell([sys.executable, "-m", "snakeroot.train", *arguments()], own | place)
    try:
        yield here
    except SystemExit as end:
        if end.code != LOST:
            raise
        sys.stderr.write(machines.said())
        raise SnakerootError(ENDED.format(nodes)) from end
    finally:
        machines.forget()


def on_all(nodes: int, cores: int) -> None:
    """Run this very command once on each machine of the job, and wait for all of them.

    Args:
        nodes: how many machines the job has.
        cores: of each.

    Raises:
        SnakerootError: if this is no job of SLURM, or not all of them come to their end: one that fails says why
            itself, and SLURM says if it has ended them (srun's exit code does not: it ends what is left by SIGTERM).
    """
    if JOB not in os.environ or not shutil.which("srun"):
        missing = f"{JOB} is not set" if JOB not in os.environ else "srun is not found"
        raise SnakerootError(
            f"nodes: {nodes}: a training on several machines needs a job of SLURM or HTCondor, and here {missing}: run "
            "with --workflow-profile profiles/slurm, or set nodes: 1"
        )
    known = variables(os.environ, nodes, free_port())
    with subprocess.Popen(words(nodes, cores), env=known, stdin=subprocess.DEVNULL) as srun:
        try:
            code = srun.wait()
        finally:
            srun.terminate()  # ends its tasks too
    if code:
        raise SnakerootError(ENDED.format(nodes))


def words(nodes: int, cores: int) -> list[str]:
    """Return srun's command line: this very command once on each machine, and at the first failure the end of all."""
    return [
        "srun",
        f"--nodes={nodes}",
        f"--ntasks={nodes}",
        "--ntasks-per-node=1",
        f"--cpus-per-task={cores}",
        "--kill-on-bad-exit=1",
        "--mpi=none",
        *(sys.executable, "-m", "snakeroot.train"),
        *arguments(),
    ]


def variables(known: Mapping[str, str], nodes: int, port: int) -> dict[str, str]:
    """Return srun's environment: without what SLURM says of this process, which srun would take for wishes."""
    foreign = {name for name in known if name.startswith(("SLURM_", "SRUN_", "SBATCH_")) and name not in KEPT}
    own = {name: value for name, value in known.items() if name not in foreign}
    return own | {PLACE: f"{nodes} {port} {uuid.uuid4()}"}


def free_port() -> int:
    """Return a port that is free here; if another process is faster, the job fails, and a farm submits it again."""
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])
