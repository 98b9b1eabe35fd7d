"""DisCo: a penalty on the distance correlation of the score and another variable, for background.

G. Kasieczka, D. Shih, Phys. Rev. Lett. 125 (2020) 122001.
"""

from __future__ import annotations

import torch
from torch import Tensor

from snakeroot.train.parallel import Share, gather
from snakeroot.train.settings import Decorrelate

MOST_ROWS = 2048
"""Rows whose distances are taken, each to each, at most, where validation is measured."""

COLUMN = "distance_correlation"
"""What it is called in the history, after the name of the split."""


def penalty(
    wanted: Decorrelate, outputs: Tensor, target: Tensor, weight: Tensor, protected: Tensor, share: Share
) -> Tensor:
    """Return the strength times the distance correlation, to the wanted power, of a batch's background.

    It is no sum over rows, so each of several processes takes it of the whole batch, the others' scores being
    constants, times the number of processes: the mean of their gradients, which is taken, is then that of one process.

    Args:
        outputs: logarithms of the odds of signal, (n, 1), of this process's rows; further ones do not count.
        target, weight: (n,), or of several targets (n, targets), the main one first.
        protected: the variable, (n, 1).
    """
    score = torch.sigmoid(outputs[:, 0])
    columns = [score, protected[:, 0], main(weight), main(target)]
    if not share.alone:
        gathered = [gather(column.detach(), share) for column in columns]
        gathered[0][share.rank] = score
        columns = [torch.cat(parts) for parts in gathered]
    chosen = background(columns[1], columns[3])
    if chosen.sum() < 2:
        return score.sum() * 0.0
    squared = squared_distance_correlation(*(column[chosen] for column in columns[:3]))
    return wanted.strength * share.ranks * power(squared, wanted)


def measured(outputs: Tensor, target: Tensor, weight: Tensor, protected: Tensor) -> Tensor:
    """Return the distance correlation of background, (1,), float64: of rows at equal distances, if they are many."""
    target, weight = main(target), main(weight)
    chosen = background(protected[:, 0], target).nonzero()[:, 0]
    count = min(len(chosen), MOST_ROWS)
    if count < 2:
        return torch.zeros(1, dtype=torch.float64, device=outputs.device)
    chosen = chosen[torch.arange(count, device=chosen.device) * len(chosen) // count]
    columns = (torch.sigmoid(outputs[:, 0].double()), protected[:, 0], weight)
    squared = squared_distance_correlation(*(column[chosen].double() for column in columns))
    return squared.sqrt().reshape(1)


def main(column: Tensor) -> Tensor:
    """Return targets or weights of the main target, (n,), of those of all."""
    return column if column.ndim == 1 else column[:, 0]


def background(protected: Tensor, target: Tensor) -> Tensor:
    """Return which rows count, (n,): background of which the variable is a number."""
    return (target == 0) & torch.isfinite(protected)


def power(squared: Tensor, wanted: Decorrelate) -> Tensor:
    """Return what is penalised, given the square of the distance correlation."""
    if wanted.exponent == 1:
        return squared.clamp(min=1e-12).sqrt()  # or there would be no gradient at 0
    return squared


def squared_distance_correlation(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    """Return the square of the distance correlation of two variables (n,), from 0 to 1; n² numbers are in memory.

    G. Székely, M. Rizzo, N. Bakirov, Ann. Statist. 35 (2007) 2769, definitions 4 and 5, with weights as in DisCo.
    Negative weights count by their magnitude, as the measure is one of probabilities. 0 where one of the two does not
    vary.
    """
    magnitude = weight.abs()
    part = magnitude / magnitude.sum().clamp(min=torch.finfo(weight.dtype).tiny)
    one, other = (_centred(values, part) for values in (first, second))
    pairs = part[:, None] * part
    covariance, *variances = ((pairs * product).sum() for product in (one * other, one.square(), other.square()))
    scale = (variances[0] * variances[1]).clamp(min=1e-30).sqrt()
    return covariance.clamp(min=0.0) / scale


def _centred(values: Tensor, part: Tensor) -> Tensor:
    """The distances of all pairs, (n, n), without their means over rows and columns; not `@`, whose bits vary."""
    away = (values[:, None] - values).abs()
    means = (away * part).sum(dim=1)
    return away - means[:, None] - means + (means * part).sum()
