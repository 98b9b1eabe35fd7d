"""Which samples of a task are data, and which it is compared with."""

from __future__ import annotations

from snakeroot.config.schema import Task


def recorded(known: Task) -> list[str]:
    """Return the samples that are data and nothing else: no model is trained on them."""
    return [name for name, sample in known.samples.items() if sample.data and not known.labelled(name)]


def expected(known: Task) -> list[str]:
    """Return the samples whose yields data are compared with: all others, or those with a cross-section, if any has."""
    others = {name: sample for name, sample in known.samples.items() if name not in recorded(known)}
    sized = [name for name, one in others.items() if one.data or one.generate or one.cross_section]
    return sized if any(not others[name].data for name in sized) else list(others)
