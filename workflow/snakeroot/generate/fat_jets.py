"""The leading fat jet of each event, and the branches that describe it."""

from __future__ import annotations

from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.generate import substructure
from snakeroot.generate.detector import NEUTRINOS, identify
from snakeroot.generate.libraries import fastjet, vector
from snakeroot.generate.particles import Collisions, Particles, Selected
from snakeroot.generate.settings import UNDEFINED
from snakeroot.physics.clustering import merges

RADIUS = 1.0
PT_MIN, PT_MAX = 200.0, 500.0
"""GeV. Radius and window are those of Louppe et al., JHEP 01 (2019) 057."""
ETA_MAX = 2.0
CONSTITUENTS_MIN = 3
"""Fewer have no third axis: some variables would be undefined."""
MATCHED = RADIUS / 2
"""ΔR within which a jet of generated particles is the same jet."""


class FatJets(NamedTuple):
    """The selected jets, and which particles these are made of."""

    event: NDArray[np.int64]
    """Shape (jets,): the index of the event in the batch, ascending."""
    constituents: NDArray[np.int64]
    """Shape (constituents,): rows of the particles, jet by jet, each by descending pT."""
    sizes: NDArray[np.int64]
    """Shape (jets,): how many of them each jet has, at least 3."""


def reconstruct(collisions: Collisions) -> Selected:
    """Return the selected events of a batch, and their branches.

    f_fatjet_*, float32: the jet's pt, eta, phi, e and mass (GeV), the variables of `substructure`, and generated_mass,
    that of the nearest jet of generated particles without neutrinos, -999 if none is within ΔR = 0.5; w_distance, ΔR to
    the nearest generated W boson, -999 if there is none.

    f_constituent, lists of records: pt, eta, phi, e (float32) and pid (int32, see `identify`), by descending pT.

    f_merge, lists of records: first and second (int32), the two children of each merge of the kT algorithm as in
    `snakeroot.physics.clustering`. With n constituents there are n - 1 merges; node n + k is the k-th.

    All but these two follows from the constituents as they are written, in float32.
    """
    jets = select(collisions.measured, collisions.events)
    particles = collisions.measured.where(jets.constituents)
    written = _written(particles)
    pt, eta, phi, energy = (column.astype(np.float64) for column in written.values())
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    constituents = ak.unflatten(vector.zip({"px": px, "py": py, "pz": pz, "E": energy}), jets.sizes)
    total = ak.sum(constituents, axis=1)
    variables = {
        **{name: getattr(total, name) for name in ("pt", "eta", "phi")},
        "e": total.E,
        "mass": total.mass,
        "generated_mass": generated_mass(collisions.generated.of_events(jets.event), total),
        "w_distance": nearest(collisions.bosons.of_events(jets.event), total),
        **substructure.variables(constituents, RADIUS),
    }
    offsets = np.concatenate([[0], np.cumsum(jets.sizes)])
    first, second = merges(px, py, pz, energy, offsets, "kt").T
    scalars = {f"f_fatjet_{name}": ak.to_numpy(column).astype(np.float32) for name, column in variables.items()}
    lists = {
        "f_constituent": ak.unflatten(ak.zip(written | {"pid": identify(particles)}), jets.sizes),
        "f_merge": ak.unflatten(ak.zip({"first": first, "second": second}), jets.sizes - 1),
    }
    return Selected(jets.event, scalars | lists)


def select(particles: Particles, events: int) -> FatJets:
    """Return the jet of the largest pT with |η| < 2 of each event where 200 < pT < 500 GeV, of 3 particles or more.

    Anti-kT with R = 1 [Cacciari, Salam, Soyez, JHEP 04 (2008) 063]. A harder jet at larger |η| does not count.
    """
    grouped = particles.by_event(events, row=np.arange(len(particles.event)))
    sequence = _anti_kt(grouped)
    jets, members = sequence.inclusive_jets(min_pt=PT_MIN), sequence.constituent_index(min_pt=PT_MIN)
    central = abs(jets.eta) < ETA_MAX
    jets, members = jets[central], members[central]
    leading = ak.argmax(jets.pt, axis=1, keepdims=True)
    pt, members = ak.firsts(jets.pt[leading]), ak.firsts(members[leading])
    good = ak.fill_none((pt < PT_MAX) & (ak.num(members) >= CONSTITUENTS_MIN), False)
    event = np.flatnonzero(ak.to_numpy(good))
    constituents = grouped[event][ak.drop_none(members[event], axis=0)]
    constituents = constituents[ak.argsort(constituents.pt, ascending=False)]
    return FatJets(event, ak.to_numpy(ak.flatten(constituents.row)), ak.to_numpy(ak.num(constituents)))


def generated_mass(particles: Particles, jets: ak.Array) -> NDArray[np.float64]:
    """Return the mass (GeV) of the jet of these particles, without neutrinos, that is nearest to each of `jets`.

    `jets` are four-momenta, one per event. Shape (events,); -999 where none of pT > 100 GeV is within ΔR = 0.5.
    """
    seen = particles.where(~np.isin(np.abs(particles.pdg), NEUTRINOS))
    candidates = _anti_kt(seen.by_event(len(jets))).inclusive_jets(min_pt=PT_MIN / 2)
    distance = candidates.deltaR(jets)
    candidates, distance = candidates[distance < MATCHED], distance[distance < MATCHED]
    nearest = candidates[ak.argmin(distance, axis=1, keepdims=True)]
    return np.asarray(ak.to_numpy(ak.fill_none(ak.firsts(nearest.mass), UNDEFINED)))


def nearest(bosons: Particles, jets: ak.Array) -> NDArray[np.float64]:
    """Return ΔR from each of `jets`, one per event, to the nearest of these particles: (events,), -999 without any."""
    distance = bosons.by_event(len(jets)).deltaR(jets)
    return np.asarray(ak.to_numpy(ak.fill_none(ak.min(distance, axis=1), UNDEFINED)))


def _anti_kt(particles: ak.Array) -> Any:
    return fastjet.ClusterSequence(particles, fastjet.JetDefinition(fastjet.antikt_algorithm, RADIUS))


def _written(particles: Particles) -> dict[str, NDArray[np.float32]]:
    """Momenta as the ntuple holds them: all is computed from these, so a reader finds the same mass and tree."""
    momenta = particles.momenta
    columns = {"pt": momenta.pt, "eta": momenta.eta, "phi": momenta.phi, "e": particles.energy}
    return {name: column.astype(np.float32) for name, column in columns.items()}
