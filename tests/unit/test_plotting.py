"""How figures look: histograms, curves, colours and labels, the same wherever they are drawn."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError
from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.settings import DEEPEST_LABEL, Label


def test_histogram_keeps_squared_weights_and_what_is_outside():
    filled = plotting.histogram([0.5, 0.5, 1.5, 9.0, np.nan], [2.0, -1.0, 3.0, 4.0, 8.0], (0.0, 2.0), 2)
    np.testing.assert_allclose(filled.values(), [1.0, 3.0])
    np.testing.assert_allclose(plotting.errors(filled), [np.sqrt(5.0), 3.0])
    np.testing.assert_allclose(plotting.fractions(filled).values(), [1 / 16, 3 / 16])
    np.testing.assert_allclose(plotting.errors(plotting.fractions(filled)), [np.sqrt(5.0) / 16, 3 / 16])
    table = plotting.frame(filled, sample="zz")
    assert table["low"].tolist() == [-np.inf, 0.0, 1.0, 2.0]
    assert table["value"].tolist() == [0.0, 1.0, 3.0, 12.0]
    assert table["sample"].tolist() == ["zz"] * 4


def test_thinning_keeps_both_ends_and_the_corner_of_a_curve():
    steps = np.linspace(0, 1, 20_000) ** 4  # crowded at the start, sparse in the corner
    x, y = np.maximum(2 * steps - 1, 0), np.minimum(2 * steps, 1)  # up, then to the right
    kept = plotting.thin(x, y)
    assert len(kept) <= 501
    assert (kept[0], kept[-1]) == (0, 19_999)
    assert np.hypot(np.diff(x[kept]), np.diff(y[kept])).max() < 0.006
    assert list(plotting.thin(x[:7], y[:7])) == list(range(7))


def test_span_leaves_out_the_tails_and_is_never_empty():
    low, high = plotting.span(np.append(np.arange(1000.0), [np.inf, np.nan]), "x")
    assert 0 < low < 10
    assert 990 < high < 999
    assert plotting.span(np.array([3.0]), "x") == (2.5, 3.5)


def test_bins_of_whole_numbers_have_equally_many_of_them():
    numbers = np.arange(1000) % 91 + 10.0  # 10 to 100, of which all are within the span
    assert plotting.binning(numbers, 50, "x") == ((9.5, 101.5), 46)
    assert plotting.binning(numbers % 3, 50, "x") == ((-0.5, 2.5), 3)
    assert plotting.binning(2 * numbers, 100, "x") == ((19, 201), 91), "no bins between them"
    assert plotting.binning(2 * numbers, 50, "x") == ((19, 203), 46)
    assert plotting.binning(numbers + 0.5, 50, "x") == ((10.5, 100.5), 50)
    assert plotting.binning(np.array([0.0, 10.0]), 50, "x") == ((-5, 15), 2)
    assert plotting.binning(np.ones(5), 50, "x") == ((0.5, 1.5), 1)


def test_labels_are_within_the_figure_whatever_the_ticks(tmp_path):
    """The ticks of these panels depended on their heights, and the room for labels on other ticks than those drawn."""
    with plotting.style():
        figure, panels = plotting.panels(1, 1, 1, size=(6.4, 6.4), luminosity=140, energy=13)
        for axes, ends in zip(panels, [(0.105, 0.588), (0.767, 0.975), (0.975587, 0.98397)], strict=True):
            axes.plot([1, 60], ends)
            axes.set_ylabel("Quantity")
            axes.margins(y=0.12)
        panels[-1].set(xlabel="Epoch", xlim=(0.5, 60.5))
        plotting.save(figure, tmp_path / "figure", pd.DataFrame({"x": [1]}))
        figure.draw_without_rendering()
        edges = [axes.yaxis.get_tightbbox().x0 for axes in panels]
    assert min(edges) > 0


def test_colours_follow_the_role_and_differ():
    found = plotting.colours(["signal", "background", None, "background"])
    assert found[0] in plotting.SIGNAL
    assert found[2] in plotting.OTHER
    assert len(set(found)) == 4


def test_colours_of_classes_are_those_of_their_numbers_and_of_their_samples():
    classes = plotting.of_classes(3)
    assert plotting.colours(["q", "b", None, "g"]) == [classes[2], classes[0], plotting.OTHER[0], classes[1]]
    found = plotting.colours(["q", "q", "signal", "background"])
    assert [found[0], *found[2:]] == [classes[1], classes[2], classes[0]]
    assert len(set(found)) == 4
    assert len(plotting.of_classes(30)) == 30


def test_panels_of_a_grid_are_as_many_as_asked_for():
    figure, axes = plotting.grid(4, 3, (2.0, 2.0), luminosity=140.0, energy=13.0)
    assert [one.get_visible() for one in figure.axes] == [True] * 4 + [False] * 2
    assert len(axes) == 4
    assert axes[0].get_title(loc="left") == "Simulation"
    assert [bool(one.get_title(loc="right")) for one in axes] == [False, False, True, False]


def test_style_is_gone_after_drawing():
    before = dict(mpl.rcParams)
    with plotting.style():
        assert mpl.rcParams["svg.hashsalt"] == "snakeroot"
    assert dict(mpl.rcParams) == before
    assert before["svg.hashsalt"] is None


def test_a_users_own_style_changes_nothing():
    with mpl.rc_context({"axes.facecolor": "red", "text.usetex": True}), plotting.style():
        assert mpl.rcParams["axes.facecolor"] != "red"
        assert not mpl.rcParams["text.usetex"]


@pytest.mark.parametrize("level", ["{%s}", r"\frac{%s}{2}", r"\sqrt{%s}", "x^{%s}", r"{\left(%s\right)}"])
def test_the_deepest_label_that_the_config_takes_can_be_typeset(level):
    label = "x"
    for _ in range(DEEPEST_LABEL):
        label = level % label
    assert TypeAdapter(Label).validate_python(f"${label}$") == plotting.checked(f"${label}$", "key")
    with pytest.raises(ValidationError, match=f"{DEEPEST_LABEL} at most"):
        TypeAdapter(Label).validate_python(f"${level % label}$")


def test_checked_gives_back_what_can_be_typeset():
    assert plotting.checked("VBF $H \\to 4\\mu$", "labels.vbf") == "VBF $H \\to 4\\mu$"
    with pytest.raises(SnakerootError, match=r"labels\.vbf"):
        plotting.checked("$\\nosuch$", "labels.vbf")
