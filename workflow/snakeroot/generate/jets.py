"""Jets, and the branches that describe the two leading ones."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.generate.libraries import fastjet, vector
from snakeroot.generate.particles import Particles
from snakeroot.generate.settings import UNDEFINED

RADIUS = 0.4
PT_MIN = 30.0
"""GeV."""
ETA_MAX = 4.7


def cluster(particles: Particles, events: int) -> ak.Array:
    """Return the jets of each event by descending pT, of type `events * var * Momentum4D` (GeV).

    Anti-kT with R = 0.4 [Cacciari, Salam, Soyez, JHEP 04 (2008) 063], pT > 30 GeV, |η| < 4.7.
    """
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, RADIUS)
    jets = fastjet.ClusterSequence(particles.by_event(events), definition).inclusive_jets(min_pt=PT_MIN)
    jets = jets[abs(jets.eta) < ETA_MAX]
    return jets[ak.argsort(jets.pt, ascending=False)]


def branches(jets: ak.Array) -> dict[str, NDArray[np.float32]]:
    """Return the number of jets, invariant mass and |Δη| of the leading two, and pT, η, φ, E of each (GeV, radians).

    Columns of shape (events,); -999 where there is no such jet.
    """
    number = ak.to_numpy(ak.num(jets))
    padded = ak.pad_none(jets, 2, clip=True)
    leading: Any = vector.array({name: ak.to_numpy(ak.fill_none(padded[name], 1)) for name in ("px", "py", "pz", "E")})
    first, second = leading[:, 0], leading[:, 1]
    columns = {
        "f_njets_pass": number,
        "f_deltajj": np.where(number >= 2, np.abs(first.eta - second.eta), UNDEFINED),
        "f_massjj": np.where(number >= 2, (first + second).mass, UNDEFINED),
    }
    for place, jet in enumerate((first, second), start=1):
        for name, value in {"pt": jet.pt, "eta": jet.eta, "phi": jet.phi, "e": jet.E}.items():
            columns[f"f_jet{place}_{name}"] = np.where(number >= place, value, UNDEFINED)
    return {name: column.astype(np.float32) for name, column in columns.items()}
