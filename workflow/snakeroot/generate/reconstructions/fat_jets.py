"""The leading fat jet of an event, with its substructure, its constituents and their clustering tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakeroot.generate.particles import Collisions, Selected

TREE = "FatJets"


def reconstruct(collisions: Collisions) -> Selected:
    """Return the events whose leading fat jet is in the window."""
    from snakeroot.generate import fat_jets  # noqa: PLC0415

    return fat_jets.reconstruct(collisions)
