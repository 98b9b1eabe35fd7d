"""H → ZZ* → 4μ as it is reconstructed: the muons, their pairing to two Z, and the branches of the ntuple."""

from __future__ import annotations

from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.generate import jets
from snakeroot.generate.detector import MUON
from snakeroot.generate.particles import Particles, Selected

Z_MASS = 91.1876
"""GeV [Particle Data Group]."""
PT_MIN = 5.0
"""GeV. Of muons."""
ETA_MAX = 2.4


class Candidates(NamedTuple):
    """The events with two Z candidates, and which particles these are made of."""

    event: NDArray[np.int64]
    """Shape (candidates,): the index of the event in the batch, ascending."""
    muons: NDArray[np.int64]
    """Shape (candidates, 4): rows of the particles; the pair of the Z1, then that of the Z2, each by descending pT."""


def reconstruct(particles: Particles, events: int) -> Selected:
    """Return the selected events of a batch, and their branches, float32."""
    chosen, muons = select(particles, events)
    others = np.ones(len(particles.event), dtype=bool)
    others[muons] = False
    clustered = jets.cluster(particles.where(others).of_events(chosen), len(chosen))
    columns = _muon_branches(particles, muons) | jets.branches(clustered)
    columns["f_pfmet"] = missing_momentum(particles, events)[chosen].astype(np.float32)
    return Selected(chosen, columns)


def select(particles: Particles, events: int) -> Candidates:
    """Return the four-muon candidates, at most one per event.

    Muons: pT > 5 GeV, |η| < 2.4, the two hardest of each charge. Z1 is the pair of opposite charges with the mass
    nearest to m_Z, Z2 the other two. At least one muon with pT > 20 GeV and another with pT > 10 GeV, 40 < m_Z1 < 120
    GeV, 12 < m_Z2 < 120 GeV, m_4μ > 70 GeV: the baseline of CMS, PRD 89 (2014) 092007.
    """
    momenta = particles.momenta
    rows = np.flatnonzero((np.abs(particles.pdg) == MUON) & (momenta.pt > PT_MIN) & (np.abs(momenta.eta) < ETA_MAX))
    selected = particles.where(rows).by_event(events, row=rows)
    selected = selected[ak.argsort(selected.pt, ascending=False)]
    positive, negative = selected[selected.pdg < 0], selected[selected.pdg > 0]
    event = np.flatnonzero(ak.to_numpy((ak.num(positive) >= 2) & (ak.num(negative) >= 2)))
    pairs = _pair(momenta, *(ak.to_numpy(muons.row[event, :2]) for muons in (positive, negative)))

    z = momenta[pairs].sum(axis=2)
    pt = np.sort(momenta[pairs].pt.reshape(-1, 4))
    good = (pt[:, -1] > 20) & (pt[:, -2] > 10) & (z.sum(axis=1).mass > 70)
    good &= ((z.mass > [40, 12]) & (z.mass < 120)).all(axis=1)
    return Candidates(event[good], pairs[good].reshape(-1, 4))


def _pair(momenta: Any, positive: NDArray[np.int64], negative: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pair the rows of two positive and two negative muons, each of shape (events, 2), to shape (events, Z, muon)."""
    mass = (momenta[positive][:, :, np.newaxis] + momenta[negative][:, np.newaxis, :]).mass
    nearest = np.abs(mass - Z_MASS).reshape(-1, 4).argmin(axis=1)[:, np.newaxis]
    z = np.hstack([nearest, 3 - nearest])  # of the four pairs ++, +-, -+, -- the complement of k is 3 - k
    pairs = np.stack([np.take_along_axis(positive, z // 2, 1), np.take_along_axis(negative, z % 2, 1)], axis=2)
    return np.take_along_axis(pairs, np.argsort(-momenta[pairs].pt, axis=2), 2)


def missing_momentum(particles: Particles, events: int) -> NDArray[np.float64]:
    """Return the magnitude of the negative vector sum of all transverse momenta (GeV), shape (events,)."""
    x, y = (np.bincount(particles.event, weights=p, minlength=events) for p in (particles.px, particles.py))
    return np.hypot(x, y)


def _muon_branches(particles: Particles, muons: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    momenta = particles.momenta[muons]
    charge = -np.sign(particles.pdg[muons])
    columns: dict[str, Any] = {}
    for lepton in range(4):
        columns |= {f"f_lept{lepton + 1}_{name}": getattr(momenta[:, lepton], name) for name in ("pt", "eta", "phi")}
        columns[f"f_lept{lepton + 1}_charge"] = charge[:, lepton]
    higgs = momenta.sum(axis=1)
    columns |= {
        "f_Z1mass": momenta[:, :2].sum(axis=1).mass,
        "f_Z2mass": momenta[:, 2:].sum(axis=1).mass,
        "f_pt4l": higgs.pt,
        "f_eta4l": higgs.eta,
        "f_mass4l": higgs.mass,
    }
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}
