"""How figures look: histograms, curves, colours and labels, the same wherever they are drawn."""

from __future__ import annotations

import itertools

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError
from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.labels import DEEPEST_LABEL, Label
from snakeroot.plotting.settings import Headline, Sample


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
        figure, panels = plotting.panels(1, 1, 1, size=(6.4, 6.4), stated=stated())
        for axes, ends in zip(panels, [(0.105, 0.588), (0.767, 0.975), (0.975587, 0.98397)], strict=True):
            axes.plot([1, 60], ends)
            axes.set_ylabel("Quantity")
            axes.margins(y=0.12)
        panels[-1].set(xlabel="Epoch", xlim=(0.5, 60.5))
        plotting.save(figure, tmp_path / "figure", pd.DataFrame({"x": [1]}))
        figure.draw_without_rendering()
        edges = [axes.yaxis.get_tightbbox().x0 for axes in panels]
    assert min(edges) > 0


def samples(**classes):
    return [Sample(name=name, label=name, class_name=class_name) for name, class_name in classes.items()]


def test_colours_follow_the_class_and_differ():
    found = plotting.of_samples(samples(vbf="signal", zz="background", data=None, top="background"))
    assert found["vbf"] == plotting.of_classes(["background", "signal"])["signal"] == plotting.SIGNAL[0]
    assert found["zz"] == plotting.of_classes(["signal", "background", "other"])["background"] == plotting.BACKGROUND[0]
    assert len(set(found.values())) == 4


def test_a_class_has_one_colour_alone_and_among_its_samples():
    classes = plotting.of_classes(["q", "b", "g"])
    found = plotting.of_samples(samples(one="q", two="b", data=None, three="g", four="q"))
    assert [found[name] for name in ("one", "two", "three")] == [classes[name] for name in "qbg"]
    assert len(set(found.values())) == 5
    with_signal = plotting.of_classes(["a", "b", "signal"])
    assert with_signal["signal"] == plotting.SIGNAL[0], "a class of three is red too if it is called so"
    assert len(set(with_signal.values())) == 3
    assert len(plotting.of_classes(map(str, range(30)))) == 30


def test_a_model_has_the_stroke_of_its_number():
    strokes = [plotting.stroke(number) for number in range(12)]
    assert len({tuple(stroke.values()) for stroke in strokes}) == 12


def test_panels_of_a_grid_are_as_many_as_asked_for():
    figure, axes = plotting.grid(4, 3, (2.0, 2.0), stated=stated(experiment="CMS"))
    assert [one.get_visible() for one in figure.axes] == [True] * 4 + [False] * 2
    assert len(axes) == 4
    assert axes[0].get_title(loc="left") == "CMS"
    assert [bool(one.get_title(loc="right")) for one in axes] == [False, False, True, False]


def stated(**changed):
    return Headline.model_validate({"luminosity": 140.0, "energy": 13.0} | changed)


def headed(size=(6.4, 4.8), *, crowned=False, **changed):
    """The first of two panels, with a headline and, if they are crowned, a legend."""
    with plotting.style():
        figure, [axes, _] = plotting.panels(3, 1, size=size, stated=stated(**changed))
        axes.plot([0, 1], [0, 1], label="a curve")
        if crowned:
            plotting.crown([axes], ["a note"], loc="upper right")
        figure.draw_without_rendering()
    return axes


def test_a_headline_of_no_experiment_is_a_plain_line():
    """In no collaboration's words, place or font."""
    for name, begins in (("", ""), ("My experiment", "My experiment Preliminary, ")):
        axes = headed(experiment=name, origin="Simulation", status="Preliminary" if name else "")
        assert axes.get_title(loc="left") == f"{begins}Simulation, $\\sqrt{{s}}$ = 13 TeV, 140 $\\mathrm{{fb}}^{{-1}}$"
        assert (axes._left_title.get_fontweight(), axes._left_title.get_fontstyle()) == ("normal", "normal")
        assert not axes.get_title(loc="right")
        assert not axes.texts


def test_a_headline_of_nothing_says_nothing():
    for name in ("", "CMS"):
        axes = headed(experiment=name, luminosity=None, energy=None)
        assert (axes.get_title(loc="left"), axes.get_title(loc="right")) == (name, "")
        assert not axes.texts


def test_the_label_of_cms_is_above_the_axes():
    axes = headed(experiment="CMS", origin="Simulation", status="Preliminary", crowned=True)
    name, [status, _], right = axes._left_title, axes.texts, axes._right_title
    assert (name.get_text(), status.get_text()) == ("CMS", "Simulation Preliminary")
    assert right.get_text() == "140 $\\mathrm{fb^{-1}}$ (13 TeV)"
    assert (name.get_fontweight(), name.get_fontstyle(), status.get_fontstyle()) == ("bold", "normal", "italic")
    boxes = [text.get_window_extent() for text in (name, status, right)]
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    assert min(box.y0 for box in boxes) > axes.bbox.y1 - 1
    # baselines: what is below them is the same share of all sizes of these fonts
    depth = [0.22 * text.get_fontsize() * axes.figure.dpi / 72 for text in (name, status)]
    assert abs(boxes[0].y0 + depth[0] - boxes[1].y0 - depth[1]) < 1


