"""The irreducible background: qq̄ → ZZ → 4μ, with γ* and its interference, for four-muon masses above 70 GeV."""

from __future__ import annotations

COMMANDS = (
    "WeakDoubleBoson:ffbar2gmZgmZ = on",
    "23:onMode = off",
    "23:onIfAny = 13",
    "PhaseSpace:mHatMin = 70.0",
)

RECONSTRUCTION = "four_muons"
