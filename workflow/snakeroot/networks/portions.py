"""How many rows a network is given at once where they are only scored: what bounds memory, and fits into a cache."""

from __future__ import annotations

MOST = 8192
"""Rows, however little a row has."""

NUMBERS = 2**18
"""Numbers of all rows together. Layers make several times as many of them: of pairs of particles, or of filters."""


def portion(size: int) -> int:
    """Return how many rows of so many numbers to score at once: a power of two, at least 1.

    Of the numbers alone, so that scores have the same bits on any machine.
    """
    return int(min(MOST, 1 << max(NUMBERS // size, 1).bit_length() - 1))
