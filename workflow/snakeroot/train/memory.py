"""Whether the rows fit into memory, and how much there is."""

from __future__ import annotations

import ctypes
from pathlib import Path

import psutil
import torch

from snakeroot.errors import SnakerootError
from snakeroot.train.data import Table
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident, Streamed

GB = 1e9
METRICS = 48
"""Bytes for each row while loss, accuracy and AUC are computed: scores, targets, weights, and their order."""

OVERHEAD = 64 * 2**20
"""Bytes for what depends on no number of rows: the network's layers, the chunks in which metrics are computed."""

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3
"""From malloc.h."""

LARGE = 2**24
"""Bytes of an allocation that goes back to the system when it is freed, where memory is scarce."""

CGROUP = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def choose(
    train: Table, validation: Table, training: Training, device: torch.device, processes: int = 1
) -> type[Resident] | type[Streamed]:
    """Return how to hold the rows: on the device if they fit into the budget of each process, else streamed.

    Both give the same network, so it does not matter that another machine may choose otherwise.

    Raises:
        SnakerootError: if a budget was given that is too small to stream in.
    """
    sharing = processes if device.type == "cpu" else 1
    budget = training.memory_budget * GB if training.memory_budget else free(device) / 2 / sharing
    window = max(training.shuffle_window, training.batch_size)
    if resident(train, validation, window) <= budget:
        return Resident
    needed = streamed(train, validation, window)
    if training.memory_budget and needed > budget:
        raise SnakerootError(
            f"training.memory_budget: {training.memory_budget:g} GB are too little to stream {train.rows} rows of "
            f"{train.row_bytes} bytes; it takes {needed / GB:.2g} GB. Give it more, or lower training.shuffle_window"
        )
    return Streamed


def resident(train: Table, validation: Table, window: int) -> int:
    """Return the bytes that it takes to hold all rows, and one window of shuffled ones."""
    rows = train.rows + validation.rows + min(window, train.rows)
    return rows * train.row_bytes + METRICS * max(train.rows, validation.rows) + OVERHEAD


def streamed(train: Table, validation: Table, window: int) -> int:
    """Return the bytes that it takes to have a window in use, the next one on its way, and a group of each sample."""
    group = max(train.layout.rows)
    rows = 2 * min(window, train.rows) + (len(train.layout.streams) + 1) * group
    return rows * train.row_bytes + METRICS * max(train.rows, validation.rows) + OVERHEAD


def free(device: torch.device) -> float:
    """Return the bytes that are free: of the GPU, or of the machine and of what the scheduler lets this job have."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    return min(float(psutil.virtual_memory().available), _cgroup())


def one_heap() -> None:
    """Let all threads allocate from one heap: what one thread frees would stay in its own, half as much memory again.

    To be called before there are any threads.
    """
    _mallopt(M_ARENA_MAX, 1)


def give_back() -> None:
    """Let what is large go back to the system when it is freed, for rows that are streamed.

    By itself the C library takes what was freed for a sign that the next one of that size is better kept: with windows
    and groups of many sizes that is a third of a budget.
    """
    _mallopt(M_MMAP_THRESHOLD, LARGE)


def _mallopt(parameter: int, value: int) -> None:
    """Set a parameter of the GNU C library's malloc; others have no such call."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(parameter, value)


def _cgroup(membership: Path = CGROUP[0], root: Path = CGROUP[1]) -> float:
    """Return what the limits of this process's control groups (version 2) leave; infinity where there are none."""
    left = float("inf")
    try:
        own = next(line for line in membership.read_text().splitlines() if line.startswith("0::/"))
    except (OSError, StopIteration):
        return left
    folder = root / own.removeprefix("0::/")
    for group in (folder, *folder.parents):
        try:
            limit, used = ((group / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        except OSError:
            continue
        if limit != "max":
            left = min(left, float(limit) - float(used))
    return left
