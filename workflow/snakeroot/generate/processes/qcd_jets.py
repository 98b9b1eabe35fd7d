"""Jets of quarks and gluons: QCD 2 → 2 scatterings of light and heavy quarks and gluons.

The range of pT is that of the hard scattering. Radiation moves jets over its ends: of the leading jets of 250 to 300
GeV in an inclusive sample, a quarter come from scatterings below 200 GeV, which are not generated here (measured with
pTHatMin = 150: 23 %; it would be 43 % with 230, and less than half of the events would be accepted with 150).
"""

from __future__ import annotations

COMMANDS = (
    "HardQCD:all = on",
    "PhaseSpace:pTHatMin = 200.0",
    "PhaseSpace:pTHatMax = 500.0",
)

RECONSTRUCTION = "fat_jets"
