"""Exact Shapley values of boosted trees: how much each input of a row moves the output away from its mean.

S. Lundberg, S.-I. Lee, Adv. Neural Inf. Process. Syst. 30 (2017): where some inputs of a row are known, what the
trees say is their mean over the rows of a background, which have the other inputs. So the values of a row add up to
its output minus the mean output of the background. The sum over all sets of inputs is done leaf by leaf (S. Lundberg
et al., Nat. Mach. Intell. 2 (2020) 56, "interventional" TreeSHAP): whether a mixture of a row and one of the
background gets to a leaf depends only on which of the leaf's conditions each of the two fulfils, and there are few
such patterns.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.resampling import Floats

Tree = Mapping[str, NDArray[Any]]
"""Of its nodes feature, threshold, left, right, value and, where one may be missing, missing_left: (nodes,) each."""


class Condition(NamedTuple):
    """On one feature: low < x ≤ high, and whether a missing x fulfils it."""

    low: float
    high: float
    missing: bool


@dataclass(frozen=True)
class Leaf:
    """What a row has to fulfil to get to a leaf, one condition for each of k features: low < x ≤ high.

    Attributes:
        value: of the leaf.
        feature, low, high: (k,).
        missing: whether a missing x fulfils it, (k,).
    """

    value: float
    feature: NDArray[np.int64]
    low: Floats
    high: Floats
    missing: NDArray[np.bool_]

    def fulfilled(self, rows: Floats) -> NDArray[np.bool_]:
        """Return which conditions rows (n, features) fulfil, (n, k)."""
        columns = rows[:, self.feature]
        inside: NDArray[np.bool_] = (columns > self.low) & (columns <= self.high)
        return inside | (np.isnan(columns) & self.missing)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Yield the leaves of a tree whose leaves lead to themselves, and whose rows go left if they are not above."""
    ways: list[tuple[int, dict[int, Condition]]] = [(0, {})]
    astray = tree.get("missing_left", np.zeros(len(tree["value"]), bool))
    while ways:
        node, known = ways.pop()
        left, right = int(tree["left"][node]), int(tree["right"][node])
        if left == node:
            ends = np.array([one[:2] for one in known.values()], np.float64).reshape(-1, 2)
            missing = np.array([one.missing for one in known.values()], bool)
            yield Leaf(float(tree["value"][node]), np.array(list(known), np.int64), ends[:, 0], ends[:, 1], missing)
            continue
        feature, threshold, goes_left = int(tree["feature"][node]), float(tree["threshold"][node]), bool(astray[node])
        low, high, missing_too = known.get(feature, Condition(-math.inf, math.inf, missing=True))
        below = Condition(low, min(high, threshold), missing_too and goes_left)
        above = Condition(max(low, threshold), high, missing_too and not goes_left)
        ways += [(left, {**known, feature: below}), (right, {**known, feature: above})]


def values(tree: Tree, rows: Floats, background: Floats) -> Floats:
    """Return the Shapley values of a tree for rows (n, features), given a background (m, features): (n, features)."""
    found = np.zeros(rows.shape)
    for leaf in leaves(tree):
        if leaf.value and len(leaf.feature):
            own, place, _ = _counted(leaf.fulfilled(rows))
            others, _, counts = _counted(leaf.fulfilled(background))
            share = _shares(own, others, counts / counts.sum())
            found[:, leaf.feature] += leaf.value * share[place]
    return found


def _counted(fulfilled: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
    """Return the different rows of (n, k), (u, k), which of them each row is, (n,), and how many are each, (u,)."""
    packed = np.packbits(fulfilled, axis=1)
    code = np.ascontiguousarray(packed).view([("", packed.dtype)] * packed.shape[1])[:, 0]
    _, first, place, counts = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    return fulfilled[first], place, counts


@functools.cache
def _factors(most: int) -> tuple[Floats, Floats]:
    """Return (p - 1)! q! / (p + q)! and p! (q - 1)! / (p + q)! for p and q up to `most`; 0 of no condition."""
    gain = np.zeros((most + 1, most + 1))
    for p in range(1, most + 1):
        for q in range(most + 1):
            gain[p, q] = 1 / (p * math.comb(p + q, q))
    return gain, gain.T


def _shares(own: NDArray[np.bool_], others: NDArray[np.bool_], weight: Floats) -> Floats:
    """Return for each pattern of a row (u, k) the Shapley value of each condition, (u, k), of a leaf of value 1.

    A mixture gets there if, of each condition that only one of the two fulfils, it has that one's feature. Of p
    conditions that only the row fulfils and q that only the other does, all p have to be known and none of the q: each
    of the p has the value (p - 1)! q! / (p + q)!, and each of the q has - p! (q - 1)! / (p + q)!.

    Args:
        others: patterns of the background, (b, k).
        weight: of these, (b,).
    """
    pairs = own[:, np.newaxis], others[np.newaxis]
    there = (pairs[0] | pairs[1]).all(axis=2) * weight
    for_it, against = (pairs[0] & ~pairs[1]).sum(axis=2), (~pairs[0] & pairs[1]).sum(axis=2)
    gain, loss = (table[for_it, against] for table in _factors(own.shape[1]))
    # not `@`: a matrix product's last bits depend on the number of threads
    gained: Floats = np.einsum("ab,bk->ak", there * gain, (~others).astype(np.float64))
    lost: Floats = np.einsum("ab,bk->ak", there * loss, others.astype(np.float64))
    return np.where(own, gained, -lost)
