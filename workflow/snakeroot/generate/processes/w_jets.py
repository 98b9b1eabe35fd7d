"""Boosted W → qq̄′: qq̄′ → WZ, whose Z → νν̄ is not seen, so that the leading jet is nearly always the W.

The range of pT is that of the hard scattering. Radiation moves jets over its ends, see qcd_jets.
"""

from __future__ import annotations

COMMANDS = (
    "WeakDoubleBoson:ffbar2ZW = on",
    "23:onMode = off",
    "23:onIfAny = 12 14 16",
    "24:onMode = off",
    "24:onIfAny = 1 2 3 4 5",
    "PhaseSpace:pTHatMin = 200.0",
    "PhaseSpace:pTHatMax = 500.0",
)

RECONSTRUCTION = "fat_jets"
