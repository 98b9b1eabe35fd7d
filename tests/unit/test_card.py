"""The card of a model: what it says of a score, as metrics.json has it, and that nothing in it does anything."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from snakeroot.card import scores
from snakeroot.card.tables import Table
from snakeroot.card.text import escaped, markdown
from snakeroot.evaluate.measures import binary
from snakeroot.evaluate.metrics_settings import Metrics, WorkingPoints
from snakeroot.evaluate.predictions import Predictions


def measured(random: np.random.Generator, **more: Any) -> tuple[dict[str, Any], dict[str, Predictions]]:
    """Scores that are no probabilities: too high by half of what they lack to 1."""
    splits = {}
    for name in ("train", "validation", "test"):
        target = (random.random(5000) < 0.3).astype(np.int8)
        score = np.clip(random.normal(0.35 + 0.3 * target, 0.15), 0, 1)
        weight = random.uniform(0.5, 2.0, 5000)
        splits[name] = Predictions(target, score, weight, np.arange(5000), [score], 1)
    return binary.of_model(splits, Metrics(task="toy", models=[], bootstrap=50, seed=1, **more)), splits


@pytest.fixture(scope="module")
def known() -> tuple[dict[str, Any], dict[str, Predictions]]:
    return measured(np.random.default_rng(4), working_points=WorkingPoints(background_rejection=[20, 1e6]))


def test_working_points_are_those_of_metrics(known: tuple[dict[str, Any], dict[str, Predictions]]) -> None:
    table = next(scores.tables(known[0]))
    points = known[0]["working_points"]
    assert [row[0] for row in table.rows[:2]] == ["0.3 of the signal", "0.5 of the signal"]
    assert [row[0] for row in table.rows[-2:]] == ["rejection 20", "rejection 1e+06"]
    for point, row in zip(points, table.rows, strict=True):
        assert float(row[1]) == pytest.approx(point["cut"], abs=1e-6)
        efficiency, low, high = (float(one.strip(",[]")) for one in row[3].split()) if "<" not in row[3] else (0, 0, 1)
        assert low <= efficiency <= high
        assert row[5] == str(point["background_entries"])
    none = {"wanted": "background_rejection", "value": 1e9, "cut": None}
    [row] = scores.working_points({"working_points": [none]}).rows
    assert row == ["rejection 1e+09", "no such cut", "–", "–", "–", "–"]


def test_where_no_background_passes_there_is_a_limit() -> None:
    """At a mean of 1.139 events, 0 is seen in 32 % of the cases."""
    target = np.repeat([1, 0], 100).astype(np.int8)
    perfect = Predictions(target, target * 0.9, np.full(200, 2.0), np.arange(200), [target * 0.9], 1)
    splits = dict.fromkeys(("train", "validation", "test"), perfect)
    found = binary.of_model(splits, Metrics(task="toy", models=[], bootstrap=20, seed=1))
    first = scores.working_points(found).rows[0]
    assert first[3:] == ["< 0.011", "> 87.8", "0"]
    assert float(np.exp(-100 * 0.01139)) == pytest.approx(0.32, abs=1e-3)


def test_calibration_is_that_of_metrics(known: tuple[dict[str, Any], dict[str, Predictions]]) -> None:
    _, table = scores.tables(known[0])
    test = known[0]["test"]
    assert f"Expected calibration error {test['ece']:.4f} [{test['ece_low']:.4f}" in table.text
    assert f"Brier score {test['brier']:.4f} [" in table.text
    assert len(table.rows) == len(known[0]["calibration"]) > 5
    assert not list(scores.tables({"test": {}})), "another kind of task"


HOSTILE = "a|b <script>alert(1)</script> [x](http://x) `y` *z* \n# head"


def test_what_is_shown_means_nothing_to_markdown() -> None:
    page = markdown(HOSTILE, [Table(HOSTILE, HOSTILE, [HOSTILE, "x"], [[HOSTILE, "1"]])], "snakeroot apply")
    assert "<script" not in page.replace("\\<script", "")
    assert page.count("\n# ") == 0
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 3 for line in rows)
    assert not re.search(r"(?<!\\)[\[\]`*<]", page.split("```")[0])
    assert escaped("1 < 2") == "1 \\< 2"
