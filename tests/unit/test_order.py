"""The order of an epoch: each row once, every window mixed as the whole is."""

from __future__ import annotations

from itertools import accumulate, chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.train.order import Layout, apportion, windows

LAYOUT = st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=5), min_size=1, max_size=4)
"""Rows of the groups of each sample."""


def layout(samples: list[list[int]]) -> Layout:
    """Number the groups over all samples."""
    ends = list(accumulate(map(len, samples)))
    return Layout([*chain(*samples)], [list(range(end - len(s), end)) for end, s in zip(ends, samples, strict=True)])


def sequence(known: Layout, size: int, seed: int) -> list[list[tuple[int, int]]]:
    """Return the (group, row) of each window, in the order in which they are trained on."""
    found = []
    for pieces, order in windows(known, size, seed):
        rows = [(group, row) for group, start, stop in pieces for row in range(start, stop)]
        found.append([rows[i] for i in order])
    return found


@given(LAYOUT, st.integers(1, 200), st.integers(0, 2**62))
def test_each_row_comes_once_in_windows_of_one_size(samples, size, seed):
    known = layout(samples)
    found = sequence(known, size, seed)
    every = [*chain(*found)]
    assert sorted(every) == [(group, row) for group, rows in enumerate(known.rows) for row in range(rows)]
    assert [len(window) for window in found[:-1]] == [size] * (len(found) - 1)
    assert found == sequence(known, size, seed)


@given(LAYOUT, st.integers(20, 60), st.integers(0, 2**62))
def test_each_window_has_of_each_sample_its_share(samples, size, seed):
    known = layout(samples)
    total = sum(known.rows)
    for window in sequence(known, size, seed):
        for stream, groups in zip(known.streams, samples, strict=True):
            count = sum(group in stream for group, _ in window)
            assert abs(count - len(window) * sum(groups) / total) <= len(samples)


def test_another_seed_takes_other_groups_and_rows():
    known = layout([[50] * 20])
    first, second = (sequence(known, 100, seed)[0] for seed in (1, 2))
    assert {group for group, _ in first} != {group for group, _ in second}
    assert first != sorted(first)


def test_what_fits_into_one_window_is_one_permutation():
    [window] = windows(layout([[5, 6], [7]]), 18, 3)
    assert torch.equal(window.order, torch.randperm(18, generator=torch.Generator().manual_seed(3)))


@given(st.lists(st.integers(0, 50), min_size=1).filter(sum), st.data())
def test_apportionment_by_largest_remainders(available, data):
    count = data.draw(st.integers(0, sum(available)))
    found = np.array(apportion(count, available))
    assert found.sum() == count
    assert (found <= available).all()
    assert (np.abs(found - count * np.array(available) / sum(available)) < 1).all()


@pytest.mark.parametrize(("size", "most"), [(1000, 0.62), (300, 0.7)])
def test_sorted_files_give_no_window_of_one_class(size, most):
    """Two samples in files one after the other: the worst case of a shuffle that only looks ahead."""
    known = layout([[500] * 4, [500] * 4])
    for window in sequence(known, size, 1):
        assert 1 - most < np.mean([group < 4 for group, _ in window]) < most
