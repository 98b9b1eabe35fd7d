"""Small parts of generated samples, and single events by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
import uproot
from snakeroot.data.files import to_json
from snakeroot.generate.__main__ import generate
from snakeroot.generate.settings import GenerateSettings

MUON_MASS = 0.105658
BATCH = 250
"""Events in the first call of Pythia: as many are the same in a shorter part."""
EVENTS = 4 * BATCH


class Part(NamedTuple):
    columns: dict[str, Any]
    """Branches: numpy arrays, or awkward arrays of lists."""
    metadata: dict[str, Any]


def settings(**changed: Any) -> GenerateSettings:
    """Return settings of a small part."""
    defaults = {"process": "vbf_h4mu", "events": EVENTS, "first_event": 0, "run": 1, "lumi": 1, "seed": 5}
    return GenerateSettings.model_validate(defaults | changed)


def read(folder: Path) -> Part:
    """Return what a run left in `folder`."""
    with uproot.open(folder / "out.root") as file:
        [tree] = file.keys(cycle=False)
        found = {name: branch.array() for name, branch in file[tree].items()}
    columns = {name: ak.to_numpy(column) if column.ndim == 1 else column for name, column in found.items()}
    return Part(columns, json.loads((folder / "out.json").read_text()))


def run(folder: Path, **changed: Any) -> Part:
    """Generate in this process."""
    generate(settings(**changed), ntuple=folder / "out.root", metadata=folder / "out.json")
    return read(folder)


def command(folder: Path, environment: dict[str, str], **changed: Any) -> subprocess.CompletedProcess[str]:
    """Generate by the command line, in a process with another environment."""
    given = to_json({"settings": settings(**changed).model_dump()})
    files = ["--ntuple", str(folder / "out.root"), "--metadata", str(folder / "out.json")]
    return subprocess.run(
        [sys.executable, "-m", "snakeroot.generate", "--spec", given, *files],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def same(one: Part, other: Part) -> bool:
    """Whether two parts have the same branches and metadata, bit for bit."""
    return (
        one.metadata == other.metadata
        and list(one.columns) == list(other.columns)
        and all(ak.array_equal(one.columns[name], other.columns[name], dtype_exact=True) for name in one.columns)
    )


def particles(*rows: tuple[int, float, float, float], event: list[int] | None = None) -> Any:
    """Return particles, each given as pdg, pT, η, φ, massless but for muons; of one event by default."""
    from snakeroot.generate.particles import Particles  # noqa: PLC0415 - needs what is not installed everywhere

    pdg, pt, eta, phi = np.array(rows).T
    mass = np.where(np.abs(pdg) == 13, MUON_MASS, 0)
    return Particles(
        event=np.array(event or [0] * len(rows), np.int64),
        pdg=pdg.astype(np.int32),
        px=pt * np.cos(phi),
        py=pt * np.sin(phi),
        pz=pt * np.sinh(eta),
        energy=np.hypot(pt * np.cosh(eta), mass),
    )
