"""A detector as a formula: what is left of the generated particles, and how well their momenta are known.

A CMS-like parametrisation: of the size given in CMS, JINST 3 (2008) S08004, rounded and made simple. It is meant for
learning and testing, and for nothing that compares with data: directions are exact, nothing is misidentified, there is
no pile-up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from snakeroot.generate.particles import Particles

ELECTRON, MUON, PHOTON = 11, 13, 22
PION, NEUTRAL_KAON = 211, 130
NEUTRINOS = (12, 14, 16)
CHARGED = (11, 13, 211, 321, 2212, 3112, 3222, 3312, 3334)
"""Stable charged particles: e, μ, π, K, p, Σ⁻, Σ⁺, Ξ⁻, Ω⁻."""
NEGATIVE = (11, 13, 3112, 3312, 3334)
"""Of these, the ones whose charge has the other sign than their number."""

TRACKER = 2.5
"""|η| up to which charged particles leave tracks."""
CALORIMETER = 4.9
"""|η| up to which anything is seen."""


def measure(particles: Particles, rng: np.random.Generator) -> Particles:
    """Return the particles that are reconstructed, each momentum and energy scaled by one Gaussian factor.

    Neutrinos and what leaves along the beam are not seen. Of the others, a particle is lost at random with the
    inefficiency of its kind, and where its measured pT is below the threshold.
    """
    visible = ~np.isin(np.abs(particles.pdg), NEUTRINOS) & (np.abs(particles.momenta.eta) < CALORIMETER)
    particles = particles.where(visible)
    noise, chance = rng.standard_normal(len(particles.pdg)), rng.random(len(particles.pdg))
    factor = np.maximum(1 + resolution(particles) * noise, 0)
    measured = replace(
        particles,
        px=particles.px * factor,
        py=particles.py * factor,
        pz=particles.pz * factor,
        energy=particles.energy * factor,
    )
    eta = particles.momenta.eta
    seen = chance < _efficiency(particles.pdg, eta)
    return measured.where(seen & (measured.momenta.pt > _threshold(particles.pdg, eta)))


def resolution(particles: Particles) -> NDArray[np.float64]:
    """Return the relative momentum resolution of each particle; E and pT in GeV, ⊕ is addition in quadrature.

    muons: (1 % ⊕ 0.007 % pT) · (1 + 0.3 |η|)
    electrons and photons: 5 % / √E ⊕ 0.7 %, the electromagnetic calorimeter
    other particles: 80 % / √E ⊕ 5 %, the hadron calorimeter, or the track where it is better
    tracks of charged hadrons, |η| < 2.5: 0.8 % ⊕ 0.015 % pT
    """
    kind, energy = np.abs(particles.pdg), particles.energy
    pt, eta = particles.momenta.pt, particles.momenta.eta
    muon = np.hypot(0.010, 0.7e-4 * pt) * (1 + 0.3 * np.abs(eta))
    electromagnetic = np.hypot(0.05 / np.sqrt(energy), 0.007)
    hadronic = np.hypot(0.80 / np.sqrt(energy), 0.05)
    track = np.hypot(0.008, 1.5e-4 * pt)
    return np.select(
        [kind == MUON, _electromagnetic(kind), _has_track(kind, eta)],
        [muon, electromagnetic, np.minimum(track, hadronic)],
        default=hadronic,
    )


def identify(particles: Particles) -> NDArray[np.int32]:
    """Return what the detector takes each particle for, as the PDG number of the lightest such.

    11, -11: electrons; 13, -13: muons; 211, -211: tracks of charged hadrons, by their charge; 22: photons, and
    electrons without a track; 130: other hadrons.
    """
    kind, track = np.abs(particles.pdg), _has_track(particles.pdg, particles.momenta.eta)
    charge = np.sign(particles.pdg) * np.where(np.isin(kind, NEGATIVE), -1, 1)
    return np.select(
        [kind == MUON, _electromagnetic(kind) & track, track, _electromagnetic(kind)],
        [particles.pdg, particles.pdg, PION * charge, PHOTON],
        default=NEUTRAL_KAON,
    ).astype(np.int32)


def _efficiency(pdg: NDArray[np.int32], eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """97 % for muons, 98 % for other tracks, 100 % for what only the calorimeter sees."""
    return np.select([np.abs(pdg) == MUON, _has_track(pdg, eta)], [0.97, 0.98], default=1.0)


def _threshold(pdg: NDArray[np.int32], eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least measured pT in GeV: 0.3 for tracks, 0.4 for electrons and photons, 0.8 for the rest."""
    return np.select([_has_track(pdg, eta), _electromagnetic(pdg)], [0.3, 0.4], default=0.8)


def _electromagnetic(pdg: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.isin(np.abs(pdg), (ELECTRON, PHOTON))


def _has_track(pdg: NDArray[np.int32], eta: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isin(np.abs(pdg), CHARGED) & (np.abs(eta) < TRACKER)
