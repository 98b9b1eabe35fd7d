"""Jobs of HTCondor's parallel universe, which starts a job's command on each of its machines: here Snakemake.

On the first machine it does the job. On the others, the Snakefile ends in `follow_first`: it waits until the job's own
command, on the first machine, says in a file what is to run beside it, and becomes that. The file is in the working
folder, which all machines share. When Snakemake ends on the first machine, HTCondor ends the others.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from snakeroot.data.files import atomic

NUMBER, COUNT = "_CONDOR_PROCNO", "_CONDOR_NPROCS"
JOB, MACHINE = "_CONDOR_JOB_AD", "_CONDOR_MACHINE_AD"
"""Variables with the files in which HTCondor describes the job, and the machine."""
FOLDER = Path(".snakemake/machines")
PAUSE = 0.2
"""Seconds between two looks at whether there is something to do."""


def count() -> int:
    """Return how many machines the job has."""
    return int(os.environ.get(COUNT, "1"))


def number() -> int:
    """Return which of them this is."""
    return int(os.environ.get(NUMBER, "0"))


def address() -> str:
    """Return where the others reach this machine: the address at which HTCondor does."""
    sinful = _value(MACHINE, "MyAddress")  # "<10.0.0.1:9618?addrs=…>"
    return sinful.lstrip("<").partition("?")[0].rpartition(":")[0]


def tell(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Have the other machines run a command, with these variables besides their own."""
    with atomic(_order()) as [part]:
        part.write_text(json.dumps({"words": list(words), "environment": dict(environment)}))


def said() -> str:
    """Return what the others have written to their output."""
    return "".join(log.read_text(errors="replace") for log in _logs())


def forget() -> None:
    """Remove the files of this job."""
    for path in (_order(), *_logs()):
        path.unlink(missing_ok=True)


def follow_first() -> None:
    """On all machines of a job but the first: wait for a command, and become it."""
    if count() == 1 or number() == 0:
        return
    while not _order().exists():
        time.sleep(PAUSE)
    order = json.loads(_order().read_text())
    with _order().with_suffix(f".{number()}.log").open("wb") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    os.execve(order["words"][0], order["words"], {**os.environ, **order["environment"]})  # noqa: S606 - no shell


def _order() -> Path:
    """The file of this job, which HTCondor may start more than once."""
    return FOLDER / f"{_value(JOB, 'ClusterId')}.{_value(JOB, 'JobCurrentStartDate')}.json"


def _logs() -> list[Path]:
    return sorted(FOLDER.glob(f"{_order().stem}.*.log"))


def _value(advertised: str, name: str) -> str:
    text = Path(os.environ[advertised]).read_text()
    found = re.search(rf'^{name} = "?(.*?)"?$', text, re.MULTILINE)
    if not found:
        raise ValueError(f"{os.environ[advertised]}: HTCondor says nothing of {name}")
    return found[1]
