"""Is an ONNX file the network that it was made from? Rows are scored by both, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.export.graph import Graph
from snakeroot.networks.inputs import Input, places

TOLERANCE = 1e-5
"""The most that a number may differ by, absolutely; beyond `_unit`, relatively."""

COUNTS = (0, 1, 2, 7)
"""Numbers of rows that are scored at once, beside all of them: a graph may be right for one number of them alone."""

EXTREMES: Mapping[str, float] = {
    "NaN": np.nan,
    "infinity": np.inf,
    "-infinity": -np.inf,
    "the largest float32": float(np.finfo(np.float32).max),
    "the smallest float32": float(np.finfo(np.float32).min),
}

Rows = NDArray[np.float32]


def check(graph: Graph, session: onnxruntime.InferenceSession, rows: Rows) -> float:
    """Return the largest difference.

    Args:
        rows: of all inputs side by side (n, size of the inputs): real ones.

    Raises:
        SnakerootError: for the first row for which the two differ.
    """
    largest, unit = 0.0, _unit(graph)
    for what, some in _batches(rows, graph.inputs):
        expected, got = _torch(graph, some), scored(session, graph.inputs, some)
        difference = np.abs(got - expected) / np.maximum(np.abs(expected), unit)
        difference[(np.isnan(got) & np.isnan(expected)) | (got == expected)] = 0
        wrong = ~(difference <= TOLERANCE)
        if wrong.any():
            row, column = (int(place[0]) for place in np.nonzero(wrong))
            name = session.get_outputs()[column].name
            raise SnakerootError(
                f"the exported network is another one than torch's: {name} is {got[row, column]:.7g}, not "
                f"{expected[row, column]:.7g}, for row {row} of {what}: {some[row].tolist()[:50]}"
            )
        largest = max(largest, float(difference.max(initial=0)))
    return largest


def _unit(graph: Graph) -> float:
    """Return 1 or, of a regression, how large its targets are: a difference or a spread of predictions is small beside
    these, and is no more exact than they are in single precision.
    """
    return max(1.0, *(float(one.target_mean[0].abs() + one.target_standard_deviation[0]) for one in graph.networks))


def scored(session: Any, inputs: Sequence[Input], rows: Rows) -> NDArray[np.float64]:
    """Return what a session gives for rows of all inputs side by side, (n, outputs)."""
    blocks = {
        one.name: rows[:, place].reshape(len(rows), *(one.shape or (1,)))
        for place, one in zip(places(inputs), inputs, strict=True)
    }
    return np.concatenate(session.run(None, blocks), axis=1)


def _batches(rows: Rows, inputs: Sequence[Input]) -> Iterator[tuple[str, Rows]]:
    """Yield rows to score at once, and what they are called."""
    yield f"{len(rows)} rows", rows
    yield from ((f"{count} rows", rows[:count]) for count in COUNTS if count < len(rows))
    base = rows[:1] if len(rows) else np.zeros((1, rows.shape[1]), np.float32)
    for place, one in zip(places(inputs), inputs, strict=True):
        # the channels alone: masks and places of children are no numbers that are measured
        numbers = slice(place.start, place.start + len(one.channels) * int(np.prod(one.positions)))
        extreme = base.repeat(len(EXTREMES), axis=0)
        extreme[:, numbers] = np.array([*EXTREMES.values()], np.float32)[:, None]
        yield f"those with {one.name} at {', '.join(EXTREMES)}", extreme


@torch.no_grad()
def _torch(graph: Graph, rows: Rows) -> NDArray[np.float64]:
    known = rows if len(rows) else np.zeros((1, rows.shape[1]), np.float32)
    blocks = [
        torch.from_numpy(known[:, place].reshape(len(known), *(one.shape or (1,))))
        for place, one in zip(places(graph.inputs), graph.inputs, strict=True)
    ]
    return torch.cat(graph(*blocks), dim=1).numpy()[: len(rows)]
