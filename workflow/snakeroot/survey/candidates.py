"""Features that a new task may have, and the reason for each branch that it had better do without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from snakeroot.survey.branches import Branch
from snakeroot.survey.samples import Looked

LEADING = 2
"""Objects of a list that become features, the first ones."""
MOST = 40
"""Features of a new task: of more candidates, those that tell the classes apart best."""

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
        remark: what a user should know of it; may be empty.
        power: how well it alone tells the classes apart, 0.5 to 1.
    """

    name: str
    expression: str
    branches: list[str]
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
    power = _correlation(_values(target, samples)) if target else _separation(samples)
    known: dict[bytes, str] = {}
    good = []
    for one in candidates:
        found, reason = _examined(one, samples, power, known)
        if found:
            good += found
        else:
            left_out[_called(one)] = reason
    for one in sorted(good, key=lambda feature: feature.power, reverse=True)[MOST:]:
        left_out[_called(one)] = f"the {MOST} features above tell more of what is learned, each by itself"
        good.remove(one)
    return Choice(good, left_out)


def _called(one: Feature) -> str:
    """Return the branch that a candidate is, or the candidate's name."""
    [branch] = one.branches
    return branch if one.expression == reference(branch) else one.name


def _reason(branch: Branch, used: set[str]) -> str:
    if branch.name in used:
        return "what is learned"
    if not branch.numeric:
        return "text" if branch.type == "text" else branch.hint
    if branch.depth > 1:
        return "lists of lists: write an expression that makes one number of them"
    if branch.depth and branch.lengths == (0, 0):
        return "an empty list in all entries that were read"
    if _INDEX.fullmatch(branch.name):
        return "named as an index into other lists"
    return _REASONS.get(branch.hint, "")


def _candidates(branch: Branch, taken: set[str]) -> Iterator[Feature]:
    written = reference(branch.name)
    if not branch.depth:
        yield Feature(_unused(branch.name, taken), written, [branch.name])
        return
    shortest, longest = branch.lengths or (0, 0)
    fixed = branch.type[0].isdigit()
    last = SIZE.sub("", branch.name.split("/")[-1])
    collection, rest = [*re.split(r"[_.]", last, maxsplit=1), ""][:2]
    for place in range(min(LEADING, longest)):
        name = f"{collection}{place + 1}_{rest}" if rest else f"{collection}_{place + 1}"
        element = f"{written}[{place}]"
        safe = element if fixed and place < shortest else f"where(count({written}) > {place}, {element}, 0)"
        yield Feature(_unused(name, taken), safe, [branch.name])
    if not fixed and (counted := f"n{collection}").lower() not in {one.lower() for one in taken}:
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
    """By Spearman's correlation with the target."""

    def power(column: NDArray[np.float32]) -> float:
        first, second = (np.unique(one, return_inverse=True)[1].astype(np.float64) for one in (goal, column))
        return 0.5 + abs(float(np.corrcoef(first, second)[0, 1])) / 2

    return power


def _examined(
    one: Feature, samples: Sequence[Looked], power: Power, known: dict[bytes, str]
) -> tuple[list[Feature], str]:
    """Return the feature with what its values say, and one that says where it has any; or none and the reason why."""
    try:
        values = _values(one.expression, samples)
    except SnakerootError as error:
        return [], str(error)
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float64).astype(np.float32)
    if np.isinf(narrow).any() and np.isfinite(values.astype(np.float64)).all():
        return [], f"it has values beyond {np.finfo(np.float32).max:.2g}, where float32 ends"
    column = traps.Column()
    column.add(narrow)
    sentinels = column.sentinels()
    there = np.isfinite(narrow) & ~np.isin(narrow, np.array(list(sentinels), np.float32))
    if len(np.unique(narrow[there])) < 2:
        return [], f"constant, {narrow[0]:g}, in all entries that were read"
    if (twin := known.setdefault(narrow.tobytes(), one.name)) != one.name:
        return [], f"the same as {twin}"
    if lost(values[there]):
        return [], "float32, which networks take, cannot tell its values apart: subtract an offset"
    if there.all():
        return _judged(one, narrow, power)
    condition, remark = _where(one.expression, narrow, sentinels)
    middle = float(f"{np.median(narrow[there]):.4g}")
    expression = f"where({condition}, {one.expression}, {middle:g})"
    filled = replace(one, expression=expression, remark=f"{remark}: {middle:g}")
    found, reason = _judged(filled, np.where(there, narrow, np.float32(middle)), power)
    if (twin := known.setdefault(there.tobytes(), one.name)) == one.name and found:
        more = replace(one, name=f"has_{one.name}"[:LONGEST_NAME], expression=condition, remark="")
        found += _judged(more, there.astype(np.float32), power)[0]
    return found, reason


def _judged(one: Feature, column: NDArray[np.float32], power: Power) -> tuple[list[Feature], str]:
    alone = power(column)
    if alone > traps.SEPARATES:
        return [], f"it alone says what is to be learned ({alone:.4f} of 1): no observable does"
    return [replace(one, power=alone)], ""


def _where(written: str, column: NDArray[np.float32], sentinels: Mapping[float, float]) -> tuple[str, str]:
    """Return the condition under which a column has a value, and what it is otherwise, in words."""
    undefined = 1 - float(np.isfinite(column).mean())
    conditions = [f"isfinite({written})"] if undefined else []
    notes = [f"{_percent(undefined)} are NaN or infinite"] if undefined else []
    real = column[np.isfinite(column) & ~np.isin(column, np.array(list(sentinels), np.float32))]
    below = [value for value in sentinels if value < real.min()]
    above = [value for value in sentinels if value > real.max()]
    conditions += [f"{written} > {max(below):g}"] if below else []
    conditions += [f"{written} < {min(above):g}"] if above else []
    notes += [f"{_percent(share)} are {value:g}" for value, share in sentinels.items()]
    if len(conditions) > 1:
        conditions = [f"({one})" for one in conditions]
    return " & ".join(conditions), f"{', '.join(notes)}; there it is the median"


def _values(expression: str, samples: Sequence[Looked]) -> NDArray[Any]:
    parsed = parse(expression)
    found = []
    for sample in samples:
        arrays = {name: sample.arrays[name] for name in parsed.branches}
        found.append(exact(parsed, arrays, np.arange(sample.entries)))
    return np.concatenate(found)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
