"""Boosted decision trees as tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

NUMBERS = ("feature", "threshold", "left", "right", "value")
MISSING = "missing_left"
KINDS = {"threshold": torch.float64, "value": torch.float64, MISSING: torch.bool}
"""Types of what is no whole number."""
ROWS = 4096
"""Rows that go down the trees at once: what bounds the memory."""


class BoostedTrees(nn.Module):
    """A sum of trees for each output.

    A tree is a list of nodes, beginning with its root: the feature that a node looks at, its threshold, and where a row
    goes that is not above it (left), or is (right). A leaf leads to itself, and has a value. Where a feature may be
    missing, which is NaN, a node also knows where such rows go.

    Attributes:
        baseline: float64 (outputs,), what the trees are added to.
        feature, left, right: int64 (steps, outputs, nodes); trees with fewer nodes are padded.
        threshold, value: float64 (steps, outputs, nodes).
        missing_left: bool (steps, outputs, nodes), only where a feature may be missing: whether such rows go left.
        depth: int64 (), of the deepest tree.
        numbers: the names of what each node has.
    """

    baseline: Tensor
    depth: Tensor

    def __init__(self, outputs: int, *, missing: bool = False) -> None:
        super().__init__()
        self.numbers = [*NUMBERS, *([MISSING] if missing else [])]
        self.register_buffer("baseline", torch.zeros(outputs, dtype=torch.float64))
        self.register_buffer("depth", torch.zeros((), dtype=torch.int64))
        for name in self.numbers:
            kind = KINDS.get(name, torch.int64)
            self.register_buffer(name, torch.zeros(0, outputs, 1, dtype=kind))

    @property
    def steps(self) -> int:
        """How many trees each output has."""
        return len(self.get_buffer("value"))

    def fill(self, baseline: Tensor, trees: Sequence[Sequence[Mapping[str, Tensor]]], depth: int) -> None:
        """Put in trees by step and output, each as its nodes' numbers by name."""
        nodes = max((len(tree["value"]) for step in trees for tree in step), default=1)
        self.baseline, self.depth = baseline.double(), torch.tensor(depth)
        for name in self.numbers:
            old = self.get_buffer(name)
            whole = torch.zeros(len(trees), len(baseline), nodes, dtype=old.dtype)
            for step, outputs in enumerate(trees):
                for output, tree in enumerate(outputs):
                    whole[step, output, : len(tree[name])] = tree[name].to(old.dtype)
            setattr(self, name, whole)

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, inputs), float64, to outputs (n, outputs)."""
        parts = [self.baseline + self.of_steps(part, slice(None)).sum(1) for part in torch.split(rows, ROWS)]
        return torch.cat(parts) if parts else rows.new_zeros(0, len(self.baseline))

    def of_steps(self, rows: Tensor, steps: slice) -> Tensor:
        """Return what each tree of some steps says of each row, (n, steps, outputs)."""
        feature, threshold, left, right, value = (self.get_buffer(name)[steps].flatten(0, 1) for name in NUMBERS)
        place = torch.zeros(len(feature), len(rows), dtype=torch.int64, device=rows.device)
        columns = rows.T.contiguous()
        for _ in range(int(self.depth)):
            seen = columns.gather(0, feature.gather(1, place))
            is_left = seen <= threshold.gather(1, place)
            if MISSING in self.numbers:
                astray = self.get_buffer(MISSING)[steps].flatten(0, 1)
                is_left = torch.where(seen.isnan(), astray.gather(1, place), is_left)
            place = torch.where(is_left, left.gather(1, place), right.gather(1, place))
        return value.gather(1, place).T.reshape(len(rows), -1, len(self.baseline))

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *arguments: Any) -> None:
        """Take on the shapes of what is loaded: they are not known before."""
        for name in self.numbers:
            if (loaded := state_dict.get(prefix + name)) is not None:
                setattr(self, name, torch.empty_like(loaded))
        super()._load_from_state_dict(state_dict, prefix, *arguments)
