"""Sequences: order, length, padding and mask, against plain Python."""

from __future__ import annotations

import awkward as ak
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from jets import branches, build, random_jets
from snakeroot.features.inputs import Sequence

JETS = st.lists(st.lists(st.tuples(*[st.floats(-100, 100, width=32)] * 3), max_size=6), min_size=1, max_size=5)


def sequence(length=4, **changed):
    channels = {"pt": "pt", "twice": "2 * eta", "number": "count(pt)"}
    return Sequence.model_validate({"order_by": "pt", "length": length, "channels": channels, **changed})


@given(JETS, st.integers(1, 7))
def test_the_first_objects_by_order_then_zeros_and_a_mask(jets, length):
    values, left_out = build(sequence(length), jets)
    for jet, block, clipped in zip(jets, values, left_out, strict=True):
        kept = sorted(jet, key=lambda one: (-one[0], 2 * one[1]))[:length]
        padding = [0.0] * (length - len(kept))
        assert block[0].tolist() == [len(jet)] * len(kept) + padding
        assert block[1].tolist() == [pt for pt, _, _ in kept] + padding
        assert block[2].tolist() == [2 * eta for _, eta, _ in kept] + padding
        assert block[3].tolist() == [1.0] * len(kept) + padding
        assert clipped == len(jet) - len(kept)


@given(JETS, st.randoms())
def test_the_order_in_the_file_changes_nothing(jets, random):
    shuffled = [random.sample(jet, len(jet)) for jet in jets]
    assert all(map(np.array_equal, build(sequence(), jets), build(sequence(), shuffled)))


def test_any_expression_orders():
    values, _ = build(sequence(3, order_by="-abs(eta)"), [[(1.0, 0.5, 0.0), (2.0, -0.25, 0.0), (3.0, 4.0, 0.0)]])
    assert values[0, 1].tolist() == [2, 1, 3]


def test_a_row_with_what_is_not_finite_is_nan_and_no_other():
    jets = random_jets(4)
    jets[1] = [*jets[1], (np.nan, 0.0, 0.0)]
    jets[3] = [*jets[3], (1.0, np.inf, 0.0)]
    values, _ = build(sequence(), jets)
    assert np.isnan(values).any(axis=(1, 2)).tolist() == [False, True, False, True]
    values, _ = build(sequence(channels={"large": "1e30 * pt ** 16"}), random_jets(3))
    assert not np.isfinite(values).all(axis=(1, 2)).any()  # more than float32 holds


def test_rows_without_objects():
    values, left_out = build(sequence(), branches([[], []]))
    assert not values.any()
    assert left_out.tolist() == [0, 0]
    empty = {name: ak.Array(column[:0]) for name, column in branches([[(1.0, 0.0, 0.0)]]).items()}
    assert build(sequence(), empty)[0].shape == (0, 4, 4)
