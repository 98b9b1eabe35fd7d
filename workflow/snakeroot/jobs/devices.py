"""GPUs: which there are, and which of them are this job's; without importing torch.

A job holds a lock on each of its GPUs, which the kernel releases when the job ends, however it ends. So jobs of one
Snakemake, of two, or of two users get different GPUs. A scheduler's choice, CUDA_VISIBLE_DEVICES, is kept to.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from snakeroot.errors import SnakerootError

Accelerator = Literal["auto", "cpu", "cuda"]
VISIBLE = "CUDA_VISIBLE_DEVICES"
LOCKS = Path("/tmp")  # noqa: S108 - one folder for all users and jobs, whatever TMPDIR is; files are opened with care
PATIENCE = 0.5
"""Seconds between two looks at GPUs that are all in use."""


def present() -> list[str]:
    """Return the UUIDs of the machine's NVIDIA GPUs, in the order of their numbers; none without a driver."""
    import pynvml  # noqa: PLC0415 - the config names accelerators, and reading it must not need NVIDIA's package

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return [str(pynvml.nvmlDeviceGetUUID(handle)) for handle in handles]
    finally:
        pynvml.nvmlShutdown()


def visible(present: Sequence[str], chosen: str | None) -> list[str]:
    """Return those of the GPUs that CUDA_VISIBLE_DEVICES leaves: numbers, or UUIDs that may be cut short.

    Numbers are those of nvidia-smi. As CUDA does, stop at the first that does not exist. An instance of a divided GPU
    (MIG-…) is taken at its word.
    """
    if chosen is None:
        return list(present)
    left: list[str] = []
    for word in filter(None, (word.strip() for word in chosen.split(","))):
        if word.startswith("MIG-"):
            left.append(word)
            continue
        named = [uuid for number, uuid in enumerate(present) if word == str(number)]
        named = named or [uuid for uuid in present if word.startswith("GPU-") and uuid.startswith(word)]
        if not named:
            break
        left.append(named[0])
    return list(dict.fromkeys(left))


def describe(own: Sequence[str]) -> dict[str, object]:
    """Return what the provenance says of the device."""
    return {"accelerator": "cuda" if own else "cpu", "gpus": list(own)}


@contextmanager
def claimed(accelerator: Accelerator, count: int) -> Iterator[list[str]]:
    """Yield the UUIDs of so many GPUs that no other job uses, and leave only these visible; none to use the CPU.

    Waits while too few are free. With `auto`, a machine without GPUs gives none.

    Raises:
        SnakerootError: if there are fewer GPUs than wanted, and the CPU will not do.
    """
    there = visible(present(), os.environ.get(VISIBLE)) if accelerator != "cpu" else []
    if accelerator == "cuda" and (not there or not count):
        raise SnakerootError(
            "accelerator: cuda, but this job has no GPU: ask for one (--resources gpu=1), run where there is one, or "
            "set accelerator: auto"
        )
    if there and count > len(there):
        raise SnakerootError(f"gpus: {count} are wanted, but only {len(there)} can be seen here: {', '.join(there)}")
    if not there or not count:
        yield []
        return
    with locked(there, count) as own:
        os.environ[VISIBLE] = ",".join(own)
        # what torch needs to give the same bytes each time; read when CUDA starts
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        yield own


@contextmanager
def locked(names: Sequence[str], count: int) -> Iterator[list[str]]:
    """Yield `count` of the names that no other process holds, waiting until there are as many."""
    waiting = False
    while True:
        with ExitStack() as held:
            own: list[str] = []
            for name in names:
                if len(own) < count and _try_lock(name, held):
                    own.append(name)
            if len(own) == count:
                yield own
                return
        if not waiting:
            logging.info("all GPUs are in use: waiting for %d of %s", count, ", ".join(names))
            waiting = True
        time.sleep(PATIENCE)


def _try_lock(name: str, held: ExitStack) -> bool:
    path = LOCKS / f"snakeroot-{name}.lock"
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        try:
            file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o444)
            os.fchmod(file, 0o444)  # whatever this user's umask: all users open it
        except FileExistsError:
            file = os.open(path, flags)
    except OSError as error:
        raise SnakerootError(f"{path}: cannot be opened as a lock ({error.strerror}); have it removed") from error
    held.callback(os.close, file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
