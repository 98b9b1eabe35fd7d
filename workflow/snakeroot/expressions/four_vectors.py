"""Four-vectors in expressions, computed by the vector package on awkward arrays of components."""

from __future__ import annotations

from typing import Any

import awkward as ak
import vector

Value = Any
"""An awkward array or a number."""

vector.register_awkward()


def delta_r(eta: Value, phi: Value, other_eta: Value, other_phi: Value) -> Value:
    """Distance in η and φ: the root of Δη² + Δφ², with Δφ the short way round."""
    one, other = (_momentum(1.0, *angles, mass=0.0) for angles in ((eta, phi), (other_eta, other_phi)))
    return one.deltaR(other)


def pair_mass(*components: Value) -> Value:
    """Invariant mass of two momenta, from pt, η, φ and mass of each."""
    one, other = (_momentum(*four[:3], mass=four[3]) for four in (components[:4], components[4:]))
    return (one + other).mass


def pair_mass_e(*components: Value) -> Value:
    """Invariant mass of two momenta, from pt, η, φ and energy of each."""
    one, other = (_momentum(*four[:3], energy=four[3]) for four in (components[:4], components[4:]))
    return (one + other).mass


def system(pt: Value, eta: Value, phi: Value, mass: Value) -> Value:
    """The sum of each list of momenta."""
    return ak.sum(_momentum(pt, eta, phi, mass=mass), axis=-1)


def system_e(pt: Value, eta: Value, phi: Value, energy: Value) -> Value:
    """The sum of each list of momenta, from their energies."""
    return ak.sum(_momentum(pt, eta, phi, energy=energy), axis=-1)


def _momentum(pt: Value, eta: Value, phi: Value, **fourth: Value) -> Value:
    return ak.zip({"pt": pt, "eta": eta, "phi": phi, **fourth}, with_name="Momentum4D")
