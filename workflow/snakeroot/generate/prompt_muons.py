"""Events of which a muon is out of reach: the four that are selected are those of the hard process, and no others."""

from __future__ import annotations

from typing import Any

from snakeroot.generate.detector import MUON
from snakeroot.generate.four_muons import ETA_MAX, PT_MIN
from snakeroot.generate.libraries import pythia8mc
from snakeroot.generate.veto import Veto

INCOMING = 4
"""The last place in the record of the hard process that is no product of it: the beams and the incoming partons."""


class PromptMuons(Veto):
    """Stops events with a muon that is too soft, or too far forward, to be selected.

    The margins are for what follows: radiation below the scale, which pushes the muons by about as much as its pT, and
    the detector. Lost with it are events in which a muon of a hadron stands in for one of the four: 2 to 3 in a
    thousand of those selected (measured in `generated_events`).
    """

    SCALE = 5.0
    SOFTEST = PT_MIN - 1.0
    """GeV."""
    FARTHEST = ETA_MAX + 0.1

    def __init__(self, process: Any) -> None:
        """Judge by `process`, Pythia's record of the hard process, which is the same object for all events."""
        super().__init__()
        self._process = process

    def stops(self, event: Any) -> bool:
        """Say so if one of the muons is out of reach.

        The showers know of resonances, not yet of what these decay to. The muons' momenta are those from the hard
        process, boosted as their resonance has been since, which is what Pythia itself does when its turn comes.
        """
        boosts: dict[int, Any] = {}
        for place in range(INCOMING + 1, self._process.size()):  # faster than Pythia's own iteration
            particle = self._process[place]
            if particle.idAbs() == MUON and particle.isFinal():
                momentum = particle.p()
                momentum.rotbst(self._boost(place, event, boosts))
                if momentum.pT() < self.SOFTEST or abs(momentum.eta()) > self.FARTHEST:
                    return True
        return False

    def _boost(self, place: int, event: Any, known: dict[int, Any]) -> Any:
        """Return how the showers have boosted what left the hard process and became this particle."""
        while (mother := self._process[place].mother1()) > INCOMING:
            place = mother
        if place not in known:
            known[place] = pythia8mc.RotBstMatrix()
            known[place].bst(self._process[place].p(), event[event[place].iBotCopyId()].p())
        return known[place]
