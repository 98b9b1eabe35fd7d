"""Pythia 8, from settings to batches of stable particles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.generate.libraries import pythia8mc
from snakeroot.generate.particles import Particles
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.settings import GenerateSettings

BATCH, VETOED_BATCH = 250, 1000
"""Events per call of Pythia, of which a veto stops half; constants, since another size gives other events from the same
seed. Each call costs some 50 ms, and memory for each event that goes on."""

PB_PER_MB = 1e9

W, OUTGOING = 24, 62
"""Identity of the W boson; status of what leaves the hard process, after all recoils."""


class Batch(NamedTuple):
    """Some generated events: those that go on, of the tried ones in order."""

    tried: int
    """How many events there were, with those that the process's veto has stopped."""
    places: NDArray[np.int64]
    """Shape (events,): which of those tried each event is, ascending."""
    weight: NDArray[np.float64]
    """Shape (events,): 1, or a little above in the rare event that exceeds the maximum which Pythia had estimated."""
    particles: Particles
    """All stable particles, neutrinos too."""
    bosons: Particles
    """The W bosons as they decay."""


class Generator:
    """Pythia, set up for one process in proton-proton collisions; raises SnakerootError where it refuses."""

    def __init__(self, settings: GenerateSettings) -> None:
        os.environ.pop("PYTHIA8DATA", None)  # would read another installation's tables in place of the wheel's
        process = PROCESSES.load(settings.process)
        self._pythia = pythia8mc.Pythia("", False)
        self._veto = process.veto(self._pythia.process) if hasattr(process, "veto") else None
        self._tried = self._passed = 0
        if self._veto:
            self._pythia.setUserHooksPtr(self._veto)
        for command in (
            "Print:quiet = on",
            "Beams:idA = 2212",
            "Beams:idB = 2212",
            f"Beams:eCM = {1000 * settings.energy!r}",
            "Random:setSeed = on",
            f"Random:seed = {settings.seed}",
            f"PartonLevel:MPI = {'on' if settings.multiparton else 'off'}",
            "Check:abortIfVeto = on",  # so that an event that is stopped counts as one of those asked for
            *process.COMMANDS,
        ):
            if not self._pythia.readString(command):
                raise SnakerootError(
                    f"process {settings.process}: Pythia refuses the command {command!r}; "
                    f"mend it in the module {PROCESSES.module(settings.process)}"
                )
        if not self._pythia.init():
            raise SnakerootError(
                f"process {settings.process}: Pythia cannot start at {settings.energy} TeV; Pythia has printed why"
            )

    def batches(self, events: int) -> Iterator[Batch]:
        """Yield the events that go on of exactly `events`; those that Pythia gives up on are not counted."""
        batch = VETOED_BATCH if self._veto else BATCH
        while events > 0:
            generated = self._pythia.nextBatch(min(batch, events))
            passed = self._veto.passed() if self._veto else np.ones(len(generated), dtype=bool)
            if len(passed) == 0:
                raise SnakerootError("Pythia gives up on every event; Pythia has printed why")
            events -= len(passed)
            self._tried += len(passed)
            self._passed += len(generated)
            status, pdg = generated.prt.status, generated.prt.id
            particles = _particles(generated.prt, status > 0)
            bosons = _particles(generated.prt, (abs(pdg) == W) & (abs(status) == OUTGOING))
            weight = ak.to_numpy(generated.info.weights[:, 0])
            yield Batch(len(passed), np.flatnonzero(passed), weight, particles, bosons)

    def cross_section(self) -> tuple[float, float]:
        """Return cross-section, decay fractions included, and its statistical error (pb), from all events so far.

        Pythia's estimate is of the events that have gone on. Their share of those tried is taken out of it again, and
        out of its error: how many the veto stops is no property of the process.
        """
        info = self._pythia.infoPython()
        cross_section, error = info.sigmaGen() * PB_PER_MB, info.sigmaErr() * PB_PER_MB
        if self._tried == self._passed:
            return cross_section, error
        of_share = 1 / self._passed - 1 / self._tried  # relative variance, binomial, as Pythia adds it
        relative = max((error / cross_section) ** 2 - of_share, 0) ** 0.5
        return cross_section * self._tried / self._passed, relative * cross_section * self._tried / self._passed


def _particles(record: ak.Array, chosen: ak.Array) -> Particles:
    event = np.repeat(np.arange(len(record)), ak.to_numpy(ak.num(record)))
    flat = ak.flatten(record)
    rows = ak.to_numpy(ak.flatten(chosen))
    pdg, px, py, pz, energy = (
        ak.to_numpy(column)[rows] for column in (flat.id, flat.p.px, flat.p.py, flat.p.pz, flat.p.e)
    )
    return Particles(event[rows], pdg, px, py, pz, energy)
