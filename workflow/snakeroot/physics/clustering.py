"""The binary tree of a jet: in which order an algorithm merges its constituents.

Of a jet with n constituents, nodes 0 … n-1 are the constituents in the order in which they are given, and node n+k is
the k-th merge: its four-momentum is the sum of those of its two children, which are nodes of smaller numbers. The last
node, 2n-2, is the jet.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from snakeroot.errors import SnakerootError, hint
from snakeroot.physics.optional import missing

Algorithm = Literal["kt", "cambridge", "antikt", "ascending_pt", "descending_pt"]
"""kT, Cambridge-Aachen and anti-kT as in fastjet; or a chain that takes one constituent after the other, from the
softest or from the hardest on [Louppe et al., JHEP 01 (2019) 057]."""

RADIUS = 100.0
"""Jet radius of the clustering: no two constituents are so far apart, so all end in one jet."""

Pairs = NDArray[np.int32]


def merges(
    px: ArrayLike, py: ArrayLike, pz: ArrayLike, energy: ArrayLike, offsets: ArrayLike, algorithm: Algorithm
) -> Pairs:
    """Return the children of every merge of every jet, the one with the larger pT first.

    Args:
        px, py, pz, energy: of all constituents, jet after jet (GeV); shape (constituents,).
        offsets: shape (jets + 1,), from 0 on: jet j has the constituents offsets[j] to offsets[j + 1] - 1.

    Returns:
        Shape (merges, 2), jet after jet; a jet of n constituents has n - 1 rows (none if n is 0), and the numbers in
        them are those of its own nodes, 0 to 2n-3.

    Raises:
        SnakerootError: if there is no such algorithm, fastjet is missing, or a jet has a constituent without pT.
    """
    if algorithm not in get_args(Algorithm):
        raise SnakerootError(f"no clustering algorithm {algorithm!r}: {hint(algorithm, get_args(Algorithm))}")
    momenta = np.stack([np.asarray(column, dtype=np.float64) for column in (px, py, pz, energy)], axis=1)
    if not np.isfinite(momenta).all() or (momenta[:, :2] == 0).all(axis=1).any():
        raise SnakerootError("a jet cannot be clustered: it has a constituent without pT, or one that is not finite")
    cluster = _chain(algorithm) if algorithm.endswith("_pt") else _fastjet(algorithm)
    edges = np.asarray(offsets).tolist()
    jets = (momenta[start:stop] for start, stop in itertools.pairwise(edges))
    pairs = [cluster(jet) for jet in jets if len(jet) > 1]
    return np.concatenate([np.empty((0, 2), np.int32), *pairs])


def _chain(algorithm: str) -> Callable[[NDArray[np.float64]], Pairs]:
    """Each merge takes the one before it and the next constituent in order of pT."""

    def cluster(jet: NDArray[np.float64]) -> Pairs:
        pt = np.hypot(jet[:, 0], jet[:, 1])
        order = np.argsort(pt if algorithm == "ascending_pt" else -pt, kind="stable")
        sums = jet[order].cumsum(axis=0)[:-1]
        before = np.concatenate([order[:1], len(jet) + np.arange(len(jet) - 2)])
        harder = np.hypot(sums[:, 0], sums[:, 1]) >= pt[order[1:]]
        pairs = np.stack([before, order[1:]], axis=1).astype(np.int32)
        return np.where(harder[:, np.newaxis], pairs, pairs[:, ::-1])

    return cluster


def _fastjet(algorithm: str) -> Callable[[NDArray[np.float64]], Pairs]:
    """By the plain bindings of fastjet: its interface to awkward arrays says nothing of a merge's parents."""
    try:
        import fastjet  # noqa: PLC0415 - GPL, and not everywhere: only who clusters needs it
    except ImportError as error:
        raise missing("jets cannot be clustered", "Do without clustering trees", error) from error
    definition = fastjet.JetDefinition(getattr(fastjet, f"{algorithm}_algorithm"), RADIUS)
    one, other = fastjet.PseudoJet(), fastjet.PseudoJet()

    def parents(merged: Any) -> tuple[int, int]:
        merged.has_parents(one, other)  # fills them in, the harder one first
        return one.cluster_hist_index(), other.cluster_hist_index()

    def cluster(jet: NDArray[np.float64]) -> Pairs:
        sequence = fastjet.ClusterSequence([fastjet.PseudoJet(*momentum) for momentum in jet.tolist()], definition)
        # in one jet all merges come before the step that calls it a jet, so places in the history are our nodes
        return np.array([parents(merged) for merged in sequence.jets()[len(jet) :]], dtype=np.int32)

    return cluster
