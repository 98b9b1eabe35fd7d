"""Quantities by which one sees whether what was generated is sane; apart, so that an axis generates nothing anew."""

from __future__ import annotations

from pydantic import Field

from snakeroot.plotting.settings import Axis
from snakeroot.settings import Settings


class Validated(Settings):
    """A quantity by which one sees whether the physics is sane."""

    reconstruction: str = Field(description="what the ntuples must have gone through to have it")
    expression: str = Field(description="of the ntuple's branches")
    axis: Axis


def _of_muons(expression: str, axis: Axis) -> Validated:
    return Validated(reconstruction="four_muons", expression=expression, axis=axis)


def _of_jets(expression: str, axis: Axis) -> Validated:
    return Validated(reconstruction="fat_jets", expression=expression, axis=axis)


VALIDATED = {
    "mass4l": _of_muons("f_mass4l", Axis(label="$m_{4\\mu}$", unit="GeV", range=(70, 300), bins=46)),
    "massjj": _of_muons("f_massjj", Axis(label="$m_{jj}$", unit="GeV", range=(0, 2000), bins=40)),
    "jet1_pt": _of_muons("f_jet1_pt", Axis(label="leading jet $p_T$", unit="GeV", range=(0, 300), bins=60)),
    "fatjet_mass": _of_jets("f_fatjet_mass", Axis(label="measured jet mass", unit="GeV", range=(0, 200), bins=50)),
    "fatjet_generated_mass": _of_jets(
        "f_fatjet_generated_mass", Axis(label="generated jet mass", unit="GeV", range=(0, 200), bins=50)
    ),
    "fatjet_pt": _of_jets("f_fatjet_pt", Axis(label="jet $p_T$", unit="GeV", range=(200, 500), bins=30)),
    "fatjet_tau21": _of_jets("f_fatjet_tau2 / f_fatjet_tau1", Axis(label="$\\tau_{21}$", range=(0, 1), bins=40)),
    "fatjet_constituents": _of_jets("f_constituents", Axis(label="number of constituents", range=(0, 120), bins=40)),
}
"""By name."""
