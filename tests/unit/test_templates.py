"""Templates: what is filled, scaled and varied, and what is refused, from rows that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft6Validator
from projects import REPOSITORY
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.__main__ import main as draw
from snakeroot.templates import asimov
from templates import SAMPLES, make, sample, settings

SCHEMA = json.loads((REPOSITORY / "tests/schemas/pyhf-1.0.0.json").read_text())
"""Of pyhf 0.7.6 (Apache License 2.0), as it stands in its wheel."""


def counts(name, values, edges, weight):
    """By numpy alone: yields and their squared errors."""
    return [np.histogram(values, edges, weights=power)[0] for power in (weight, weight**2)]


def test_yields_are_those_of_all_events_and_errors_of_those_that_are_there(tmp_path):
    regions = {"SR": {"selection": "(score > 0.5) & (n < 4)", "binning": [0.5, 0.6, 0.8, 1]}}
    regions["CR"] = {"selection": "(score <= 0.5) & (x > 0)", "observable": "x * 2", "binning": [0, 1, 10]}
    made = make(tmp_path, settings(regions=regions), SAMPLES, share=0.2)
    for name, one in SAMPLES.items():
        score, x, n, weight = (one[key] for key in ("score", "x", "n", "weight"))
        for region, inside, values, edges in (
            ("SR", (score > 0.5) & (n < 4), score, [0.5, 0.6, 0.8, 1]),
            ("CR", (score <= 0.5) & (x > 0), 2 * x.astype(float), [0, 1, 10]),
        ):
            expected = counts(name, values[inside], edges, 5 * weight[inside])
            filled = made["histograms"][f"{region}/{name}"]
            np.testing.assert_allclose(filled[0], expected[0], rtol=1e-12)
            np.testing.assert_allclose(filled[1], expected[1], rtol=1e-12)
            assert filled[2].tolist() == edges
    known = made["yields"]
    assert known["samples"]["sig"] == {"role": "signal", "share": pytest.approx(0.2)}
    data, total = made["histograms"]["SR/data_obs"], [made["histograms"][f"SR/{name}"] for name in SAMPLES]
    np.testing.assert_allclose(data[0], total[0][0] + total[1][0], rtol=1e-12)
    s, b = (np.concatenate([made["histograms"][f"{region}/{name}"][0] for region in regions]) for name in SAMPLES)
    assert known["significance"] == pytest.approx(np.sqrt(np.sum(2 * ((s + b) * np.log(1 + s / b) - s))), rel=1e-12)


def test_variations_of_weights_and_of_rows(tmp_path):
    shifted = {"bkg": {**SAMPLES["bkg"], "score": np.clip(SAMPLES["bkg"]["score"] * 1.1, 0, 1)}}
    uncertainties = {
        "cross_section": {"normalisation": 0.1},
        "pileup": {"samples": ["sig", "bkg"], "up": {"weight": "1 + 0.1 * x"}},
        "scale": {"up": {"own": True}, "down": {"own": True, "weight": "0.5"}},
    }
    chosen = settings(uncertainties=uncertainties, luminosity=0.02)
    made = make(tmp_path, chosen, SAMPLES, share=0.5, varied=[shifted, SAMPLES], shares=[0.4, 0.5])
    histograms = made["histograms"]
    edges, bkg = [0, 0.5, 1], SAMPLES["bkg"]
    up = counts("bkg", bkg["score"], edges, 2 * bkg["weight"] * (1 + 0.1 * bkg["x"].astype(float)))[0]
    nominal = histograms["SR/bkg"][0]
    np.testing.assert_allclose(histograms["SR/bkg_pileupUp"][0], up, rtol=1e-12)
    np.testing.assert_allclose(histograms["SR/bkg_pileupDown"][0], 2 * nominal - up, rtol=1e-12, atol=1e-9)
    scaled = counts("bkg", shifted["bkg"]["score"], edges, bkg["weight"] / 0.4)[0]
    np.testing.assert_allclose(histograms["SR/bkg_scaleUp"][0], scaled, rtol=1e-12)
    np.testing.assert_allclose(histograms["SR/bkg_scaleDown"][0], nominal / 2, rtol=1e-12)
    assert "SR/sig_scaleUp" not in histograms
    assert not any("cross_section" in name for name in histograms), "a factor on a yield is no histogram"
    band = made["yields"]["regions"]["SR"]["background"]["systematic"]
    parts = [0.1 * nominal, 0.02 * nominal, up - nominal, (scaled - nominal / 2) / 2]
    np.testing.assert_allclose(band, np.sqrt(np.sum(np.square(parts), axis=0)), rtol=1e-9)


def test_the_workspace_is_one_of_pyhf(tmp_path):
    regions = {"SR": {"selection": "score > 0.5"}, "CR": {"selection": "score <= 0.5", "control": True}}
    regions = {name: {**one, "observable": "x", "binning": [-4, 0, 4]} for name, one in regions.items()}
    uncertainties = {"scale": {"up": {"weight": "1 + 0.1 * x"}}, "cross_section": {"normalisation": 0.25}}
    made = make(tmp_path, settings(regions=regions, uncertainties=uncertainties, luminosity=0.02), SAMPLES)
    Draft6Validator({**SCHEMA, "$ref": "#/definitions/workspace"}).validate(made["workspace"])
    with pytest.raises(Exception, match="is not of type"):
        Draft6Validator({**SCHEMA, "$ref": "#/definitions/workspace"}).validate({**made["workspace"], "channels": [1]})
    channel = next(one for one in made["workspace"]["channels"] if one["name"] == "SR")
    by_name = {one["name"]: one for one in channel["samples"]}
    kinds = {name: sorted(m["type"] for m in one["modifiers"]) for name, one in by_name.items()}
    assert kinds == {
        "sig": ["lumi", "normfactor", "staterror"],
        "bkg": ["histosys", "lumi", "normsys", "normsys", "staterror"],
    }
    modifiers = {(m["name"], m["type"]): m["data"] for m in by_name["bkg"]["modifiers"]}
    assert modifiers["cross_section", "normsys"] == {"hi": 1.25, "lo": 0.75}
    for direction, end in (("Up", "hi"), ("Down", "lo")):
        together = modifiers["scale", "normsys"][end] * np.array(modifiers["scale", "histosys"][f"{end}_data"])
        np.testing.assert_allclose(together, made["histograms"][f"SR/bkg_scale{direction}"][0], rtol=1e-12)
        assert np.sum(modifiers["scale", "histosys"][f"{end}_data"]) == pytest.approx(sum(by_name["bkg"]["data"]))
    [measurement] = made["workspace"]["measurements"]
    lumi = next(one for one in measurement["config"]["parameters"] if one["name"] == "lumi")
    assert lumi["sigmas"] == [0.02]


def test_the_uncertainty_of_the_background_is_statistical_and_systematic(tmp_path):
    known = make(tmp_path, settings(uncertainties={"k": {"normalisation": 0.2}}), SAMPLES)["yields"]
    region = known["regions"]["SR"]
    background = region["background"]
    error = np.hypot(background["errors"], background["systematic"])
    s, b = (np.array(region[role]["values"]) for role in ("signal", "background"))
    assert known["significance_with_uncertainty"] == pytest.approx(asimov.with_uncertainty(s, b, error), rel=1e-12)
    assert background["systematic_error"] == pytest.approx(0.2 * background["yield"]), "it moves all bins together"


def test_a_factor_counts_for_its_samples_alone(tmp_path):
    """What it is for others need not be a number."""
    signal = {**SAMPLES["sig"], "n": np.zeros(400, int)}
    background = {**SAMPLES["bkg"], "n": np.full(900, 2)}
    uncertainties = {"k": {"samples": ["bkg"], "up": {"weight": "1 + 1 / n"}}}
    made = make(tmp_path, settings(uncertainties=uncertainties), {"sig": signal, "bkg": background})
    found = made["histograms"]
    np.testing.assert_allclose(found["SR/bkg_kUp"][0], 1.5 * found["SR/bkg"][0])
    assert "SR/sig_kUp" not in found


def test_recorded_backgrounds_know_no_luminosity(tmp_path):
    samples = {**SAMPLES, "sideband": SAMPLES["bkg"]}
    chosen = settings(background=["bkg", "sideband"], recorded=["sideband"], luminosity=0.1)
    made = make(tmp_path, chosen, samples)
    [channel] = made["workspace"]["channels"]
    lumi = {one["name"]: any(m["name"] == "lumi" for m in one["modifiers"]) for one in channel["samples"]}
    assert lumi == {"sig": True, "bkg": True, "sideband": False}
    nominal = made["histograms"]["SR/bkg"][0]
    np.testing.assert_allclose(made["yields"]["regions"]["SR"]["background"]["systematic"], 0.1 * nominal)


def test_a_factor_on_all_weights_is_no_shape(tmp_path):
    made = make(tmp_path, settings(uncertainties={"k": {"up": {"weight": "1.5"}}}), SAMPLES)
    [channel] = made["workspace"]["channels"]
    found = [m for one in channel["samples"] for m in one["modifiers"] if m["name"] == "k"]
    assert [m["type"] for m in found] == ["normsys"]
    assert found[0]["data"] == {"hi": pytest.approx(1.5), "lo": pytest.approx(0.5)}


def test_what_is_outside_of_fixed_bins_is_told_and_of_found_ones_inside(tmp_path):
    fixed = make(tmp_path / "fixed", settings(regions={"SR": {"observable": "x", "binning": [0, 1]}}), SAMPLES)
    inside = fixed["yields"]["regions"]["SR"]["samples"]["bkg"]
    x, weight = SAMPLES["bkg"]["x"], SAMPLES["bkg"]["weight"]
    assert inside["outside"] == pytest.approx(weight[(x < 0) | (x > 1)].sum())
    assert any("outside of the bins" in remark for remark in fixed["yields"]["remarks"])
    few = {name: {key: values[:50] for key, values in one.items()} for name, one in SAMPLES.items()}
    found = settings(regions={"SR": {"observable": "x", "binning": {"quantiles": 3}}})
    made = make(tmp_path / "found", found, SAMPLES, validation=few)
    values, _, edges = made["histograms"]["SR/bkg"]
    assert values.sum() == pytest.approx(weight.sum()), "values beyond those of the validation split are not lost"
    ranked = np.sort(few["bkg"]["x"])
    assert np.all(np.isin(edges[1:-1].astype(np.float32), ranked)), "edges are those of the validation split alone"
    shares = counts("bkg", few["bkg"]["x"], edges, few["bkg"]["weight"])[0] / few["bkg"]["weight"].sum()
    np.testing.assert_allclose(shares, 1 / 3, atol=1 / 40)


def test_the_last_bin_is_closed_and_what_is_no_number_is_outside(tmp_path):
    rows = {"weight": np.ones(4), "score": np.array([0, 0.5, 1, 1.0]), "x": np.array([1, np.nan, 3, 3], np.float32)}
    made = make(tmp_path / "s", settings(), {"sig": rows, "bkg": rows})
    assert made["histograms"]["SR/sig"][0].tolist() == [1, 3]
    chosen = settings(regions={"SR": {"observable": "x", "binning": [0, 2, 3]}})
    made = make(tmp_path / "x", chosen, {"sig": rows, "bkg": rows})
    assert made["histograms"]["SR/sig"][0].tolist() == [1, 2]
    assert made["yields"]["regions"]["SR"]["samples"]["sig"]["outside"] == 1


NEGATIVE = {"weight": np.array([1, 1, -3, 8.0]), "score": np.array([0.1, 0.2, 0.3, 0.8])}


@pytest.mark.parametrize(("policy", "left"), [("zero", 0.0), ("keep", -1.0)])
def test_negative_bins_are_counted(tmp_path, policy, left):
    made = make(tmp_path, settings(negative_bins=policy), {"sig": NEGATIVE, "bkg": SAMPLES["bkg"]})
    assert made["histograms"]["SR/sig"][0].tolist() == [left, 8]
    assert made["yields"]["negative_bins"] == {"SR/sig": 1}
    assert any("SR/sig: 1 bin below 0" in remark for remark in made["yields"]["remarks"])


def test_a_region_without_signal_that_says_so(tmp_path):
    rows = {**SAMPLES["sig"], "score": np.full(400, 0.9)}
    regions = {"SR": {"selection": "score > 0.5"}, "CR": {"selection": "score < 0.5", "control": True}}
    made = make(tmp_path, settings(regions=regions), {"sig": rows, "bkg": SAMPLES["bkg"]})
    channels = {one["name"]: [s["name"] for s in one["samples"]] for one in made["workspace"]["channels"]}
    assert channels == {"CR": ["bkg"], "SR": ["sig", "bkg"]}
    assert made["histograms"]["CR/sig"][0].tolist() == [0, 0]


def test_what_was_recorded_twice_is_observed_once(tmp_path):
    """As by two trigger streams; copies of what is expected are worth what they are."""
    data = {**sample(5, 300, 0.4), "weight": np.ones(300)}
    twice = {name: np.concatenate([values, values[:100]]) for name, values in data.items()}
    twice["event"] = np.concatenate([np.arange(300), np.arange(100)])
    copied = {**SAMPLES["bkg"], "event": np.arange(900) // 2}
    made = make(tmp_path, settings(data="data"), {**SAMPLES, "bkg": copied, "data": twice})
    expected = np.histogram(data["score"], [0, 0.5, 1])[0]
    assert made["histograms"]["SR/data_obs"][0].tolist() == expected.tolist()
    assert made["histograms"]["SR/bkg"][0].sum() == pytest.approx(SAMPLES["bkg"]["weight"].sum())
    assert "100 rows of data are left out, as their events are counted already" in made["yields"]["remarks"]


def test_data_are_what_is_observed(tmp_path):
    data = {**sample(5, 300, 0.4), "weight": np.ones(300)}
    made = make(tmp_path, settings(data="data"), {**SAMPLES, "data": data})
    expected = np.histogram(data["score"], [0, 0.5, 1])[0]
    assert made["histograms"]["SR/data_obs"][0].tolist() == expected.tolist()
    assert made["workspace"]["observations"] == [{"name": "SR", "data": expected.tolist()}]


def test_bins_without_background_have_no_significance(tmp_path):
    rows = {**SAMPLES["bkg"], "score": np.full(900, 0.1)}
    known = make(tmp_path, settings(), {**SAMPLES, "bkg": rows})["yields"]
    assert known["significance"] is known["significance_with_uncertainty"] is None
    assert any("bin 1 has no background and signal" in remark for remark in known["remarks"])


EMPTY = {key: values[:0] for key, values in SAMPLES["bkg"].items()}
OWN, FEWER = ({"scale": {"up": {"own": True, "generated": generated}}} for generated in (False, True))


@pytest.mark.parametrize(
    ("changed", "options", "says"),
    [
        ({"regions": {"SR": {"selection": "score > 2"}}}, {}, r"regions.SR: 'score > 2' selects nothing of the 1,300"),
        (
            {"regions": {"SR": {}, "CR": {"selection": "n < 3"}}},
            {},
            r"regions: \d+ events are in 'SR' and in 'CR', the first of them entry \d+ of a file of",
        ),
        ({"regions": {"SR": {"binning": [2, 3]}}}, {}, "SR: no event of bkg is in its bins"),
        ({"regions": {"SR": {"selection": "n < 0.5"}}, "signal": ["none"]}, {}, "SR: no event of none is in its bins"),
        (
            {"regions": {"SR": {"selection": "x + 1"}}},
            {},
            r"SR.selection: the selection 'x \+ 1' is not a cond",
        ),
        ({"uncertainties": {"k": {"up": {"weight": "1 / n"}}}}, {}, "k.up.weight: the factor '1 / n' is not finite in"),
        ({"uncertainties": {"k": {"up": {"weight": "0"}}}}, {}, "k.up: it leaves a yield of 0 of 'bkg' in the region"),
        ({"uncertainties": {"k": {"up": {"weight": "2.5"}}}}, {}, "k.down: it leaves a yield of"),
        ({"uncertainties": FEWER}, {"varied": [{"bkg": EMPTY}]}, "no event of the sample 'bkg' is there"),
        (
            {"uncertainties": OWN},
            {"varied": [{"bkg": {key: values[:700] for key, values in SAMPLES["bkg"].items()}}]},
            "scale.up: the files of 'bkg' have 700 entries, and the nominal ones 900: the variation lacks events",
        ),
        ({"negative_bins": "error"}, {"samples": {"sig": NEGATIVE}}, "SR/sig: 1 bins are below 0, as bin 0 with -1"),
        (
            {"regions": {"SR": {"binning": {"optimised": 3, "background": 1e6}}}},
            {"validation": SAMPLES},
            "fewer than 1e.06 effective background events of the validation split",
        ),
        (
            {"regions": {"SR": {"binning": {"quantiles": 3}}}},
            {"validation": {**SAMPLES, "bkg": EMPTY}},
            "'bkg' is there",
        ),
    ],
)
def test_what_no_fit_could_use_is_refused(tmp_path, changed, options, says):
    none = {key: values[:1] for key, values in SAMPLES["sig"].items()}
    samples = {**SAMPLES, **options.pop("samples", {})}
    if "signal" in changed:
        samples = {"none": {**none, "n": np.array([4])}, "bkg": SAMPLES["bkg"]}
    with pytest.raises(SnakerootError, match=says):
        make(tmp_path, settings(**changed), samples, **options)


def test_a_variation_that_says_how_many_were_generated_may_have_fewer_entries(tmp_path):
    few = {"bkg": {key: values[:300] for key, values in SAMPLES["bkg"].items()}}
    assert (
        make(tmp_path, settings(uncertainties=FEWER), SAMPLES, varied=[few])["histograms"]["SR/bkg_scaleUp"][0].sum()
        > 0
    )


def test_two_runs_write_the_same_json(tmp_path):
    files = [Path(tmp_path / name) for name in ("one", "two")]
    for folder in files:
        make(folder, settings(uncertainties={"k": {"up": {"weight": "1 + n / 10"}}}), SAMPLES)
    for name in ("workspace.json", "yields.json"):
        one, other = ((folder / name).read_bytes() for folder in files)
        assert one == other


def test_the_figure_has_the_numbers_of_all_regions(tmp_path):
    regions = {"SR": {"selection": "score > 0.5"}, "CR": {"selection": "score <= 0.5", "observable": "x"}}
    regions["CR"]["binning"] = [-2, 0, 2]
    chosen = settings(regions=regions, uncertainties={"k": {"normalisation": 0.1}}, data="data")
    data = {**sample(5, 300, 0.4), "weight": np.ones(300)}
    made = make(tmp_path, chosen, {**SAMPLES, "data": data})
    shown = {
        "luminosity": 2.0,
        "energy": 13.0,
        "model": {"name": "net", "label": "a network"},
        "samples": [
            {"name": "sig", "label": "signal", "class_name": "signal"},
            {"name": "bkg", "label": "$q\\bar{q}$", "class_name": "background"},
            {"name": "data", "label": "data", "class_name": None},
        ],
        "regions": [{"name": "SR", "label": "score"}, {"name": "CR", "label": "x", "unit": "GeV"}],
    }
    target = tmp_path / "figure.svg"
    words = ["fit-templates", "--spec", json.dumps({"settings": shown}), "--figure", str(target)]
    draw([*words, "--templates", str(tmp_path / "yields.json")])
    numbers = pd.read_csv(target.with_suffix(".csv"))
    for region in regions:
        for name in ("sig", "bkg"):
            rows = numbers[(numbers["region"] == region) & (numbers["sample"] == name)]
            np.testing.assert_allclose(rows["value"], made["histograms"][f"{region}/{name}"][0], rtol=1e-5)
        background = numbers[(numbers["region"] == region) & (numbers["sample"] == "(background)")]
        np.testing.assert_allclose(background["systematic"], 0.1 * background["value"], rtol=1e-5)
        assert len(numbers[(numbers["region"] == region) & (numbers["sample"] == "(data)")]) == 2
    again = target.read_bytes()
    draw([*words, "--templates", str(tmp_path / "yields.json")])
    assert target.read_bytes() == again