def test_recorded_events_have_no_word_in_official_labels():
    assert [text.get_text() for text in headed(experiment="cms", origin="Data and simulation").texts] == []
    assert headed(experiment="CMS", origin="Toy", status="Draft").texts[0].get_text() == "Toy Draft"


@pytest.mark.parametrize(("name", "weight", "style"), [("ATLAS", "bold", "italic"), ("LHCb", "normal", "normal")])
def test_other_labels_are_within_the_axes_where_there_is_room(name, weight, style):
    axes = headed(experiment=name, origin="Data", status="Preliminary", crowned=True)
    label, status, *below = [text for text in axes.texts if text.get_text() != "a note"]
    assert (label.get_text(), status.get_text()) == (name, "Preliminary")
    assert (label.get_fontweight(), label.get_fontstyle()) == (weight, style)
    assert [text.get_text() for text in below] == (
        ["$\\sqrt{s} = \\mathrm{13\\ TeV}$, 140 $\\mathrm{fb^{-1}}$"] * (name == "ATLAS")
    )
    assert bool(axes.get_title(loc="right")) == (name == "LHCb")
    boxes = [text.get_window_extent() for text in (label, status, *below)]
    assert axes.bbox.y1 > max(box.y1 for box in boxes)
    assert boxes[0].x1 < boxes[1].x0
    note = next(text for text in axes.texts if text.get_text() == "a note").get_window_extent()
    legend = axes.get_legend().get_window_extent()
    assert not any(box.overlaps(other) for box in boxes for other in (note, legend))
    assert not note.overlaps(legend)
    assert axes.transData.transform((1, 1))[1] < axes.get_legend().get_window_extent().y0, "the curve is below all"
    above = headed(experiment=name, origin="Data", status="Preliminary")
    assert above._left_title.get_text() == name
    assert above._left_title.get_window_extent().y0 > above.bbox.y1 - 1


