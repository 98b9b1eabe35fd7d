"""Events with the collections of NanoAOD: of a real file, or random ones, written as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot
from helpers import write_ntuple
from numpy.typing import NDArray

Arrays = dict[str, ak.Array]


def random_events(entries: int, seed: int = 1) -> Arrays:
    """Return random jets, electrons, muons and generated particles, with indices into each other and flags."""
    random = np.random.default_rng(seed)
    found: Arrays = {
        "run": ak.Array(np.ones(entries, np.int32)),
        "event": ak.Array(np.arange(entries, dtype=np.int64)),
    }
    sizes = {name: random.poisson(mean, entries) for name, mean in (("Jet", 4), ("Electron", 1.5), ("Muon", 2))}
    sizes["GenPart"] = random.integers(0, 9, entries)

    def add(name: str, content: NDArray[Any]) -> None:
        found[name] = ak.unflatten(ak.Array(content), sizes[name.split("_", maxsplit=1)[0]])

    def indices(of: str, within: str) -> NDArray[np.int32]:
        """Places in another collection, of which one is -1."""
        most = np.repeat(sizes[within], sizes[of])
        return random.integers(-1, most, dtype=np.int32)

    for name in ("Jet", "Electron", "Muon"):
        total = int(sizes[name].sum())
        add(f"{name}_pt", random.exponential(40.0, total).astype(np.float32) + 5)
        add(f"{name}_eta", random.uniform(-2.5, 2.5, total).astype(np.float32))
        add(f"{name}_phi", random.uniform(-3.14, 3.14, total).astype(np.float32))
        add(f"{name}_mass", random.exponential(5.0 if name == "Jet" else 0.1, total).astype(np.float32))
        if name != "Jet":
            add(f"{name}_charge", random.choice(np.array([-1, 1], np.int32), total))
    jets, particles = (int(sizes[name].sum()) for name in ("Jet", "GenPart"))
    add("Jet_btagDeepB", random.random(jets).astype(np.float32))
    add("Jet_jetId", random.choice(np.array([0, 2, 4, 6], np.int32), jets))
    add("Jet_muonIdx1", indices("Jet", "Muon"))
    add("Electron_vidNestedWPBitmap", random.integers(0, 2**30, int(sizes["Electron"].sum()), dtype=np.int32))
    add("GenPart_pdgId", random.choice(np.array([-6, -5, 5, 6, 21], np.int32), particles))
    add("GenPart_statusFlags", random.integers(0, 2**15, particles, dtype=np.int32))
    add("GenPart_genPartIdxMother", indices("GenPart", "GenPart"))
    return found


def write(path: Path, arrays: Arrays) -> Path:
    """Write the tree `events`."""
    return write_ntuple(path, arrays)


def events_of(path: Path, tree: str, branches: list[str]) -> list[dict[str, Any]]:
    """Return the entries of a file in plain Python, numbers of single precision as such."""
    with uproot.open(path) as file:
        arrays = file[tree].arrays(branches, how=dict)
    columns = {name: array.to_list() for name, array in arrays.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
