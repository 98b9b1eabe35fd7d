"""Variables that tell jets of two prongs from jets of one, by fastjet and its contributed packages."""

from __future__ import annotations

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.generate.libraries import fastjet
from snakeroot.physics.clustering import RADIUS

SYMMETRY_CUT = 0.1


def variables(constituents: ak.Array, radius: float) -> dict[str, NDArray[np.float64]]:
    """Return columns of shape (jets,) from constituents of type `jets * var * Momentum4D`, at least 3 of each.

    * tau1, tau2, tau3: N-subjettiness with β = 1 and the axes of N exclusive kT jets, Σ pT min(ΔR to an axis) /
      (radius Σ pT), how far the jet is from N prongs [Thaler, Van Tilburg, JHEP 03 (2011) 015]
    * softdrop_mass: mass (GeV) after soft drop with β = 0 and z > 0.1, the modified mass drop [Larkoski et al.,
      JHEP 05 (2014) 146]
    * d2: e₃ / e₂³ of the energy correlation functions with β = 1, small for two prongs [Larkoski, Moult, Neill,
      JHEP 12 (2014) 009]
    """
    definition = fastjet.JetDefinition(fastjet.cambridge_algorithm, RADIUS)
    sequence = fastjet.ClusterSequence(constituents, definition)
    tau = sequence.njettiness("NormalizedMeasure", "KT_Axes", njets=[1, 2, 3], beta=1.0, R0=radius)
    groomed = sequence.exclusive_jets_softdrop_grooming(beta=0.0, symmetry_cut=SYMMETRY_CUT, R0=radius)
    d2 = sequence.exclusive_jets_energy_correlator(beta=1.0, func="d2")
    return {
        **{f"tau{axes + 1}": ak.to_numpy(tau[:, axes]) for axes in range(3)},
        "softdrop_mass": np.maximum(ak.to_numpy(groomed.msoftdrop), 0),  # of one photon it is 0, rounded either way
        "d2": ak.to_numpy(d2),
    }
