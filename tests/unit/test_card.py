"""The card of a model: what it says of a score, against scikit-learn, and that nothing in it does anything."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_curve
from snakeroot.card import scores
from snakeroot.card.tables import Table
from snakeroot.card.text import escaped, markdown
from snakeroot.evaluate.predictions import Predictions


@pytest.fixture
def known() -> Predictions:
    """Scores that are no probabilities: too high by half of what they lack to 1."""
    random = np.random.default_rng(4)
    target = (random.random(5000) < 0.3).astype(np.int8)
    score = np.clip(random.normal(0.35 + 0.3 * target, 0.15), 0, 1)
    weight = random.uniform(0.5, 2.0, 5000)
    return Predictions(target, score, weight, np.arange(5000), [score], 1)


def test_working_points_are_those_of_the_roc_curve(known: Predictions) -> None:
    table = scores.working_points(known)
    false, true, cuts = roc_curve(known.target, known.predicted, sample_weight=known.weight, drop_intermediate=False)
    for wanted, row in zip(scores.EFFICIENCIES, table.rows, strict=True):
        place = np.argmax(true >= wanted)
        assert row[0] == f"{wanted:.0%}"
        assert float(row[1]) == pytest.approx(cuts[place], abs=1e-6)
        assert float(row[2]) == pytest.approx(true[place], abs=1e-4)
        value, error = map(float, row[3].split(" ± "))
        assert value == pytest.approx(false[place], rel=1e-2)
        passing = (known.target == 0) & (known.predicted >= cuts[place])
        total = known.weight[known.target == 0].sum()
        assert error == pytest.approx(np.sqrt((known.weight[passing] ** 2).sum()) / total, rel=0.05)
        assert int(row[5]) == passing.sum()


def test_where_no_background_passes_there_is_a_limit() -> None:
    """At a mean of 1.139 events, 0 is seen in 32 % of the cases."""
    target = np.repeat([1, 0], 100).astype(np.int8)
    perfect = Predictions(target, target * 0.9, np.full(200, 2.0), np.arange(200), [target * 0.9], 1)
    first = scores.working_points(perfect).rows[0]
    assert first[3:] == ["< 0.011", "> 87.8", "0"]
    assert float(np.exp(-100 * 0.01139)) == pytest.approx(0.32, abs=1e-3)


def test_calibration_is_for_equal_totals_of_the_classes(known: Predictions) -> None:
    table = scores.calibration(known)
    totals = [known.weight[known.target == one].sum() for one in (0, 1)]
    weight = known.weight / np.array(totals)[known.target]
    brier = brier_score_loss(known.target, known.predicted, sample_weight=weight)
    assert f"Brier score {brier:.4f}" in table.text
    error = 0.0
    for low, row in zip(np.arange(10) / 10, table.rows, strict=True):
        own = (known.predicted >= low) & ((known.predicted < low + 0.1) | (low == 0.9))
        mean, share = (np.average(one[own], weights=weight[own]) for one in (known.predicted, known.target))
        assert [float(cell) for cell in row[1:]] == pytest.approx([mean, share], abs=1e-4)
        error += weight[own].sum() / weight.sum() * abs(mean - share)
    assert f"Expected calibration error {error:.4f}" in table.text


HOSTILE = "a|b <script>alert(1)</script> [x](http://x) `y` *z* \n# head"


def test_what_is_shown_means_nothing_to_markdown() -> None:
    page = markdown(HOSTILE, [Table(HOSTILE, HOSTILE, [HOSTILE, "x"], [[HOSTILE, "1"]])], "snakeroot apply")
    assert "<script" not in page.replace("\\<script", "")
    assert page.count("\n# ") == 0
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 3 for line in rows)
    assert not re.search(r"(?<!\\)[\[\]`*<]", page.split("```")[0])
    assert escaped("1 < 2") == "1 \\< 2"
