"""The rows of a variation, and those that it leaves as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.evaluate.resampling import Integers, events
from snakeroot.physics.expressions.values import Values
from snakeroot.systematics.quantity import Weighed
from snakeroot.systematics.rows import Floats, Rows


class Counts(NamedTuple):
    """Events of the samples that a variation is of: how many are there in any case, only with it, and only without."""

    kept: int
    gained: int
    lost: int


def scaled_back(rows: Rows, share: Mapping[str, float]) -> Rows:
    """Return rows with weights for the share of each sample's yield that the nominal rows are, and not for all of it.

    The nominal ones then have the weights that they have in the predictions, and so have those of which a share is not
    known.
    """
    known = [(rows.share[name], share[name]) for name in rows.names]
    factors = np.array([1.0 if np.isnan(own) else own if np.isnan(nominal) else nominal for own, nominal in known])
    return rows.weighted(factors[rows.sample])


def joined(nominal: Rows, own: Rows) -> Rows:
    """Return the rows of a variation with those of all samples that it is not of, which are as they were."""
    others = ~nominal.where(own.names)
    place = np.array([nominal.names.index(name) for name in own.names], np.int32)
    values = {
        name: Values(np.concatenate([nominal.values[name].content[others], own.values[name].content]))
        for name in nominal.values
        if name in own.values
    }
    assert nominal.identity is not None and own.identity is not None, "they were asked for"  # noqa: S101, PT018
    return Rows(
        names=nominal.names,
        sample=np.concatenate([nominal.sample[others], place[own.sample]]),
        weight=np.concatenate([nominal.weight[others], own.weight]),
        values=values,
        entry=np.concatenate([nominal.entry[others], own.entry]),
        share=nominal.share,
        identity=pa.concat_tables([nominal.identity.filter(pa.array(others)), own.identity]),
    )


def weighed(rows: Rows, known: Floats, event: Integers, columns: Sequence[str], targets: Mapping[str, int]) -> Weighed:
    """Return rows as they are measured.

    Args:
        known: weights whose sum is known, (n,).
        columns: what is predicted, without the target of a regression.
        targets: number of the class of each sample; none where there is another target, or none.
    """
    predicted = [np.asarray(rows.values[name].content, np.float64) for name in columns]
    target: NDArray[np.int64] | Floats = np.zeros(len(rows.sample), np.int64)
    if targets:
        target = np.array([targets[name] for name in rows.names], np.int64)[rows.sample]
    elif "target" in rows.values:
        target = np.asarray(rows.values["target"].content, np.float64)
    side_by_side = predicted[0] if len(predicted) == 1 else np.stack(predicted, axis=1)
    return Weighed(target, side_by_side, rows.weight, known, event)


def numbered(nominal: Rows, varied: Rows) -> tuple[Integers, Integers]:
    """Return the number of each row's event, (n,) and (m,): the same for nominal and varied rows of one event."""
    assert nominal.identity is not None and varied.identity is not None, "they were asked for"  # noqa: S101, PT018
    both = events(pa.concat_tables([nominal.identity, varied.identity]).to_pandas())
    return both[: len(nominal.sample)], both[len(nominal.sample) :]


def counts(nominal: Rows, varied: Rows, event: tuple[Integers, Integers], samples: Sequence[str]) -> Counts:
    """Return what became of the events of some samples."""
    before, after = (
        np.unique(of_rows[rows.where(samples)]) for of_rows, rows in zip(event, (nominal, varied), strict=True)
    )
    kept = len(np.intersect1d(before, after, assume_unique=True))
    return Counts(kept, len(after) - kept, len(before) - kept)
