"""`python -m snakeroot.templates.fit`: what a model is worth: expected significance and limit of its workspace."""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from snakeroot.data.files import finite, read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.templates.settings import FitSettings
from snakeroot.templates.workspace import STRENGTH

AGREEMENT = 1e-3
"""How far formula and fit may be apart, relative to each other, where there are no uncertainties."""

LEVEL = 0.05
"""Of the limit: what is above it is excluded at 95 %, by CLs."""


def fit(
    settings: FitSettings,
    workspace: Annotated[Path, "pyhf workspace (JSON)"],
    yields: Annotated[Path, "yields of the templates (JSON)"],
    result: Annotated[Path, "JSON to write: significance and limit"],
) -> None:
    """State the expected significance by formula and, where pyhf is installed, that of the fit and its limit."""
    known = read_json(yields)
    text = workspace.read_bytes()
    if hashlib.sha256(text).hexdigest() != known["workspace"]:
        raise SnakerootError(f"{workspace}: it is not as it was written: edited by hand, or damaged; delete it")
    formula = known["significance"]
    values = {
        "task": settings.task,
        "model": settings.model,
        "significance_without_uncertainty": formula,
        "significance_with_uncertainty": known["significance_with_uncertainty"],
        "expected": None,
    }
    if formula and find_spec("pyhf"):
        values["expected"] = finite(expected(json.loads(text), formula))
        logging.info("%s: %s", settings.model, values["expected"])
    elif formula:
        logging.info("%s: pyhf is not installed (extra 'fit'): by formula alone", settings.model)
    write_json(values, result)


def expected(workspace: dict[str, Any], formula: float) -> dict[str, Any]:
    """Return the median expected significance and upper limit on the strength, asymptotically.

    Cowan et al., Eur. Phys. J. C 71 (2011) 1554. The significance is that of the signal as predicted, the limit
    (95 %, CLs) that without signal, with its bands of one and two standard deviations.

    Raises:
        SnakerootError: if the fit without any uncertainty is not what the formula says, or if a fit fails.
    """
    # only here, where it is installed
    import pyhf  # noqa: PLC0415

    logging.getLogger("pyhf").setLevel(logging.WARNING)  # it tells of each modifier
    pyhf.set_backend("numpy")
    try:
        bare = significance(pyhf, without_uncertainty(workspace))
        if not math.isclose(bare, formula, rel_tol=AGREEMENT):
            raise SnakerootError(
                f"without uncertainties pyhf has a significance of {bare:.6g}, and the formula {formula:.6g}: one of "
                "them is wrong; report it"
            )
        return {
            "significance_without_uncertainty": bare,
            "significance": significance(pyhf, workspace),
            "limit": limit(pyhf, workspace),
        }
    except pyhf.exceptions.FailedMinimization as error:
        raise SnakerootError(f"pyhf: the fit does not converge ({error}): have wider bins or fewer of them") from error


def without_uncertainty(workspace: dict[str, Any]) -> dict[str, Any]:
    """Return the workspace with nothing to fit but the strength."""
    bare = copy.deepcopy(workspace)
    for channel in bare["channels"]:
        for sample in channel["samples"]:
            sample["modifiers"] = [one for one in sample["modifiers"] if one["name"] == STRENGTH]
    for measurement in bare["measurements"]:
        config = measurement["config"]
        config["parameters"] = [one for one in config["parameters"] if one["name"] == STRENGTH]
    return bare


def _model(pyhf: Any, workspace: dict[str, Any], strength: float) -> tuple[Any, Any]:
    """Return the model and what it expects of a strength, with all else as it is known beforehand."""
    interpolation = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    model = pyhf.Workspace(workspace).model(modifier_settings=interpolation)
    parameters = model.config.suggested_init()
    parameters[model.config.poi_index] = strength
    return model, model.expected_data(parameters)


def significance(pyhf: Any, workspace: dict[str, Any]) -> float:
    """Return the root of the test statistic q0 of the expectation with signal."""
    model, data = _model(pyhf, workspace, 1.0)
    config = model.config
    start, bounds, fixed = config.suggested_init(), config.suggested_bounds(), config.suggested_fixed()
    return math.sqrt(max(float(pyhf.infer.test_statistics.q0(0.0, data, model, start, bounds, fixed)), 0.0))


def limit(pyhf: Any, workspace: dict[str, Any]) -> list[float]:
    """Return the upper limit on the strength at -2, -1, 0, 1 and 2 standard deviations of what may be observed."""
    model, data = _model(pyhf, workspace, 0.0)
    _, bands = pyhf.infer.intervals.upper_limits.upper_limit(data, model, level=LEVEL)
    return [float(one) for one in bands]


if __name__ == "__main__":
    main(fit)
