"""Boosted trees as ONNX's operator for them, in double precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from snakeroot.networks.layers.boosted_trees import MISSING, BoostedTrees

NOT_ABOVE = 0
"""The operator's number for a node whose rows go the true way if they are not above its threshold."""

Tree = dict[str, NDArray[np.generic]]


def fill(node: onnx.NodeProto, trees: BoostedTrees) -> None:
    """Put trees into a `TreeEnsemble` node, in place of the attributes that it has."""
    del node.attribute[:]
    for name, value in attributes(trees).items():
        known = numpy_helper.from_array(value, name) if isinstance(value, np.ndarray) else value
        node.attribute.append(helper.make_attribute(name, known))


def attributes(trees: BoostedTrees) -> dict[str, int | list[int] | NDArray[np.generic]]:
    """Return the attributes of the operator (ai.onnx.ml, version 5) by name.

    It numbers the inner nodes of all trees, and the leaves of all trees, apart: a node's two ways lead to one or the
    other. A tree of one leaf is a node whose two ways lead there.
    """
    inner: dict[str, list[int]] = {
        name: [] for name in ("featureids", "truenodeids", "trueleafs", "falsenodeids", "falseleafs")
    }
    splits: list[float] = []
    missing: list[int] = []
    roots: list[int] = []
    weights: list[float] = []
    targets: list[int] = []
    for target, tree in _trees(trees):
        left, right = tree["left"], tree["right"]
        leaf = left == np.arange(len(left))
        nodes, leaves = _reached(tree)
        place = {node: len(splits) + number for number, node in enumerate(nodes or [0])}
        of_leaf = {node: len(weights) + number for number, node in enumerate(leaves)}
        roots.append(place[0])
        for node in place:
            for way, side in (("true", left), ("false", right)):
                there = int(side[node])
                inner[f"{way}leafs"].append(int(leaf[there]))
                inner[f"{way}nodeids"].append(of_leaf[there] if leaf[there] else place[there])
            inner["featureids"].append(int(tree["feature"][node]))
            splits.append(float(tree["threshold"][node]))
            missing.append(int(tree[MISSING][node]) if MISSING in tree else 0)
        weights += [float(tree["value"][node]) for node in leaves]
        targets += [target] * len(leaves)
    return {
        **{f"nodes_{name}": numbers for name, numbers in inner.items()},
        "nodes_missing_value_tracks_true": missing,
        "nodes_modes": np.full(len(splits), NOT_ABOVE, np.uint8),
        "nodes_splits": np.array(splits, np.float64),
        "leaf_targetids": targets,
        "leaf_weights": np.array(weights, np.float64),
        "n_targets": len(trees.baseline),
        "tree_roots": roots,
    }


def _trees(trees: BoostedTrees) -> Iterator[tuple[int, Tree]]:
    """Yield each tree and the output that it adds to."""
    whole = {name: trees.get_buffer(name).numpy() for name in trees.numbers}
    for step in range(trees.steps):
        for target in range(len(trees.baseline)):
            yield target, {name: values[step, target] for name, values in whole.items()}


def _reached(tree: Tree) -> tuple[Sequence[int], Sequence[int]]:
    """Return the inner nodes and the leaves that rows can get to: not those that a tree is padded with."""
    waiting = [0]
    nodes, leaves = [], []
    while waiting:
        node = waiting.pop()
        left, right = int(tree["left"][node]), int(tree["right"][node])
        if left == node:
            leaves.append(node)
        else:
            nodes.append(node)
            waiting += [right, left]
    return nodes, leaves
