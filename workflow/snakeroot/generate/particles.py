"""Particles as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.generate.libraries import vector


@dataclass(frozen=True)
class Particles:
    """The particles of a batch of events: columns of shape (particles,), momenta and energies in GeV."""

    event: NDArray[np.int64]
    """Index of the particle's event in the batch, ascending."""
    pdg: NDArray[np.int32]
    """Identity in the numbering scheme of the Particle Data Group: 13 is μ⁻, -13 is μ⁺."""
    px: NDArray[np.float64]
    py: NDArray[np.float64]
    pz: NDArray[np.float64]
    energy: NDArray[np.float64]

    @property
    def momenta(self) -> Any:
        """Four-momenta, a `vector` array of shape (particles,)."""
        return vector.array({"px": self.px, "py": self.py, "pz": self.pz, "E": self.energy})

    def where(self, rows: NDArray[Any]) -> Self:
        """Return the particles of these rows, a mask or ascending indices."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def of_events(self, events: NDArray[np.int64]) -> Self:
        """Return the particles of these events (ascending indices), the events numbered 0, 1, … anew."""
        kept = self.where(np.isin(self.event, events))
        return replace(kept, event=np.searchsorted(events, kept.event))

    def by_event(self, events: int, **columns: NDArray[Any]) -> ak.Array:
        """Return four-momenta of type `events * var * Momentum4D`, with `pdg` and further columns as fields."""
        momenta = vector.zip(
            {"px": self.px, "py": self.py, "pz": self.pz, "E": self.energy, "pdg": self.pdg, **columns}
        )
        return ak.unflatten(momenta, np.bincount(self.event, minlength=events))


@dataclass(frozen=True)
class Collisions:
    """A batch of events, before and after the detector."""

    events: int
    generated: Particles
    """All stable particles, neutrinos too."""
    measured: Particles
    bosons: Particles
    """The generated W bosons as they decay."""


class Selected(NamedTuple):
    """What a reconstruction makes of a batch."""

    events: NDArray[np.int64]
    """Shape (selected,): indices of the selected events in the batch, ascending."""
    branches: dict[str, Any]
    """Arrays of length `selected`: numpy for one number per event, awkward for lists or for lists of records."""
