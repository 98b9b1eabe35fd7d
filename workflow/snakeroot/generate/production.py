"""From settings to the columns of an ntuple: generate, measure, reconstruct, batch by batch."""

from __future__ import annotations

import logging
from typing import Any

import awkward as ak
import numpy as np

from snakeroot.errors import SnakerootError
from snakeroot.generate.detector import measure
from snakeroot.generate.particles import Collisions
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.pythia import Generator
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.settings import GenerateSettings

DETECTOR_STREAM = 1
"""With the seed, the key of the detector's random numbers, which are independent of Pythia's."""

LOG_EVERY = 5000
"""Events between two lines of the log."""

log = logging.getLogger(__name__)


def produce(settings: GenerateSettings) -> tuple[str, dict[str, ak.Array], dict[str, Any]]:
    """Return the name of the ntuple's tree, its columns and the metadata of the part.

    Columns have one entry per accepted event: an int32 or float32, or a list of records of such.

    The same settings give the same columns, bit for bit. Raises SnakerootError when no event is accepted.
    """
    name = PROCESSES.load(settings.process).RECONSTRUCTION
    reconstruction = RECONSTRUCTIONS.load(name)
    generator = Generator(settings)
    rng = np.random.Generator(np.random.Philox(key=[settings.seed, DETECTOR_STREAM]))
    batches = []
    generated = accepted = 0
    for tried, places, weight, particles, bosons in generator.batches(settings.events):
        collisions = Collisions(len(places), particles, measure(particles, rng), bosons)
        chosen, columns = reconstruction.reconstruct(collisions)
        identity = {
            "f_run": np.full(len(chosen), settings.run, np.int32),
            "f_lumi": np.full(len(chosen), settings.lumi, np.int32),
            "f_event": (settings.first_event + generated + places[chosen]).astype(np.int32),
            "f_weight": weight[chosen].astype(np.float32),
        }
        batches.append(identity | columns)
        accepted += len(chosen)
        generated += tried
        if generated % LOG_EVERY < tried:
            log.info("%s: %d of %d events, %d accepted", settings.process, generated, settings.events, accepted)
    if accepted == 0:
        raise SnakerootError(
            f"process {settings.process}: none of {generated} generated events passes the selection of {name}; "
            "ask for more events"
        )
    cross_section, error = generator.cross_section()
    metadata = {
        "process": settings.process,
        "seed": settings.seed,
        "energy_TeV": settings.energy,
        "multiparton": settings.multiparton,
        "generated": generated,
        "accepted": accepted,
        "cross_section_pb": cross_section,
        "cross_section_error_pb": error,
    }
    columns = {branch: ak.concatenate([batch[branch] for batch in batches]) for branch in batches[0]}
    return reconstruction.TREE, columns, metadata
