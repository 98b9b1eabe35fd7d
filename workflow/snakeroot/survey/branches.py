"""A branch in numbers: type, lengths, range, what is missing, and what its name and values suggest that it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.data import names, traps
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.branches import is_text, of_branch
from snakeroot.physics.expressions.values import Values

_CLASS = re.compile(
    r"(?:[a-z]_)?(?:label|target|truth|class|class_?id|y|is_?sig(?:nal)?|signal|process(?:_?id)?|dsid|sample(?:_?id)?"
    r"|mc_?channel_?number|flavou?r|.*_hadron_?flavou?r|.*truth_?label.*)"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GENERATOR = {"gen", "generator", "lhe", "truth", "true", "mc", "sim", "htxs", "parton", "hadron", "pileup"}
"""Words in the names of what only simulation knows."""
_TRIGGER = re.compile(r"(?:.*[/.])?(?:HLT|L1|Flag|trig)_.*|.*(?:[Tt]rigger|Trig(?![a-z])).*")


CLASSES = 100
"""Different values of a branch that may name classes, at most."""


@dataclass(frozen=True)
class Branch:
    """What the first entries say of a branch.

    Attributes:
        type: of its values, with how they are nested.
        depth: lists within each other: 0 of a value per entry.
        lengths: of the outermost lists, the shortest and the longest.
        lowest, highest: of finite values that are no sentinels.
        nan: share of values that are NaN, infinite or missing.
        sentinels: share of each value that stands for nothing.
        distinct: how many different values there are, of a value per entry.
        hint: what it may be: id, weight, class, generator, trigger, or nothing of these.
    """

    name: str
    type: str
    depth: int = 0
    lengths: tuple[int, int] | None = None
    lowest: float | None = None
    highest: float | None = None
    nan: float = 0.0
    sentinels: dict[float, float] = field(default_factory=dict)
    distinct: int | None = None
    hint: str = ""

    @property
    def numeric(self) -> bool:
        """Whether it can stand in an expression."""
        return self.type not in ("text", "unreadable")

    def record(self) -> dict[str, Any]:
        """Return it as it stands in JSON."""
        found = {key: value for key, value in asdict(self).items() if value not in (None, "", {})}
        return found | ({"sentinels": {f"{v:g}": s for v, s in self.sentinels.items()}} if self.sentinels else {})


def describe(name: str, array: ak.Array) -> Branch:
    """Return what its first entries say of a branch."""
    if is_text(array.layout):
        texts = ak.to_list(array)
        return Branch(name, "text", distinct=len(set(texts)), hint=hint(name))
    try:
        values = of_branch(name, array)
    except SnakerootError as error:
        return Branch(name, "unreadable", hint=str(error))
    plain = np.asarray(values.content, np.float64)
    finite = plain[np.isfinite(plain)]
    column = traps.Column()
    column.add(plain)
    sentinels = column.sentinels()
    real = finite[~np.isin(finite, list(sentinels))]
    scalar = not values.offsets
    distinct = len(np.unique(values.content)) if scalar else None
    guess = hint(name)
    return Branch(
        name,
        str(ak.Array(array).type).partition(" * ")[2].replace("?", ""),
        depth=len(values.offsets),
        lengths=None if scalar else _lengths(values),
        lowest=float(real.min()) if len(real) else None,
        highest=float(real.max()) if len(real) else None,
        nan=1 - len(finite) / len(plain) if len(plain) else 0.0,  # lists that are all empty lack nothing
        sentinels=sentinels,
        distinct=distinct,
        hint="" if guess == "class" and (distinct or 0) > CLASSES else guess,
    )


def _lengths(values: Values) -> tuple[int, int]:
    counts = values.counts
    return (int(counts.min()), int(counts.max())) if len(counts) else (0, 0)


def hint(name: str) -> str:
    """Return what a branch may be by its name; nothing if that says nothing."""
    last = re.split(r"[/.]", name)[-1]
    if found := names.role(name):
        return found
    if _CLASS.fullmatch(last.lower()):
        return "class"
    words = [word.lower() for word in _WORD.findall(name)]
    if _GENERATOR & set(words):
        return "generator"
    return "trigger" if _TRIGGER.fullmatch(name) else ""


def unique(arrays: Mapping[str, NDArray[Any]]) -> int:
    """Return how many rows of columns of one length differ from all before them."""
    rows = np.unique(np.stack([np.unique(one, return_inverse=True)[1] for one in arrays.values()]), axis=1)
    return int(rows.shape[1])


def percent(share: float) -> str:
    """Return a share in words."""
    return f"{100 * share:.{2 if share < 0.995 else 3}g} %"
