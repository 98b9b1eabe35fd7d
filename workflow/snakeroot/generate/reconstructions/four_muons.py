"""H → ZZ* → 4μ and two jets, one number per event and branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakeroot.generate.particles import Collisions, Selected

TREE = "HZZ4LeptonsAnalysisReduced"
"""The lecture's."""


def reconstruct(collisions: Collisions) -> Selected:
    """Return the events with four muons."""
    from snakeroot.generate import four_muons  # noqa: PLC0415

    return four_muons.reconstruct(collisions.measured, collisions.events)
