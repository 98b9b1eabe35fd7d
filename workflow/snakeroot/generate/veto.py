"""Events that cannot pass the selection, stopped where that is seen first, before most of their shower."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.generate.libraries import pythia8mc


class Veto(pythia8mc.UserHooks):  # type: ignore[misc]  # it has no types
    """What a process knows of events that cannot pass; a subclass says so in `stops`.

    Pythia's showers go down in pT. At `SCALE` they are asked whether they shall go on: what is harder is there, the
    resonances have their recoil, and most of the work, softer emissions and hadrons, is to come.
    """

    SCALE = 0.0
    """pT (GeV) of the showers at which the event is judged."""

    def __init__(self) -> None:
        super().__init__()
        self._stopped = False
        self._passed: list[bool] = []

    def stops(self, event: Any) -> bool:
        """Say whether the event, Pythia's record of it at `SCALE`, cannot pass."""
        raise NotImplementedError

    def passed(self) -> NDArray[np.bool_]:
        """Return whether each event went on, of those since the last call that Pythia has not given up on."""
        passed, self._passed = np.array(self._passed, dtype=bool), []
        return passed

    # What follows are the names by which Pythia calls.

    def onBeginEvent(self) -> None:  # noqa: N802
        self._stopped = False

    def onEndEvent(self, status: Any) -> None:  # noqa: N802
        if self._stopped or status == pythia8mc.UserHooks.COMPLETE:
            self._passed.append(not self._stopped)

    def canVetoPT(self) -> bool:  # noqa: N802
        return True

    def scaleVetoPT(self) -> float:  # noqa: N802
        return self.SCALE

    def doVetoPT(self, shower: int, event: Any) -> bool:  # noqa: N802
        if shower < RESONANCES:
            self._stopped = self.stops(event)
        return self._stopped


RESONANCES = 4
"""From this on, Pythia asks in the showers of decays."""
