"""What the validation of the generated events may know; apart, so that a plot's axis generates nothing anew."""

from __future__ import annotations

from pydantic import Field

from snakeroot.evaluate.settings import Axis
from snakeroot.settings import Column, Settings

VALIDATED = {
    "mass4l": Axis(label="$m_{4\\mu}$", unit="GeV", range=(70, 300), bins=46),
    "massjj": Axis(label="$m_{jj}$", unit="GeV", range=(0, 2000), bins=40),
    "jet1_pt": Axis(label="leading jet $p_T$", unit="GeV", range=(0, 300), bins=60),
}
"""The branches, without their prefix f_, that are drawn to see whether the physics is sane."""


class Validation(Settings):
    """One figure of what was generated."""

    variable: Column = Field(description="branch to draw, without its prefix f_")
    axis: Axis
    energy: float = Field(gt=0, description="centre-of-mass energy of the two protons (TeV)")
    samples: list[str] = Field(description="what each ntuple is called in the figure, in the order of the files")
