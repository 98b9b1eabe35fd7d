"""Trees of jets: the objects of a row as an algorithm merges them, each node with its four-momentum.

Louppe, Cho, Becot, Cranmer, JHEP 01 (2019) 057 [arXiv:1702.00748], and their code for the preparation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.features.inputs import NodeChannel, Tree
from snakeroot.features.momenta import SMALLEST, massless, momenta, subjets
from snakeroot.features.objects import Numbers, Objects, ratio
from snakeroot.physics.clustering import merges


def build(tree: Tree, objects: Objects) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return channels, children, height and mask (rows, (channels + 4) × nodes), and how many objects are left out.

    The nodes of a row are its n objects by descending pt, then the n - 1 merges as they happen: the last is the root. A
    node's momentum is the sum of those of its children (GeV); its height is 1 more than the larger of theirs.
    Objects without pt, and those beyond `length`, are left out. A row without any object has no root: NaN.
    """
    pt, eta, phi = (objects[role] for role in ("pt", "eta", "phi"))
    with np.errstate(over="ignore"):  # an η of ±999 has no momentum; its row is NaN
        momentum = momenta(pt, eta, phi, objects["energy"]) if tree.energy else massless(pt, eta, phi)
    columns = {"pt": pt, **dict(zip(("px", "py", "pz", "energy"), momentum.T.copy(), strict=True))}
    whole = Objects(objects.counts, columns)
    bad = whole.bad_rows()
    whole = whole.keep(~bad[whole.row])
    kept = whole.keep(whole["pt"] > 0).ordered("pt")
    kept = kept.keep(kept.place < tree.length)
    momentum = np.stack([kept[component] for component in ("px", "py", "pz", "energy")], axis=1)
    if tree.prepare:
        with np.errstate(divide="ignore", invalid="ignore"):  # what moves with the speed of light cannot be at rest
            momentum = prepared(kept, momentum, tree.subjet_radius)
        still = Objects(kept.counts, dict(zip("xyze", momentum.T.copy(), strict=True)))
        moving = still.bad_rows()
        bad |= moving
        momentum, kept = momentum[~moving[kept.row]], kept.keep(~moving[kept.row])
    px, py, pz, energy = momentum.T.copy()
    children = merges(px, py, pz, energy, kept.offsets, tree.algorithm)
    node, left, right, height = _grown(kept, momentum, children, 2 * tree.length - 1)

    rows, nodes = node.shape[:2]
    mask = np.arange(nodes) < (2 * kept.counts - 1)[:, np.newaxis]
    root = node[np.arange(rows), np.maximum(2 * kept.counts - 2, 0)]
    values = np.zeros((rows, len(tree.channels) + 4, nodes), dtype=np.float32)
    with np.errstate(over="ignore"):  # what overflows float32 is not finite
        for number, name in enumerate(tree.channels):
            values[:, number][mask] = _described(name, node[mask], np.repeat(root, mask.sum(axis=1), axis=0))
    for number, marks in enumerate((left, right, height, mask), start=len(tree.channels)):
        values[:, number] = np.where(mask, marks, 0)
    values[bad | (kept.counts == 0)] = np.nan
    return values.reshape(rows, (len(tree.channels) + 4) * nodes), whole.counts - kept.counts


def prepared(objects: Objects, momentum: Numbers, radius: float) -> Numbers:
    """Return the objects' momenta (objects, 4) turned and boosted, so that jets that differ by that alone are one.

    With s1 and s2 the hardest kT jets of this radius among a row's objects:

    1. Turn about z by -φ of s1.
    2. Boost along z with the velocity pz / E of s1, whose pz becomes 0.
    3. If there is an s2: turn about x so that it has pz = 0 and py < 0.
    4. Change the sign of all pz if the sum of pt pz is negative.
    """
    hardest = subjets(objects, momentum, radius, 2)
    first, second = hardest[:, 0], hardest[:, 1]
    angle, speed = -np.arctan2(first[:, 1], first[:, 0]), ratio(first[:, 2], first[:, 3])
    second = _boosted(_turned(second, angle, (0, 1)), speed)
    tilt = np.where(second[:, 3] > 0, -np.arctan2(-second[:, 2], -second[:, 1]), 0.0)
    row = objects.row
    turned = _turned(_boosted(_turned(momentum, angle[row], (0, 1)), speed[row]), tilt[row], (1, 2))
    pt = np.hypot(turned[:, 0].copy(), turned[:, 1].copy())
    turned[:, 2] *= np.where(objects.sum(pt * turned[:, 2]) < 0, -1.0, 1.0)[row]
    return turned


def _turned(momentum: Numbers, angle: Numbers, plane: tuple[int, int]) -> Numbers:
    """Turn in the plane of two components, from the first to the second."""
    cos, sin = np.cos(angle), np.sin(angle)
    one, other = (momentum[:, component] for component in plane)
    turned = momentum.copy()
    turned[:, plane[0]], turned[:, plane[1]] = cos * one - sin * other, sin * one + cos * other
    return turned


def _boosted(momentum: Numbers, speed: Numbers) -> Numbers:
    """Return the momenta in a frame that moves along z with this velocity (in units of c, below 1)."""
    gamma = 1 / np.sqrt(1 - speed**2)
    boosted = momentum.copy()
    boosted[:, 2] = gamma * (momentum[:, 2] - speed * momentum[:, 3])
    boosted[:, 3] = gamma * (momentum[:, 3] - speed * momentum[:, 2])
    return boosted


def _grown(
    objects: Objects, momentum: Numbers, children: NDArray[np.int32], nodes: int
) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return momenta (rows, nodes, 4), the two children (-1 of a leaf) and the height (rows, nodes each)."""
    rows = len(objects.counts)
    node = np.zeros((rows, nodes, 4))
    left, right = np.full((rows, nodes), -1), np.full((rows, nodes), -1)
    height = np.zeros((rows, nodes), dtype=np.int64)
    node[objects.row, objects.place] = momentum
    start = objects.offsets[:-1] - np.cumsum(objects.counts > 0) + (objects.counts > 0)  # of a row's merges
    for number in range(int(objects.counts.max(initial=1)) - 1):  # the next merge of all rows at once
        row = np.flatnonzero(objects.counts > number + 1)
        one, other = children[start[row] + number].T
        new = objects.counts[row] + number
        node[row, new] = node[row, one] + node[row, other]
        left[row, new], right[row, new] = one, other
        height[row, new] = 1 + np.maximum(height[row, one], height[row, other])
    return node, left, right, height


def _described(name: NodeChannel, momentum: Numbers, root: Numbers) -> Numbers:
    """Return one number for each momentum (n, 4), given that of its tree's root (n, 4)."""
    px, py, pz, energy = momentum.T.copy()
    pt = np.hypot(px, py)
    numbers: Numbers
    match name:
        case "p":
            numbers = np.hypot(pt, pz)
        case "eta":
            numbers = np.arcsinh(pz / np.maximum(pt, SMALLEST))
        case "theta":
            numbers = np.arctan2(pt, pz)
        case "phi":
            numbers = np.arctan2(py, px)
        case "energy":
            numbers = energy
        case "pt":
            numbers = pt
        case "energy_fraction":
            numbers = ratio(energy, root[:, 3].copy())
        case "pt_fraction":
            numbers = ratio(pt, np.hypot(root[:, 0].copy(), root[:, 1].copy()))
    return numbers
