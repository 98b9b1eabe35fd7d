"""Channels that the settings of an architecture name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snakeroot.errors import hint
from snakeroot.networks.inputs import Input
from snakeroot.settings import Mistake


def unknown(inputs: Sequence[Input], coordinates: Sequence[str], momentum: str | None = None) -> Iterator[Mistake]:
    """Find names under `coordinates` and `momentum` that are no channels of one of the sequences."""
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("coordinates", place), name) for place, name in enumerate(coordinates)
    ]
    named += [(("momentum",), momentum)] if momentum else []
    for one in inputs:
        for keys, name in named if one.kind == "sequence" else []:
            if name not in one.channels:
                yield Mistake(keys, f"{one.name} has no channel {name!r}: {hint(name, one.channels, 20)}")


def places(one: Input, names: Sequence[str]) -> list[int]:
    """Return where in a sequence's block these channels are."""
    return [one.channels.index(name) for name in names]
