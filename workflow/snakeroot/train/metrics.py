"""Loss, accuracy and AUC on the device where the scores are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


class Metrics(NamedTuple):
    """Weighted values over a split."""

    loss: float
    accuracy: float
    auc: float


def measure(logits: Tensor, target: Tensor, weight: Tensor) -> Metrics:
    """Return the weighted cross-entropy, accuracy at a score of 0.5 and AUC.

    All arguments are float32 of shape (n,); sums are taken in float64. One transfer brings the three values back.
    """
    total = weight.sum(dtype=torch.float64)
    losses = binary_cross_entropy_with_logits(logits, target, weight, reduction="none")
    right = torch.where((logits > 0) == (target > 0.5), weight, 0.0)
    sums = losses.sum(dtype=torch.float64), right.sum(dtype=torch.float64)
    return Metrics(*torch.stack([sums[0] / total, sums[1] / total, auc(logits, target, weight)]).tolist())


def auc(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted area under the ROC curve, a float64 scalar; all arguments are float32 of shape (n,).

    It is the Mann–Whitney statistic: the weighted share of pairs of a signal and a background event in which the signal
    scores higher, ties counting half. Weights may be negative.
    """
    # on a CPU, numpy sorts several times as fast as torch
    order = torch.argsort(scores) if scores.is_cuda else torch.from_numpy(np.argsort(scores.numpy()))
    ordered, heavy = scores[order], weight[order].double()
    signal = (heavy * target[order]).cumsum(0)
    background = heavy.cumsum(0) - signal
    # events of equal score enter together: between the ends of their groups the ROC curve is straight
    ends = torch.nonzero(ordered[1:] != ordered[:-1]).squeeze(1)
    signal_below, background_below = (
        torch.cat([sums.new_zeros(1), sums[ends], sums[-1:]]) for sums in (signal, background)
    )
    area = (signal_below.diff() * (background_below[1:] + background_below[:-1])).sum() / 2
    return area / (signal[-1] * background[-1])
