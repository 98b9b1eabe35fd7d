"""Vector-boson fusion: qq → qqH, H → ZZ* → 4μ, with m_H = 125 GeV."""

from __future__ import annotations

COMMANDS = (
    "HiggsSM:ff2Hff(t:ZZ) = on",
    "HiggsSM:ff2Hff(t:WW) = on",
    "25:m0 = 125.0",
    "25:onMode = off",
    "25:onIfMatch = 23 23",
    "23:onMode = off",
    "23:onIfAny = 13",
)

RECONSTRUCTION = "four_muons"
