"""Loss, accuracy and AUC on the device where the scores are."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


class Metrics(NamedTuple):
    """Weighted values over a split."""

    loss: float
    accuracy: float
    auc: float


def measure(logits: Tensor, target: Tensor, weight: Tensor) -> Metrics:
    """Return the weighted cross-entropy, accuracy at a score of 0.5 and AUC; all arguments are float32, (n,)."""
    weight = weight.double()
    total = weight.sum()
    losses = binary_cross_entropy_with_logits(logits.double(), target.double(), reduction="none")
    right = (logits > 0) == (target > 0.5)
    values = torch.stack([(losses * weight).sum() / total, (right * weight).sum() / total, auc(logits, target, weight)])
    return Metrics(*values.tolist())


def auc(scores: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted area under the ROC curve, a float64 scalar.

    It is the Mann–Whitney statistic: the weighted share of pairs of a signal and a background event in which the signal
    scores higher, ties counting half. Weights may be negative.
    """
    ordered, order = torch.sort(scores)
    signal = weight[order] * target[order]
    background = weight[order] - signal
    _, group = torch.unique_consecutive(ordered, return_inverse=True)
    groups = int(group[-1]) + 1
    signal_at = torch.zeros(groups, dtype=torch.float64, device=scores.device).index_add_(0, group, signal)
    background_at = torch.zeros(groups, dtype=torch.float64, device=scores.device).index_add_(0, group, background)
    below = background_at.cumsum(0) - background_at / 2
    return (signal_at * below).sum() / (signal.sum() * background.sum())
