"""What a branch is by its name, without knowing the experiment."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["id", "weight"]

_ID = re.compile(
    r"(?:[a-z]_)?(?:run|lumi|lumi_?block|lumi_?section|luminosity_?block|ls|lbn|event|evt|evn|entry|subentry|row|index)"
    r"(?:_?(?:n|no|nr|num|number|id))?"
    r"||unnamed: ?\d+|__index_level_\d+__"  # the index of a pandas table, without a name in CSV
)
_WEIGHT = re.compile(
    r".*(?:weight|wgt|cross_?section|scale_?factor).*|(?:.*_)?x_?sec(?:tion)?(?:_.*)?|sum_?w\d*|w|(?:.*_)?sf"
)


def role(branch: str) -> Role | None:
    """Return what a branch is by its name: part of an event's identity, or a weight; None if it may be physics."""
    last = re.split(r"[/.]", branch)[-1].lower()
    if _ID.fullmatch(last):
        return "id"
    return "weight" if _WEIGHT.fullmatch(last) else None
