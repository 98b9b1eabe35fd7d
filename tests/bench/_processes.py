"""What a whole process takes: seconds, CPU seconds and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WATCHED = """
import json, os, resource, subprocess, sys, time
cores = int(sys.argv[1])
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
start = time.perf_counter()
done = subprocess.run(sys.argv[2:], stdout=sys.stderr)
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)]))
sys.exit(done.returncode)
"""
"""A process in between: what a large one starts counts as being as large, at its begin."""


class Cost(NamedTuple):
    """Of a process and those that it has started."""

    seconds: float
    cpu_seconds: float
    peak_memory_MB: float  # noqa: N815 - megabytes, not millibits


def run(command: Sequence[str], folder: Path, cores: int = 1) -> Cost:
    """Run a command in a folder on so many cores, where the system lets a process choose.

    Raises:
        RuntimeError: if it fails, with the end of what it said.
    """
    watched = [sys.executable, "-c", WATCHED, str(cores), *command]
    # other libraries of threads go by what cores there are
    environment = {**os.environ, "OMP_NUM_THREADS": str(cores)}
    done = subprocess.run(watched, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]}: {done.stderr[-2000:]}")
    return Cost(*json.loads(done.stdout))
