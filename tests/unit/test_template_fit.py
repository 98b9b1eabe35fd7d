"""Expected significance and limit: formulas against likelihoods that are maximised, and against pyhf where it is."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import norm
from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate.significance import asimov as of_bin
from snakeroot.jobs.command import main
from snakeroot.templates import asimov
from snakeroot.templates.fit import fit
from templates import SAMPLES, make, settings

pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver", "ignore::DeprecationWarning:pyhf")
"""Of pyhf's own use of jsonschema."""


def arrays(*values):
    return [np.atleast_1d(np.asarray(value, float)) for value in values]


@pytest.mark.parametrize(("s", "b", "error"), [(5, 10, 3), (0.5, 100, 1), (30, 2, 1.5), (3, 7, 0.1), (8, 1e4, 200)])
def test_one_bin_with_an_uncertain_background_is_the_profile_likelihood(s, b, error):
    """n ~ Poisson(s + b), m ~ Poisson(τ b), on Asimov data: the background is profiled at no signal."""
    tau = b / error**2
    n, m = s + b, tau * b

    def twice_negative(background, signal):
        mean, control = signal + background, tau * background
        return 2 * (mean - n * np.log(mean) + control - m * np.log(control))

    null = minimize_scalar(lambda x: twice_negative(x, 0), bounds=(b * 1e-3, b + 2 * s), method="bounded").fun
    expected = np.sqrt(null - twice_negative(b, s))
    assert asimov.with_uncertainty(*arrays(s, b, error)) == pytest.approx(expected, rel=2e-4)


def test_without_uncertainty_it_is_the_plain_formula_and_with_little_nearly():
    s, b = arrays([1, 5, 0.2], [10, 3, 400])
    plain = np.sqrt(np.sum(2 * ((s + b) * np.log(1 + s / b) - s)))
    assert asimov.combined(s, b) == pytest.approx(plain, rel=1e-12)
    assert asimov.with_uncertainty(s, b, np.zeros(3)) == pytest.approx(plain, rel=1e-9)
    assert asimov.with_uncertainty(s, b, 1e-3 * np.sqrt(b)) == pytest.approx(plain, rel=1e-5)
    assert asimov.with_uncertainty(s, b, b) < 0.5 * plain
    for error in 10.0 ** np.arange(-7, 0, 0.25):  # no step where the formulas meet
        one = asimov.with_uncertainty(*arrays(5, 100, error))
        assert of_bin(*arrays(5, 100))[0] == pytest.approx(one, rel=1e-4 + error**2 / 100)


def test_bins_without_signal_add_nothing_and_those_without_background_have_no_value():
    assert asimov.combined(*arrays([1, 0], [10, 0])) == asimov.combined(*arrays([1], [10]))
    assert asimov.combined(*arrays([1, 1], [10, 0])) is None
    assert asimov.with_uncertainty(*arrays([1, 1], [10, 0], [1, 1])) is None


def run(tmp_path, made):
    paths = {"workspace": "workspace.json", "yields": "yields.json", "result": "fit.json"}
    spec = json.dumps({"settings": {"task": "toy", "model": "net"}})
    main(fit, ["--spec", spec, *(w for key, name in paths.items() for w in (f"--{key}", str(tmp_path / name)))])
    return read_json(tmp_path / "fit.json")


def test_the_formula_is_stated_wherever_it_runs(tmp_path):
    made = make(tmp_path, settings(), SAMPLES)
    known = run(tmp_path, made)
    assert known["significance_without_uncertainty"] == made["yields"]["significance"]
    assert known["significance_with_uncertainty"] < known["significance_without_uncertainty"]


def test_a_workspace_that_was_edited_is_refused(tmp_path):
    made = make(tmp_path, settings(), SAMPLES)
    text = (tmp_path / "workspace.json").read_text()
    (tmp_path / "workspace.json").write_text(text.replace('"inits":[1.0]', '"inits":[2.0]'))
    with pytest.raises(SystemExit, match=r"workspace.json: it is not as it was written"):
        run(tmp_path, made)


