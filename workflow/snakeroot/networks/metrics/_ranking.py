"""The AUC on the device where the scores are."""

from __future__ import annotations

import torch
from torch import Tensor

from snakeroot.networks.objectives._objective import CHUNK

ONE = 2.0**61
"""A whole class's weight in fixed point: sums of 64-bit integers do not overflow."""


def auc(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted area under the ROC curve, a float64 scalar; all arguments are (n,) of floating types.

    It is the Mann–Whitney statistic: the weighted share of pairs of a signal and a background event in which the signal
    scores higher, ties counting half. Weights may be negative.
    """
    size = CHUNK[scores.device.type]
    ordered, order = torch.sort(_sortable(scores))
    of_signal, of_background = _fixed_point(target, weight)
    area = scores.new_zeros((), dtype=torch.float64)
    # signal and background below: so far, and at the last point of the curve
    total = point = order.new_zeros(1), order.new_zeros(1)
    for first in range(0, len(order), size):
        rows = order[first : first + size]
        is_signal = target.index_select(0, rows) > 0.5
        scale = torch.where(is_signal, of_signal, of_background)
        heavy = weight.index_select(0, rows).double().mul_(scale).round_().long()
        signal = torch.where(is_signal, heavy, 0).cumsum(0).add_(total[0])
        background = heavy.cumsum(0).add_(total[0] + total[1]).sub_(signal)
        total = signal[-1:], background[-1:]
        # events of equal score enter together: between the ends of their groups the ROC curve is straight
        after = ordered[first + 1 : first + size + 1]
        ends = ordered[first : first + len(after)] != after
        if not ends.all():
            last = torch.nonzero(torch.cat([ends, ends.new_ones(len(rows) - len(after))])).squeeze(1)
            signal, background = signal.index_select(0, last), background.index_select(0, last)
        y, x = (torch.cat([begin, sums]) for begin, sums in zip(point, (signal, background), strict=True))
        point = y[-1:], x[-1:]
        area += torch.trapezoid(x.double(), y.double())
    return area / (total[0].double() * total[1].double()).squeeze()


def _sortable(scores: Tensor) -> Tensor:
    """Return integers in the order of the scores: torch sorts them ten times as fast as the floats themselves.

    The bits of positive IEEE 754 numbers are in order; of negative ones, in the opposite order.
    """
    integer, sign, magnitude = (
        (torch.int64, 63, 2**63 - 1) if scores.dtype == torch.float64 else (torch.int32, 31, 2**31 - 1)
    )
    bits = (scores + 0.0).view(integer)  # -0.0 becomes 0.0
    return bits ^ ((bits >> sign) & magnitude)


def _fixed_point(target: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return factors for the weights of signal and background that make integers of them which cannot overflow.

    Running sums of integers are exact, so the same on every device; those of floats on a GPU are not, and torch refuses
    them where it is to be deterministic. The AUC does not depend on a factor of a whole class.
    """
    absolute = weight.abs()
    signal = (absolute * (target > 0.5)).sum(dtype=torch.float64)
    return ONE / signal, ONE / (absolute.sum(dtype=torch.float64) - signal)
