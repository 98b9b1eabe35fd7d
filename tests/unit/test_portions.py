"""Portions of rows that are scored at once are bounded by rows and by numbers, and by nothing of the machine."""

from __future__ import annotations

from snakeroot.networks.portions import MOST, NUMBERS, portion


def test_few_numbers_come_in_many_rows_and_many_in_few() -> None:
    found = {size: portion(size) for size in (1, 2, 32, 33, 200, 625, NUMBERS, NUMBERS + 1, 10 * NUMBERS)}
    assert found == {
        1: MOST,
        2: MOST,
        32: 8192,
        33: 4096,
        200: 1024,
        625: 256,
        NUMBERS: 1,
        NUMBERS + 1: 1,
        10 * NUMBERS: 1,
    }


def test_a_portion_is_the_largest_power_of_two_within_the_bound() -> None:
    for size in range(1, 5000):
        rows = portion(size)
        assert rows & (rows - 1) == 0
        assert rows * size <= NUMBERS
        assert rows == MOST or 2 * rows * size > NUMBERS
