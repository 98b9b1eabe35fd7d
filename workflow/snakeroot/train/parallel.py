"""Several processes on one training, one for each GPU: torchrun, DistributedDataParallel, and what they exchange."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor

from snakeroot.errors import SnakerootError
from snakeroot.jobs.devices import Accelerator
from snakeroot.jobs.subprocesses import follow


class Share(NamedTuple):
    """Which part of each batch is this process's."""

    rank: int = 0
    ranks: int = 1

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
    """Meet the other processes that `launch` started; alone if it started none."""
    if not launched():
        yield Share()
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    yield Share(dist.get_rank(), dist.get_world_size())
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


def launch(processes: int) -> None:
    """Run this very command once in each of so many processes, by torchrun, and wait for all of them.

    Raises:
        SnakerootError: if one of them fails; torchrun then ends the others. What went wrong, it has said itself.
        SystemExit: 128 and the number of a signal that ended this process.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException  # noqa: PLC0415
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError  # noqa: PLC0415 - heavy, rarely used
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch  # noqa: PLC0415

    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=str(uuid.uuid4()),
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",  # a free port
        local_addr="localhost",
        max_restarts=0,
        monitor_interval=0.1,
    )
    os.environ[LAUNCHER] = str(os.getpid())
    try:
        elastic_launch(config, sys.executable)("-u", "-m", "snakeroot.train", *_arguments())
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        code = failure.exitcode
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}; it says why above"
        raise SnakerootError(f"process {rank} of {processes} {how}") from error
    except SignalException as error:  # passed on: the processes have written their checkpoint
        raise SystemExit(128 + error.sigval) from error


def _arguments() -> list[str]:
    """This command's arguments, but not where to note the provenance, which is of the whole job."""
    words = sys.argv[1:]
    if "--provenance" in words:
        at = words.index("--provenance")
        words = words[:at] + words[at + 2 :]
    return words
