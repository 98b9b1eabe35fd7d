"""Normalisation: yields that do not depend on how a sample is divided into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.features.normalise import normalise, summary
from snakeroot.features.settings import Normalisation, NormaliseSettings


def part(read=100, written=40, weight=50.0, generated=None, cross_section=None, sample="signal"):
    """One cut flow, as the features stage writes it."""
    simulated = {"generated": generated, "cross_section_pb": cross_section} if generated else None
    steps = [("read", read, 2 * weight), ("(x > 0)", written + 1, weight), ("written", written, weight)]
    return {
        "sample": sample,
        "simulated": simulated,
        "steps": [{"step": step, "entries": n, "rows": n, "weight": total} for step, n, total in steps],
    }


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.floats(1e-6, 1e3), st.floats(0.1, 1e4))
def test_the_yield_of_a_generated_sample_is_cross_section_times_luminosity(sizes, cross_section, luminosity):
    """With all generated events kept at weight 1, however many parts they are in."""
    parts = [part(size, size, float(size), size, cross_section) for size in sizes]
    found = summary("signal", Normalisation(), parts, luminosity)
    assert found["weight"] * found["factor"] == pytest.approx(1000 * cross_section * luminosity)  # 1 pb = 1000 fb
    assert found["generated"] == found["read"] == found["written"] == sum(sizes)


def test_cross_sections_are_averaged_with_the_events_that_they_come_from():
    parts = [part(generated=1000, cross_section=2.0), part(generated=3000, cross_section=4.0)]
    found = summary("signal", Normalisation(), parts, 10.0)
    assert found["cross_section_pb"] == 3.5
    assert found["factor"] == pytest.approx(3.5 * 1000 * 10 / 4000)
    assert (found["parts"], found["read"], found["written"], found["weight"]) == (2, 200, 80, 100)


def test_a_known_cross_section_normalises_files_and_otherwise_weights_are_yields():
    parts = [part(), part()]
    assert summary("s", Normalisation(cross_section=3.0, generated=600.0), parts, 2.0)["factor"] == pytest.approx(10)
    assert summary("s", Normalisation(), parts, 2.0)["factor"] == 1
    assert summary("s", Normalisation(), parts, 2.0)["cross_section_pb"] is None


def test_no_event_survives():
    with pytest.raises(SnakerootError, match=r"'signal': no event survives \(read: 200, \(x > 0\): 2, written: 0\)"):
        summary("signal", Normalisation(), [part(written=0), part(written=0)], 1.0)
    assert summary("signal", Normalisation(), [part(written=0), part()], 1.0)["written"] == 40


def test_all_weights_zero():
    with pytest.raises(SnakerootError, match="'signal': its 80 events have a total weight of 0"):
        summary("signal", Normalisation(), [part(weight=2.0), part(weight=-2.0)], 1.0)


def test_samples_are_kept_apart(tmp_path):
    flows = {"a": part(sample="zz"), "b": part(sample="vbf", weight=7.0), "c": part(sample="zz")}
    for name, flow in flows.items():
        write_json(flow, tmp_path / f"{name}.json")
    settings = NormaliseSettings(luminosity=5.0, samples={"vbf": Normalisation(), "zz": Normalisation()})
    normalise(settings, [tmp_path / f"{name}.json" for name in flows], tmp_path / "normalisation.json")
    found = read_json(tmp_path / "normalisation.json")
    assert found["luminosity"] == 5
    assert {name: sample["weight"] for name, sample in found["samples"].items()} == {"vbf": 7, "zz": 100}
