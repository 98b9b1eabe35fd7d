"""Several processes on one training, one for each GPU: torchrun, DistributedDataParallel, and what they exchange.

On several machines there is a torchrun on each; how these are started is in nodes.py.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor

from snakeroot.errors import SnakerootError
from snakeroot.jobs.devices import Accelerator
from snakeroot.jobs.subprocesses import follow


class Share(NamedTuple):
    """Which part of each batch is this process's, and how many of all processes are on this machine."""

    rank: int = 0
    ranks: int = 1
    here: int = 1

    @property
    def alone(self) -> bool:
        """Whether there is no other process."""
        return self.ranks == 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    def of(self, rows: int) -> slice:
        """Return this process's part of so many rows; the parts of all ranks are all of them, once."""
        return slice(rows * self.rank // self.ranks, rows * (self.rank + 1) // self.ranks)


ALONE = Share()
LAUNCHER = "SNAKEROOT_LAUNCHER"
"""Variable with the process that launched this one."""
LOST = 75
"""Exit code of a process that lost another one, which knows why; EX_TEMPFAIL of sysexits.h."""
TOLD = 128 + signal.SIGTERM
"""Exit code of a process that was told to go, and has written its checkpoint."""
LINGER = 5
"""Seconds that a machine whose processes lost another's lets that one say why; srun ends all when the first ends."""


class Meeting(NamedTuple):
    """Where the processes of several machines meet: at a port of the first one.

    Attributes:
        nodes: how many machines there are.
        node: which of them this is.
        run: a name of this training, for no other to join it.
    """

    nodes: int
    node: int
    address: str
    port: int
    run: str


CPU = torch.device("cpu")


def launched() -> bool:
    """Whether this process is one of those that `launch` started."""
    return dist.is_torchelastic_launched()


def own_device(accelerator: Accelerator) -> torch.device:
    """Return the device of this process, one of those that `launch` started."""
    if accelerator == "cpu":
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    return device


def follow_launcher() -> None:
    """End with the process that launched this one, however it ends: its GPUs are then no longer ours.

    Raises:
        SystemExit: if it has ended already.
    """
    follow(int(os.environ[LAUNCHER]))


@contextmanager
def joined(device: torch.device) -> Iterator[Share]:
    """Meet the other processes that `launch` started; alone if it started none.

    Raises:
        SystemExit: with code `LOST`, if another process has ended before its time.
    """
    if not launched():
        yield Share()
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Share(dist.get_rank(), dist.get_world_size(), int(os.environ["LOCAL_WORLD_SIZE"]))
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo/transport" not in str(error):
            raise
        logging.warning("process %d lost another one: %s", dist.get_rank(), str(error).splitlines()[0])
        raise SystemExit(LOST) from error
    dist.destroy_process_group()  # not after an error: the others may wait for this process, and it for them


def gather(tensor: Tensor, share: Share) -> list[Tensor]:
    """Return the tensors of all ranks, in their order; they may differ in their numbers of rows."""
    if share.alone:
        return [tensor]
    lengths = [torch.zeros(1, dtype=torch.int64, device=tensor.device) for _ in range(share.ranks)]
    dist.all_gather(lengths, torch.tensor([len(tensor)], device=tensor.device))
    most = max(int(length) for length in lengths)
    padded = torch.cat([tensor, tensor.new_zeros(most - len(tensor), *tensor.shape[1:])])
    gathered = [torch.empty_like(padded) for _ in range(share.ranks)]
    dist.all_gather(gathered, padded)
    return [part[: int(length)] for part, length in zip(gathered, lengths, strict=True)]


def agree(values: list[float], share: Share, device: torch.device) -> list[float]:
    """Return, for each value, the largest that any rank has; all ranks must ask at the same step."""
    if share.alone:
        return values
    tensor = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(tensor, dist.ReduceOp.MAX)
    largest: list[float] = tensor.tolist()
    return largest


def launch(processes: int, meeting: Meeting | None = None) -> None:
    """Run this very command once in each of so many processes, by torchrun, and wait for all of them.

    Args:
        processes: on this machine.
        meeting: with those of other machines, each of which launches as many.

    Raises:
        SnakerootError: if one of them fails; torchrun then ends the others. What went wrong, it has said itself.
        SystemExit: 128 and the number of a signal that ended this process, or that the processes were ended by;
            `LOST` if it is on another machine that one failed.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException  # noqa: PLC0415
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError  # noqa: PLC0415 - heavy, rarely used
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch  # noqa: PLC0415

    where: dict[str, Any] = {"rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0"}  # a free port
    if meeting:
        where = {"rdzv_backend": "static", "rdzv_endpoint": f"{meeting.address}:{meeting.port}"}
        where["rdzv_configs"] = {"rank": meeting.node}
    nodes = meeting.nodes if meeting else 1
    config = LaunchConfig(
        min_nodes=nodes,
        max_nodes=nodes,
        nproc_per_node=processes,
        run_id=meeting.run if meeting else str(uuid.uuid4()),
        local_addr=None if meeting else "localhost",
        max_restarts=0,
        monitor_interval=0.1,
        **where,
    )
    os.environ[LAUNCHER] = str(os.getpid())
    try:
        elastic_launch(config, sys.executable)("-u", "-m", "snakeroot.train", *arguments())
    except ChildFailedError as error:
        failures = sorted(error.failures.items(), key=lambda one: one[1].timestamp)
        codes = {rank: failure.exitcode for rank, failure in failures}
        raise _end(codes, processes * nodes, alone=nodes == 1) from error
    except SignalException as error:  # passed on: the processes have written their checkpoint
        raise SystemExit(128 + error.sigval) from error


def _end(codes: Mapping[int, int], processes: int, *, alone: bool) -> BaseException:
    """How this process ends, given the exit codes of those of this machine that failed, by rank, the first one first.

    Args:
        processes: on all machines.
        alone: whether this is the only machine.
    """
    knowing = {rank: code for rank, code in codes.items() if code != LOST}
    if not knowing and not alone:
        time.sleep(LINGER)
        return SystemExit(LOST)
    rank, code = next(iter((knowing or codes).items()))
    if code == TOLD:
        return SystemExit(code)
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}; it says why above"
    return SnakerootError(f"process {rank} of {processes} {how}")


def arguments() -> list[str]:
    """This command's arguments, but not where to note the provenance, which is of the whole job."""
    words = sys.argv[1:]
    if "--provenance" in words:
        at = words.index("--provenance")
        words = words[:at] + words[at + 2 :]
    return words