def test_without_background_in_a_bin_nothing_is_fitted(tmp_path):
    rows = {**SAMPLES["bkg"], "score": np.full(900, 0.1)}
    assert run(tmp_path, make(tmp_path, settings(), {**SAMPLES, "bkg": rows}))["expected"] is None


def test_pyhf_agrees_with_the_formula_and_with_a_likelihood_of_our_own(tmp_path):
    """One bin, whose background has a Gaussian normalisation uncertainty and no other: profiled here too."""
    pytest.importorskip("pyhf", reason="the extra 'fit' is not installed")
    one = settings(regions={"SR": {"binning": [0, 1]}}, uncertainties={"k": {"normalisation": 0.1}})
    made = make(tmp_path, one, SAMPLES)
    known = run(tmp_path, made)["expected"]
    assert known["significance_without_uncertainty"] == pytest.approx(made["yields"]["significance"], rel=1e-6)
    [channel] = made["workspace"]["channels"]
    s, b = (sum(sample["data"]) for sample in channel["samples"])
    statistical = np.sqrt(sum(sample["modifiers"][0]["data"][0] ** 2 for sample in channel["samples"])) / (s + b)

    def twice_negative(parameters, strength):
        alpha, gamma = parameters
        mean = gamma * (strength * s + b * interpolated(alpha, 1.1, 0.9))
        return 2 * (mean - (s + b) * np.log(mean)) + alpha**2 + ((gamma - 1) / statistical) ** 2

    null = minimize(
        twice_negative, [0.0, 1.0], args=(0.0,), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9}
    )
    expected = np.sqrt(null.fun - twice_negative([0.0, 1.0], 1.0))
    assert known["significance"] == pytest.approx(expected, rel=1e-3)
    assert known["limit"] == sorted(known["limit"])


def interpolated(alpha, hi, lo):
    """Interpolation beyond ±1 is exponential; within, a polynomial that meets it (HistFactory, code 4)."""
    if abs(alpha) >= 1:
        return hi**alpha if alpha > 0 else lo ** (-alpha)
    up, down = np.log(hi), np.log(lo)
    rows = [[a**n for n in range(1, 7)] for a in (1.0, -1.0)]
    rows += [[n * a ** (n - 1) for n in range(1, 7)] for a in (1.0, -1.0)]
    rows += [[n * (n - 1) * a ** (n - 2) if n > 1 else 0.0 for n in range(1, 7)] for a in (1.0, -1.0)]
    wanted = [hi - 1, lo - 1, hi * up, -lo * down, hi * up**2, lo * down**2]
    coefficients = np.linalg.solve(np.array(rows), np.array(wanted))
    return 1 + sum(c * alpha ** (n + 1) for n, c in enumerate(coefficients))


def test_a_limit_of_one_bin_is_that_of_the_formula(tmp_path):
    """CLs of a counting experiment with many events: the median limit is where 1 - Φ(√q) is half the level."""
    pyhf = pytest.importorskip("pyhf", reason="the extra 'fit' is not installed")
    from snakeroot.templates.fit import limit, without_uncertainty  # noqa: PLC0415

    made = make(tmp_path, settings(regions={"SR": {"binning": [0, 1]}}), SAMPLES)
    bare = without_uncertainty(made["workspace"])
    pyhf.set_backend("numpy")
    s, b = (sum(sample["data"]) for sample in bare["channels"][0]["samples"])
    found = limit(pyhf, bare)[2]
    q = 2 * (found * s + b * np.log(b / (found * s + b)))  # of the expectation without signal
    assert 2 * norm.sf(np.sqrt(q)) == pytest.approx(0.05, rel=1e-3)


def test_formula_and_fit_that_differ_are_an_error(tmp_path):
    pytest.importorskip("pyhf", reason="the extra 'fit' is not installed")
    made = make(tmp_path, settings(), SAMPLES)
    write_json({**made["yields"], "significance": 1.01 * made["yields"]["significance"]}, tmp_path / "yields.json")
    with pytest.raises(SystemExit, match="one of them is wrong"):
        run(tmp_path, made)
