"""Four-momenta (…, 4) of the components px, py, pz, E [GeV]."""

from __future__ import annotations

import awkward as ak
import numpy as np

from snakeroot.features.objects import Numbers, Objects, ratio
from snakeroot.physics.optional import missing

SMALLEST = 1e-9
"""What a pt is at least for an η: along the beam axis it would be infinite."""


def momenta(pt: Numbers, eta: Numbers, phi: Numbers, energy: Numbers) -> Numbers:
    """Return shape (n, 4) from columns (n,)."""
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy], axis=-1)


def massless(pt: Numbers, eta: Numbers, phi: Numbers) -> Numbers:
    """Return shape (n, 4) from columns (n,), of mass 0."""
    return momenta(pt, eta, phi, pt * np.cosh(eta))


def axis(momentum: Numbers) -> tuple[Numbers, Numbers]:
    """Return rapidity and φ, shape (n,) each, of momenta (n, 4).

    Boosts along the beam shift rapidities, and so the pseudorapidities of massless constituents, all by as much; they
    do not so shift the pseudorapidity of a jet, which has a mass.
    """
    px, py, pz, energy = momentum.T.copy()
    transverse = np.sqrt(np.maximum((energy - pz) * (energy + pz), 0))
    return np.arcsinh(ratio(pz, transverse)), np.arctan2(py, px)


def turned(angle: Numbers) -> Numbers:
    """Return an angle in [-π, π)."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def subjets(objects: Objects, momentum: Numbers, radius: float, number: int) -> Numbers:
    """Return the hardest kT jets [Catani et al., Nucl. Phys. B 406 (1993) 187] of each row's objects.

    Args:
        momentum: of the objects, shape (objects, 4).

    Returns:
        Shape (rows, number, 4), by descending pt; 0 where a row has fewer.
    """
    try:
        import fastjet  # noqa: PLC0415 - GPL, and not everywhere: only who clusters needs it
        import vector  # noqa: PLC0415
    except ImportError as error:
        raise missing("subjets cannot be found", "Take another 'centre', or 'prepare: false'", error) from error
    vector.register_awkward()
    fields = dict(zip(("px", "py", "pz", "E"), momentum.T.copy(), strict=True))
    hardest = np.zeros((len(objects.counts), number, 4))
    filled = np.flatnonzero(objects.counts)  # fastjet takes no empty list
    if len(filled):
        inputs = ak.unflatten(ak.zip(fields, with_name="Momentum4D"), objects.counts[filled])
        jets = fastjet.ClusterSequence(inputs, fastjet.JetDefinition(fastjet.kt_algorithm, radius)).inclusive_jets()
        jets = jets[ak.argsort(np.hypot(jets.px, jets.py), axis=1, ascending=False)]
        for component, name in enumerate(fields):
            padded = ak.fill_none(ak.pad_none(jets[name], number, axis=1, clip=True), 0.0, axis=1)
            hardest[filled, :, component] = ak.to_numpy(padded)
    return hardest
