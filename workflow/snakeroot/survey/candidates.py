"""Features that a new task may have, and the reason for each branch that it had better do without."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.config.consistency import RESERVED_COLUMNS
from snakeroot.data import traps
from snakeroot.errors import SnakerootError
from snakeroot.features.branches import SIZE
from snakeroot.features.precision import lost
from snakeroot.physics.expressions.evaluation import exact
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import COLUMN, ID, LONGEST_NAME
from snakeroot.survey.branches import Branch, percent
from snakeroot.survey.samples import Looked

LEADING = 2
"""Objects of a list that become features, the first ones."""
MOST = 40
"""Features of a new task: of more candidates, those that tell the classes apart best."""

HEAVY = 3.0
"""Distance from the median to the last percent, in that to the last 16 %, above which a tail is heavy: 2.3 of a normal
distribution, 3.4 of an exponential one, 5.4 of a logarithm that is normal."""

_REASONS = {
    "id": "a part of the event's identity",
    "weight": "a weight",
    "class": "named as if it said what the event is",
    "generator": "named as what only simulation knows",
    "trigger": "named as a decision of the trigger or a filter",
}
_INDEX = re.compile(r".*(?:Idx|Index|_idx|_index)[A-Z]?\d*")


@dataclass(frozen=True)
class Feature:
    """A candidate.

    Attributes:
        branches: that it is made of.
        missing: what stands for a value that is not there, NaN among them.
        remark: what a user should know of it; may be empty.
        power: how well it alone tells the classes apart, 0.5 to 1.
    """

    name: str
    expression: str
    branches: list[str]
    missing: tuple[float, ...] = ()
    remark: str = ""
    power: float = 0.5


@dataclass(frozen=True)
class Choice:
    """The features, and for each other branch the reason why it is none."""

    features: list[Feature]
    left_out: dict[str, str]


def choose(samples: Sequence[Looked], branches: Sequence[Branch], target: str | None) -> Choice:
    """Return features that have none of the traps.

    Args:
        branches: those that all samples have.
        target: what a regression learns; None where the samples are the classes.
    """
    left_out: dict[str, str] = {}
    candidates: list[Feature] = []
    used = set(parse(target).branches) if target else set()
    taken: set[str] = set()
    for branch in branches:
        if reason := _reason(branch, used):
            left_out[branch.name] = reason
        else:
            candidates += _candidates(branch, taken)
    power = _correlation(computed(target, samples)) if target else _separation(samples)
    known: dict[bytes, str] = {}
    good = []
    for one in candidates:
        found, reason = _examined(one, samples, power, known)
        if found:
            good.append(found)
        else:
            left_out[_called(one)] = reason
    for one in sorted(good, key=lambda feature: feature.power, reverse=True)[MOST:]:
        left_out[_called(one)] = f"the {MOST} features above tell more of what is learned, each by itself"
        good.remove(one)
    return Choice(good, left_out)


def _called(one: Feature) -> str:
    """Return the branch that a candidate is, be it its logarithm, or the candidate's name."""
    [branch] = one.branches
    return branch if one.expression in (reference(branch), f"log({reference(branch)})") else one.name


def _reason(branch: Branch, used: set[str]) -> str:
    if branch.name in used:
        return "what is learned"
    if not branch.numeric:
        return "text" if branch.type == "text" else branch.hint
    if branch.depth > 1:
        return "lists of lists: write an expression that makes one number of them"
    if branch.depth and branch.lengths == (0, 0):
        return "an empty list in all entries that were read"
    if branch.depth and branch.type.endswith("bool") and re.split(r"[/.]", branch.name)[-1] == "valid":
        return "a mask: it says which places of a list are filled"
    if _INDEX.fullmatch(branch.name):
        return "named as an index into other lists"
    return _REASONS.get(branch.hint, "")


def _candidates(branch: Branch, taken: set[str]) -> Iterator[Feature]:
    written = reference(branch.name)
    if not branch.depth:
        yield Feature(_unused(branch.name, taken), written, [branch.name])
        return
    longest = (branch.lengths or (0, 0))[1]
    last = SIZE.sub("", branch.name.split("/")[-1])
    collection, rest = [*re.split(r"[_.]", last, maxsplit=1), ""][:2]
    for place in range(min(LEADING, longest)):
        name = f"{collection}{place + 1}_{rest}" if rest else f"{collection}_{place + 1}"
        yield Feature(_unused(name, taken), f"{written}[{place}]", [branch.name])
    if not branch.type[0].isdigit() and (counted := f"n{collection}").lower() not in {one.lower() for one in taken}:
        yield Feature(_unused(counted, taken), f"count({written})", [branch.name])


