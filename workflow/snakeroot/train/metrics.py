"""Loss, accuracy and AUC on the device where the scores are."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

ONE = 2.0**61
"""A whole class's weight in fixed point: both together are as large as sums of 64-bit integers allow."""


class Metrics(NamedTuple):
    """Weighted values over a split."""

    loss: float
    accuracy: float
    auc: float


def measure(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted cross-entropy, accuracy at a score of 0.5 and AUC: float64 (3,), on the same device.

    All arguments are (n,) of one floating type; sums are taken in float64.
    """
    heavy = weight.double()
    losses = binary_cross_entropy_with_logits(logits, target, weight, reduction="none")
    right = torch.dot(heavy, ((logits > 0) == (target > 0.5)).double())
    total = heavy.sum()
    return torch.stack([losses.sum(dtype=torch.float64) / total, right / total, auc(logits, target, heavy)])


def auc(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted area under the ROC curve, a float64 scalar; all arguments are (n,), weights float64.

    It is the Mann–Whitney statistic: the weighted share of pairs of a signal and a background event in which the signal
    scores higher, ties counting half. Weights may be negative.
    """
    ordered, order = torch.sort(_sortable(scores))
    is_signal = target > 0.5
    heavy = _fixed_point(weight, is_signal).index_select(0, order)
    signal = torch.where(is_signal.index_select(0, order), heavy, 0).cumsum(0)
    background = heavy.cumsum(0) - signal
    ends = ordered[1:] != ordered[:-1]
    if not ends.all():
        # events of equal score enter together: between the ends of their groups the ROC curve is straight
        last = torch.nonzero(torch.cat([ends, ends.new_ones(1)])).squeeze(1)
        signal, background = signal.index_select(0, last), background.index_select(0, last)
    x, y = (torch.cat([sums.new_zeros(1), sums]).double() / ONE for sums in (background, signal))
    return torch.trapezoid(x, y) / (x[-1] * y[-1])


def _sortable(scores: Tensor) -> Tensor:
    """Return integers in the order of the scores: torch sorts them ten times as fast as the floats themselves.

    The bits of positive IEEE 754 numbers are in order; of negative ones, in the opposite order.
    """
    integer, sign, magnitude = (
        (torch.int64, 63, 2**63 - 1) if scores.dtype == torch.float64 else (torch.int32, 31, 2**31 - 1)
    )
    bits = (scores + 0.0).view(integer)  # -0.0 becomes 0.0
    return bits ^ ((bits >> sign) & magnitude)


def _fixed_point(weight: Tensor, is_signal: Tensor) -> Tensor:
    """Return weights as integers that cannot overflow: their running sums are exact, so the same on every device.

    Running sums of floats on a GPU are not, and torch refuses them where it is to be deterministic. Each class has a
    scale of its own, which no ratio of weights of one class sees.
    """
    size = weight.abs()
    signal = torch.dot(size, is_signal.double())
    scale = torch.where(is_signal, ONE / signal, ONE / (size.sum() - signal))
    return (weight * scale).round_().long()
