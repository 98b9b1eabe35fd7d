"""What the embedded Monte Carlo gives: how many events are accepted, and where their quantities lie.

One part of each process, as the stage writes it. A median is over the events that have the quantity. Fat jets have 200
< pT < 500 GeV; in the window are those with 250 < pT < 300 GeV and 50 < m < 110 GeV.

Where a process has a veto, the part is made once more with all events going on: how long that takes, and which share of
the selected events the veto would have lost.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import generation
import numpy as np
from numpy.typing import NDArray
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.settings import UNDEFINED


class Size(NamedTuple):
    """Events of each process."""

    events: dict[str, int]


FULL = Size({"vbf_h4mu": 10_000, "ggh_h4mu": 20_000, "zz_4mu": 60_000, "w_jets": 32_000, "qcd_jets": 32_000})
SHORT = Size(dict.fromkeys(FULL.events, 300))


def measure(size: Size = FULL) -> dict[str, float]:
    """Return counts, medians (GeV, but for the ratio and the number of constituents) and CPU seconds by process."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        for process, events in size.events.items():
            (folder := Path(name) / process).mkdir()
            columns, seconds = timed(folder, process, events)
            of_process = jets(columns) if process.endswith("jets") else muons(columns)
            of_process |= {"generated": events, "accepted": len(columns["f_event"]), "cpu_seconds": seconds}
            if hasattr(PROCESSES.load(process), "veto"):
                of_process |= without_veto(folder, process, events)
            found |= {f"{process} {key}": value for key, value in of_process.items()}
    return found


def timed(folder: Path, process: str, events: int) -> tuple[dict[str, Any], float]:
    """Return the columns of a part, and the CPU seconds that it took."""
    start = time.process_time()
    columns = generation.run(folder, process=process, events=events).columns
    return columns, time.process_time() - start


def without_veto(folder: Path, process: str, events: int) -> dict[str, float]:
    """Return the CPU seconds where all events go on, and the share of the selected that the veto would have lost."""
    from snakeroot.generate.prompt_muons import PromptMuons  # noqa: PLC0415 - needs what is not installed everywhere

    said: list[bool] = []

    def go_on(veto: Any, event: Any, honest: Callable[[Any, Any], bool] = PromptMuons.stops) -> bool:
        said.append(honest(veto, event))
        return False

    with mock.patch.object(PromptMuons, "stops", go_on):
        columns, seconds = timed(folder, process, events)
    return {"lost by the veto": float(np.mean(np.array(said)[columns["f_event"]])), "cpu_seconds without": seconds}


def muons(columns: dict[str, NDArray[np.float32]]) -> dict[str, float]:
    """Return what is said of four muons and two jets."""
    return {
        "with two jets": int(np.sum(columns["f_massjj"] != UNDEFINED)),
        **{f"median {name}": median(columns[f"f_{name}"]) for name in ("mass4l", "massjj", "jet1_pt")},
    }


def jets(columns: dict[str, NDArray[np.float32]]) -> dict[str, float]:
    """Return what is said of fat jets."""
    pt, mass, distance = (columns[f"f_fatjet_{name}"] for name in ("pt", "mass", "w_distance"))
    window = (pt > 250) & (pt < 300) & (mass > 50) & (mass < 110)
    found = {
        "in the window": int(window.sum()),
        "median mass": median(mass),
        "median generated mass": median(columns["f_fatjet_generated_mass"]),
        "median tau21": median(columns["f_fatjet_tau2"] / columns["f_fatjet_tau1"]),
        "median constituents": median(columns["f_constituents"]),
    }
    if (distance != UNDEFINED).any():
        far = distance > 1
        found |= {"radiation, all": float(far.mean()), "radiation, in the window": float(far[window].mean())}
    return found


def median(values: NDArray[np.float32]) -> float:
    """Of what is there."""
    return float(np.median(values[values != UNDEFINED]))
