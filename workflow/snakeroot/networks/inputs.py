"""What a network takes: for each of its inputs a block of numbers of the same size in every row.

All kinds of inputs are rows of float32 numbers, so shuffling, streaming, scaling, checkpoints and exports are the same
for all of them; only a network's layers see shapes. A block is stored, and handed over, channel by channel:

* scalar: one number.
* image: channels × height × width.
* sequence: channels × length, and a last channel, the mask: 1 where there is an object, 0 where the sequence is padded.
* tree: channels × nodes, and four last channels: the positions of a node's two children (-1 of a leaf), its height (0
  of a leaf), and the mask. Children stand before their parents, so the root is the last node that is not masked.

Padding is 0 in all channels, before and after scaling. A scalar may be missing in a row, where its task says which
values mean so: it is NaN, and the network itself knows what to put there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.settings import Column, Settings

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["scalar", "image", "sequence", "tree"]

MARKS: dict[Kind, tuple[str, ...]] = {
    "scalar": (),
    "image": (),
    "sequence": ("mask",),
    "tree": ("left", "right", "height", "mask"),
}
"""The last channels of each kind, which say what is where and are not scaled."""


class Input(Settings):
    """One input of a network: a column of the tables."""

    name: Column = Field(description="of the column")
    kind: Kind = Field("scalar", description="what a row of it is")
    channels: list[str] = Field(["value"], min_length=1, description="names of the channels, without those of MARKS")
    positions: list[int] = Field([], description="[height, width] of an image, [length], or [nodes]; [] of a scalar")
    missing: bool = Field(
        False, exclude_if=lambda missing: not missing, description="whether a scalar may be missing, which is NaN"
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a row's block: all channels, then the positions; () of a scalar."""
        return () if self.kind == "scalar" else (len(self.channels) + len(MARKS[self.kind]), *self.positions)

    @property
    def size(self) -> int:
        """How many numbers a row has."""
        return math.prod(self.shape)

    @property
    def masked(self) -> bool:
        """Whether the last channel is a mask."""
        return "mask" in MARKS[self.kind]

    @property
    def type(self) -> pa.DataType:
        """The type of the column in the tables."""
        import pyarrow as pa  # noqa: PLC0415 - reading the config must not cost the import of pyarrow

        return pa.float32() if self.kind == "scalar" else pa.list_(pa.float32(), self.size)

    def spread(self, values: Sequence[float], marks: float) -> list[float]:
        """Return a number for each channel as one for each number of the block; `marks` for the last channels."""
        of_channels = [*values, *[marks] * len(MARKS[self.kind])]
        return [value for value in of_channels for _ in range(math.prod(self.positions))]


def size(inputs: Sequence[Input]) -> int:
    """Return how many numbers a row of all inputs has, one after the other."""
    return sum(one.size for one in inputs)


def places(inputs: Sequence[Input]) -> list[slice]:
    """Return where in a row each input is."""
    ends = [size(inputs[:number]) for number in range(len(inputs) + 1)]
    return [slice(*pair) for pair in itertools.pairwise(ends)]
