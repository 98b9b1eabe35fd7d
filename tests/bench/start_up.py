"""What a training job takes before and after its training: whole processes, beside a bare `import torch`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench import streaming_memory


class Size(NamedTuple):
    """How much is measured."""

    rounds: int


FULL = Size(rounds=5)
SHORT = Size(rounds=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return median seconds of both, and the ratio import / job."""
    seconds: dict[str, list[float]] = {"job": [], "import_torch": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(size.rounds):
            seconds["job"].append(
                streaming_memory.train(Path(folder), streaming_memory.FEW, 128, 2**16, 1.0)["seconds"]
            )
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import torch"], check=True)
            seconds["import_torch"].append(time.perf_counter() - start)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    return {"start_up": median["import_torch"] / median["job"], **{f"seconds_{k}": v for k, v in median.items()}}
