"""Rows as a network is trained on them."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Data(NamedTuple):
    """Rows, of one floating type: scaled inputs (n, size), target (n,), weight (n,) of mean 1, and `protected`.

    A target is the number of a class, or of a regression the standardised value; 0 where there is none. Of several
    targets at once both are (n, targets), the main one first, and the weight is 0 where a target is not known.
    `protected` is the variable that the outputs are to be independent of, (n, 1), as in the tables; (n, 0) without.
    """

    features: Tensor
    target: Tensor
    weight: Tensor
    protected: Tensor

    def select(self, index: Tensor) -> Data:
        """Return the rows at these positions."""
        return Data(*(column.index_select(0, index) for column in self))

    def part(self, rows: slice) -> Data:
        """Return a view of some rows."""
        return Data(*(column[rows] for column in self))
