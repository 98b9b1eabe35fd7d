"""Kinds of blocks: one module each, so that a task is made again only for changes of those that it has.

A module has `build(settings, objects)`, which returns the rows of the block and how many objects of each row it leaves
out: float32, shape (rows, size of the input), laid out as in snakeroot.inputs, with NaN in rows that have no value; and
int64, shape (rows,). `stored` takes an array of pixels instead of objects.
"""

from __future__ import annotations

from snakeroot.features.inputs import Block, Image, Sequence, StoredImage, Tree
from snakeroot.registry import Registry

BLOCKS = Registry(__name__, "kind of block")

_KINDS: dict[type[Block], str] = {Image: "image", StoredImage: "stored", Sequence: "sequence", Tree: "tree"}


def kind(block: Block) -> str:
    """Return the name of the block's module."""
    return _KINDS[type(block)]
