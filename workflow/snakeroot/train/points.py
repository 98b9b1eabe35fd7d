"""Points of a parameterised task: which rows a network learns from, and that all points of the signal count alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data import points
from snakeroot.data.cancellation import positive
from snakeroot.errors import SnakerootError
from snakeroot.train.groups import Group, columns
from snakeroot.train.settings import TrainedAt

Integers = NDArray[np.int64]


class Points:
    """The rows of a split at the points that a network is trained at.

    Rows of signal at other points are left out. So are those of background, if the network is told the parameters:
    else it would learn that there is no signal. If it is not, background is the same at all points, and stays whole.

    Attributes:
        shares: what the weights of signal are multiplied by, by point, and behind these 1, of background.
    """

    def __init__(self, settings: TrainedAt) -> None:
        self._known = settings
        self.shares = np.ones(len(settings.points) + 1)

    def columns(self, group: Group, names: Sequence[str]) -> Iterator[NDArray[Any]]:
        """Yield columns of a group as `snakeroot.train.groups` does, of the rows that are kept."""
        kept, _ = self._rows(group)
        return (values[kept] for values in columns(group, names))

    def counted(self, groups: Iterable[Group]) -> list[Group]:
        """Return the groups of which rows are kept, each with how many."""
        found = [group._replace(rows=int(self._rows(group)[0].sum())) for group in groups]
        return [group for group in found if group.rows]

    def of(self, group: Group) -> NDArray[np.float64]:
        """Return the factors on the weights of the rows that are kept, (rows,)."""
        kept, place = self._rows(group)
        return np.asarray(self.shares[place[kept]])

    def equalise(self, weighed: Iterable[tuple[Group, NDArray[np.float64]]], split: str) -> None:
        """Find the factors with which each point of the signal has the same sum of weights; all together keep theirs.

        So the signal has the spectrum that values of background are drawn from, whatever the cross-sections: a network
        is told nothing by the parameter alone.

        Args:
            weighed: the groups, with the weights of the rows that are kept.
            split: its name, for messages.

        Raises:
            SnakerootError: if a point has no signal, or its weights add up to nothing, or less.
        """
        sums, magnitudes = np.zeros((2, len(self.shares)))
        for group, weight in weighed:
            kept, place = self._rows(group)
            sums += np.bincount(place[kept], weight, len(sums))
            magnitudes += np.bincount(place[kept], np.abs(weight), len(sums))
        for point, total, magnitude in zip(self._known.points, sums, magnitudes, strict=False):
            if not positive(total, magnitude):
                name = points.named(self._known.parameters, point)
                raise SnakerootError(
                    f"the weights of signal at {name} in the {split} split add up to {total:g} (their magnitudes to "
                    f"{magnitude:g}), which must be above zero: add events, or leave the point out with trained_at"
                )
        self.shares[:-1] = sums[:-1].mean() / sums[:-1]

    def _rows(self, group: Group) -> tuple[NDArray[np.bool_], Integers]:
        """Return which rows are kept, and the number of each row's point, of background that behind all points."""
        target, *values = columns(group, ["target", *self._known.parameters])
        place, is_signal = points.places(values, self._known.points), target == 1
        kept = (place >= 0) | (~is_signal & (not self._known.told))
        return kept, np.where(is_signal, place, len(self._known.points))