def reference(branch: str) -> str:
    """Return a branch as it stands in an expression."""
    if re.fullmatch(COLUMN, branch):
        try:
            if parse(branch).branches == (branch,):
                return branch
        except SnakerootError:  # a word of the language
            pass
    return f"branch({branch!r})"


def _unused(branch: str, taken: set[str]) -> str:
    """Return a name for a column that is not taken yet, as near to the branch's as may be."""
    parts = re.split(r"/", branch)
    for begin in range(len(parts) - 1, -1, -1):
        name = re.sub(r"[^A-Za-z0-9_]+", "_", "_".join(parts[begin:])).strip("_")[: LONGEST_NAME - 4] or "feature"
        if not re.fullmatch(COLUMN, name) or name.lower() in RESERVED_COLUMNS or name.lower().startswith(ID):
            name = f"x_{name}"[: LONGEST_NAME - 4]
        if name.lower() not in {one.lower() for one in taken}:
            taken.add(name)
            return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    taken.add(f"{name}_{number}")
    return f"{name}_{number}"


Power = Callable[[NDArray[np.float32]], float]
"""From a column to how much it alone says of what is learned: 0.5, nothing, to 1, all."""


def _separation(samples: Sequence[Looked]) -> Power:
    label = np.repeat(np.arange(len(samples)), [one.entries for one in samples])
    return lambda column: max(traps.separation(column, label == place) for place in range(len(samples)))


def _correlation(goal: NDArray[Any]) -> Power:
    """By Spearman's correlation with the target, of what is there."""

    def power(column: NDArray[np.float32]) -> float:
        there = np.isfinite(column)
        first, second = (np.unique(one[there], return_inverse=True)[1].astype(np.float64) for one in (goal, column))
        return 0.5 + abs(float(np.corrcoef(first, second)[0, 1])) / 2

    return power


def _examined(
    one: Feature, samples: Sequence[Looked], power: Power, known: dict[bytes, str]
) -> tuple[Feature | None, str]:
    """Return the feature with what its values say; or none and the reason why."""
    try:
        values = computed(one.expression, samples).astype(np.float64)
    except SnakerootError as error:
        return None, str(error)
    if np.isinf(values).any():
        return None, "infinite in some entries: write an expression that is not"
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    if np.isinf(narrow).any():
        return None, f"it has values beyond {np.finfo(np.float32).max:.2g}, where float32 ends"
    column = traps.Column()
    column.add(narrow)
    sentinels = column.sentinels()
    there = np.isfinite(narrow) & ~np.isin(narrow, np.array(list(sentinels), np.float32))
    if len(np.unique(narrow[there])) < 2:
        return None, f"constant, {narrow[0]:g}, in all entries that were read"
    if (twin := known.setdefault(narrow.tobytes(), one.name)) != one.name:
        return None, f"the same as {twin}"
    if lost(values[there]):
        return None, "float32, which networks take, cannot tell its values apart: subtract an offset"
    if not there.all() and power(there.astype(np.float32)) > traps.SEPARATES:
        return None, "whether it is there says what is to be learned: no observable does"
    alone = power(np.where(there, narrow, np.float32(np.nan)))  # as the audit of the split has it: of what is there
    if alone > traps.SEPARATES:
        return None, f"it alone says what is to be learned ({alone:.4f} of 1): no observable does"
    heavy = _heavy(values[there])
    expression = f"log({one.expression})" if heavy else one.expression
    remarks = ["its tail is long"] if heavy else []
    if there.all():
        return replace(one, expression=expression, power=alone, remark="; ".join(remarks)), ""
    missing = (*sentinels, *([math.nan] if np.isnan(narrow).any() else []))
    remarks.append(f"{percent(1 - there.mean())} are not there")
    return replace(one, expression=expression, power=alone, missing=missing, remark="; ".join(remarks)), ""


def _heavy(values: NDArray[Any]) -> bool:
    """Whether values have so long a tail, as transverse momenta have, that a network had better see their logarithm.

    Standardised by their own standard deviation, most of them would be next to each other.
    """
    if not (values > 0).all():
        return False

    def tail(of: NDArray[Any]) -> float:
        middle, most, all_but_few = np.quantile(of, [0.5, 0.84, 0.99])
        return float((all_but_few - middle) / (most - middle)) if most > middle else 0.0

    return tail(values) > HEAVY > tail(np.log(values))


def computed(expression: str, samples: Sequence[Looked]) -> NDArray[Any]:
    """Return what an expression is of all entries that were read."""
    parsed = parse(expression)
    found = []
    for sample in samples:
        arrays = {name: sample.arrays[name] for name in parsed.branches}
        found.append(exact(parsed, arrays, np.arange(sample.entries)))
    return np.concatenate(found)
