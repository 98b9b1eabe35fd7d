"""One training on several machines of a SLURM job: srun starts this very command on each, which starts torchrun there.

The job's own process waits for all of them, without a part in the training. It runs beside the first machine's, outside
of the step, as Snakemake's `mpi` has it: srun inside of a step would be ended by the SIGTERM that SLURM sends to all of
its processes, and end the training before its checkpoint is written. Checkpoint, inputs and outputs must be on a file
system that all machines share; only process 0, which is on the first, writes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping

from snakeroot.errors import SnakerootError
from snakeroot.train.parallel import TOLD, Meeting, arguments

JOB = "SLURM_JOB_ID"
PLACE = "SNAKEROOT_MEETING"
"""Variable that says to what srun starts that it is one of several: their number, a port, and the training's name."""
NUMBER, ADDRESS = "SLURM_PROCID", "SLURM_LAUNCH_NODE_IPADDR"
"""SLURM's variables with the number of a task, and with the address of the machine on which srun was called."""
KEPT = (JOB, "SLURM_CONF")


def meeting() -> Meeting | None:
    """Return where to meet the other machines' processes, if this one was started by `on_all`."""
    if PLACE not in os.environ:
        return None
    nodes, port, run = os.environ[PLACE].split()
    return Meeting(int(nodes), int(os.environ[NUMBER]), os.environ[ADDRESS], int(port), run)


def on_all(nodes: int, cores: int) -> None:
    """Run this very command once on each machine of the job, and wait for all of them.

    Args:
        nodes: how many machines the job has.
        cores: of each.

    Raises:
        SnakerootError: if this is no job of SLURM, or one of them fails: which, and why, it has said itself.
        SystemExit: 143, as of a process that SIGTERM ended, if SLURM has sent one: the checkpoint is then written.
    """
    if JOB not in os.environ or not shutil.which("srun"):
        missing = f"{JOB} is not set" if JOB not in os.environ else "srun is not found"
        raise SnakerootError(
            f"nodes: {nodes}: a training on several machines needs a job of SLURM, and here {missing}: run with "
            "--workflow-profile profiles/slurm, or set nodes: 1"
        )
    known = variables(os.environ, nodes, free_port())
    with subprocess.Popen(words(nodes, cores), env=known, stdin=subprocess.DEVNULL) as srun:
        try:
            code = srun.wait()
        finally:
            srun.terminate()  # ends its tasks too
    if code == TOLD:
        raise SystemExit(TOLD)
    if code:
        raise SnakerootError(f"the training on {nodes} machines has ended, as one of them failed; it says why above")


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