@pytest.mark.parametrize("name", ["", "CMS", "ATLAS", "ALICE", "DUNE", "LHCb"])
def test_a_long_headline_has_two_lines(name):
    axes = headed((3, 3), experiment=name, origin="Data and simulation", status="Work in progress")
    texts = [text for text in (axes._left_title, *axes.texts, axes._right_title) if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        if text.get_text().endswith("\n"):
            box.y0 = (box.y0 + box.y1) / 2
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    assert any(text.get_text().count("\n") == 1 for text in texts) or name == "ALICE", "which states no luminosity"


def test_entries_at_the_edges_are_inside():
    for high in (0.5, 0.4, 0.7, 1e-3, 3.0, 2.5e6):
        for dtype in (np.float32, np.float64):
            exact = np.minimum(np.linspace(0.013 * high, 2.1 * high, 97), high)
            expected, _ = np.histogram(exact, 10, (0, high))
            assert expected[-1] > 50
            filled = plotting.histogram(exact.astype(dtype), np.ones(97), (0.0, high), 10)
            np.testing.assert_array_equal(filled.view(flow=True)["value"], [0, *expected, 0])
            filled = plotting.histogram(-exact.astype(dtype), np.ones(97), (-high, 0.0), 10)
            np.testing.assert_array_equal(filled.view(flow=True)["value"], [0, *expected[::-1], 0])


def test_what_is_beyond_an_edge_by_more_than_rounding_is_outside():
    edge = 1.6e9  # a float32 knows such numbers to 128 only, the bins are of 9
    filled = plotting.histogram([edge - 1, edge, edge + 90, edge + 91], np.ones(4), (edge, edge + 90), 10)
    assert filled.view(flow=True)["value"].tolist() == [1, 1, *[0] * 8, 1, 1]


def test_bins_in_the_logarithm_have_both_edges_and_count_what_has_none():
    values = [-1.0, 0.0, 0.05, 0.1, 1.5, 10.0, 11.0, np.nan]
    filled = plotting.histogram(values, np.ones(8), (0.1, 10.0), 2, log=True)
    assert filled.view(flow=True)["value"].tolist() == [3, 1, 2, 2]
    np.testing.assert_allclose(filled.axes[0].edges, [0.1, 1, 10])


def test_what_is_outside_is_said_of_each_side():
    def filled(*values):
        return plotting.histogram(values, np.ones(len(values)), (0.0, 1.0), 2)

    assert plotting.outside([filled(0.0, 0.5, 1.0)]) == ""
    assert plotting.outside([filled(0.5, 2.0, 2.0, 2.0)]) == "not shown: 75 % above"
    assert plotting.outside([filled(-1.0, 0.5), filled(*[0.5] * 200, 2.0)]) == (
        "not shown: 0–50 % below, 0–0.5 % above"
    )
    assert plotting.outside([filled(0.5)], [0.25]) == "not shown: 25 % undefined"
    assert plotting.not_shown({"above": [1e-6, 0.9999]}) == "not shown: <0.01–100 % above"


def test_what_stands_at_the_top_covers_nothing():
    """A long legend and a note, on a linear and on a logarithmic axis."""
    for scale in ("linear", "log"):
        with plotting.style():
            figure, [axes] = plotting.panels(1, stated=None)
            axes.set_yscale(scale)
            for number in range(8):
                axes.plot([0, 1], [1, 2 + number], label=f"curve {number}")
            axes.set(xlabel="x", ylabel="y")
            plotting.crown([axes], ["not shown: 3 % above"], loc="upper right")
            figure.draw_without_rendering()
        highest = axes.transData.transform((1, 9))[1]
        [note] = axes.texts
        legend, said = axes.get_legend().get_window_extent(), note.get_window_extent()
        assert highest < legend.y0 < legend.y1 < said.y0 < said.y1 < axes.bbox.y1


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        pytest.param((0, 4.2e9), r"\times 10^{9}", id="large"),
        pytest.param((1.6e9, 1.6e9 + 90), "1600000060", id="times"),
        pytest.param((120.001, 120.002), "120.001", id="close"),
        pytest.param((0, 3e-7), r"\times 10^{−7}", id="small"),
    ],
)
def test_no_power_of_ten_stands_on_a_label(ends, shown, tmp_path):
    with plotting.style():
        figure, [axes] = plotting.panels(1, stated=None)
        axes.plot(ends, ends)
        axes.set(xlabel="a long label of the axis", xlim=ends)
        plotting.save(figure, tmp_path / "figure", pd.DataFrame({"x": [1]}))
        figure.draw_without_rendering()
    for axis in (axes.xaxis, axes.yaxis):
        assert axis.get_offset_text().get_text() == ""
        labels = [tick.label1 for tick in axis.get_major_ticks()]
        assert any(shown.replace("−", "-") in text.get_text().replace("−", "-") for text in labels)
    low, high = axes.get_xlim()
    boxes = [tick.label1.get_window_extent() for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    assert len(boxes) > 1
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_decades_are_logarithmic():
    for values, scale in (([0.2, 3.0], "log"), ([0.2, 1.0], "linear"), ([-0.2, 9.0], "linear"), ([], "linear")):
        _, [axes] = plotting.panels(1, stated=None)
        plotting.decades(axes, np.array(values), [np.nan])
        assert axes.get_yscale() == scale


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


@pytest.mark.parametrize(
    "level", ["{%s}", r"\frac{%s}{2}", r"\sqrt{%s}", r"\sqrt[%s]{2}", "x^{%s}", r"{\left(%s\right)}"]
)
def test_the_deepest_label_that_the_config_takes_can_be_typeset(level):
    label = "x"
    for _ in range(DEEPEST_LABEL):
        label = level % label
    assert TypeAdapter(Label).validate_python(f"${label}$") == plotting.checked(f"${label}$", "key")
    with pytest.raises(ValidationError, match=f"{DEEPEST_LABEL} at most"):
        TypeAdapter(Label).validate_python(f"${level % label}$")


def test_a_label_that_no_legend_would_show_is_an_error():
    with pytest.raises(ValidationError, match="begins with '_' would be left out of legends"):
        TypeAdapter(Label).validate_python("_x")


def test_checked_gives_back_what_can_be_typeset():
    assert plotting.checked("VBF $H \\to 4\\mu$", "labels.vbf") == "VBF $H \\to 4\\mu$"
    with pytest.raises(SnakerootError, match=r"labels\.vbf"):
        plotting.checked("$\\nosuch$", "labels.vbf")


def test_brackets_beyond_what_can_be_typeset_are_an_error_in_the_config_and_in_a_figure():
    for label in ("$" + r"\sqrt[" * 30 + "$", "$" + "}]" * 30 + r"\sqrt[" * 30 + "$", "$" + "{]" * 30 + "$"):
        with pytest.raises(ValidationError, match=f"braces and brackets 30 deep within each other: {DEEPEST_LABEL} at"):
            TypeAdapter(Label).validate_python(label)
    for label in ("$" + r"\sqrt[" * 30 + "$", r"$\nosuch$"):
        with pytest.raises(SnakerootError, match=r"labels\.vbf: the label .* is not valid math"):
            plotting.checked(label, "labels.vbf")
    many = "$x \\in [0, 1)$, [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13], [14, 15], [16, 17], [18, 19], [20, 21]"
    assert TypeAdapter(Label).validate_python(many) == plotting.checked(many, "key")
