"""A task file that runs as it is, from the first entries of its samples: each choice with its reason beside it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import awkward as ak
import numpy as np
import yaml

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.language import parse
from snakeroot.survey import candidates, identity
from snakeroot.survey.branches import Branch, describe, percent
from snakeroot.survey.candidates import Choice, reference
from snakeroot.survey.identity import Identity
from snakeroot.survey.samples import Looked

WIDTH = 118
LISTED = 30
"""Branches of one reason that are named; of more, their number."""


@dataclass(frozen=True)
class Draft:
    """A task file, and what to tell of it.

    Attributes:
        text: YAML.
        facts: what was chosen, a line each.
    """

    text: str
    facts: list[str]


def draft(name: str, samples: Sequence[Looked], target: str | None) -> Draft:
    """Write a task on these samples: the classes, or what a regression learns `target` from.

    Raises:
        SnakerootError: if nothing can be learned from what the files have.
    """
    shared = [branch for branch in samples[0].arrays if all(branch in one.arrays for one in samples)]
    branches = [describe(one, ak.concatenate([sample.arrays[one] for sample in samples])) for one in shared]
    if target and (unknown := [branch for branch in parse(target).branches if branch not in shared]):
        raise SnakerootError(f"--target: no branch {unknown[0]!r} in all samples")
    try:
        event = identity.event_id(samples, branches)
    except SnakerootError:  # lists alone
        event = Identity([], 1.0, named=False, poor=True)
    choice = candidates.choose(samples, branches, target)
    if not choice.features:
        raise SnakerootError(
            "no branch is left to learn from: "
            + "; ".join(f"{branch}: {reason}" for branch, reason in list(choice.left_out.items())[:8])
        )
    weight = next(identity.weights(branches), None)
    lacking = {branch: text for one in samples for branch, text in _lacking(one, samples).items()}
    left_out = choice.left_out | lacking
    lines = [
        *_head(name, samples),
        f"kind: {_kind(samples, target)}",
        *([f"tree: {_scalar(tree)}"] if (tree := next((one.tree for one in samples if one.tree), None)) else []),
        "samples:",
        *(line for one in samples for line in _sample(one, tree, target, own_weight=weight is None)),
        *_identity(event, samples),
        *(_target(target, samples) if target else ()),
        *_weight(weight, branches, own=any(_own_weight(one) for one in samples)),
        *_features(choice),
        *_left_out(left_out),
        *MODELS,
    ]
    facts = [
        f"{len(choice.features)} features of {len(branches)} branches; the file says why the others are left out",
        "event_id entry: no branches tell the events apart"
        if _nameless(event)
        else f"event_id {', '.join(event.branches)}",
        f"weight {weight}" if weight else "no weight, or not the same in all samples",
    ]
    return Draft("\n".join(lines) + "\n", facts)


MODELS = """
models:
  network: { architecture: mlp, hidden: [64, 64], dropout: 0.1, training: { batch_size: 256, patience: 15 } }
  trees: { architecture: gbdt } # boosted trees: what a network should reach at least
# Every other key: docs/config.md
""".rstrip().splitlines()


def _head(name: str, samples: Sequence[Looked]) -> list[str]:
    read = sum(one.entries for one in samples)
    opened, number = sum(one.opened for one in samples), sum(one.number for one in samples)
    files = f"{opened} of {number} files" if opened < number else f"{number} file{'s' * (number > 1)}"
    return _comment(
        f"{name}: written by `snakeroot init` from the first entries of {files}, {read:,} in all. Read it, change it, "
        "and see with `snakeroot check` that it is sound."
    )


def _kind(samples: Sequence[Looked], target: str | None) -> str:
    if target:
        return "regression"
    return "binary" if {one.name for one in samples} == {"signal", "background"} else "multiclass"


def _sample(one: Looked, tree: str | None, target: str | None, *, own_weight: bool) -> Iterator[str]:
    yield f"  {one.name}:"
    if not target:
        yield f"    class: {one.name}"
    if len(one.files) == 1:
        yield f"    files: [{_scalar(one.files[0])}]"
    else:
        yield "    files:"
        yield from (f"      - {_scalar(file)}" for file in one.files)
    if one.tree and one.tree != tree:
        yield f"    tree: {_scalar(one.tree)}"
    if own_weight and (weight := _own_weight(one)):
        yield f"    weight: {_scalar(reference(weight))} # which not all samples have; the others weigh 1"


def _own_weight(one: Looked) -> str | None:
    """Return the branch that may be the weight of a sample's events."""
    return next(identity.weights([describe(branch, array) for branch, array in one.arrays.items()]), None)


def _nameless(event: Identity) -> bool:
    """Whether nothing tells events apart but their places in the files."""
    return event.poor and not event.named


def _identity(event: Identity, samples: Sequence[Looked]) -> Iterator[str]:
    read = sum(one.entries for one in samples)
    written = "event_id: [" + ", ".join(map(_scalar, event.branches)) + "]"
    if _nameless(event):
        yield "# No branches tell the events apart: an event is its file and the number of its entry there: safe"
        yield "# only while the files stay as they are (docs/ntuples.md#rows)."
        yield "event_id: entry"
        return
    yield "# Which split an event belongs to follows from its event_id alone."
    if not event.named:
        yield "# No branch is called like an event's number: these tell the events apart."
    if event.poor:
        yield f"# Attention: {percent(event.shared)} of the entries of a sample share it with others; better name"
        yield "# branches that tell all events apart, and remove 'duplicates'."
        yield written
        yield "duplicates: keep"
    elif event.group:
        yield f"{written} # unique in each sample, or copies, in the {read:,} entries read"
        yield "group: [" + ", ".join(map(_scalar, event.group)) + "] # several rows have it: they stay in one split"
    elif event.shared:
        yield f"{written} # {percent(event.shared)} of the entries read are copies"
    else:
        yield f"{written} # unique in each sample, in the {read:,} entries read"


def _target(target: str, samples: Sequence[Looked]) -> Iterator[str]:
    yield f"target: {_scalar(target)} # what is learned"
    lacking = 1 - np.isfinite(candidates.computed(target, samples)).mean()
    if lacking:
        yield f"non_finite: drop # {percent(lacking)} of the entries have no target"


def _weight(weight: str | None, branches: Sequence[Branch], *, own: bool) -> Iterator[str]:
    if weight is None and own:
        yield "# weight: see the samples; no branch that all of them have is called like one"
        return
    if weight is None:
        yield "# weight: no branch that all samples have is called like one; without it, every event weighs 1"
        return
    found = next(branch for branch in branches if branch.name == weight)
    yield f"weight: {_scalar(reference(weight))} # from {found.lowest:.3g} to {found.highest:.3g}"


def _features(choice: Choice) -> Iterator[str]:
    yield "features: # name: expression over branches"
    for one in choice.features:
        remark = f" # {one.remark}" if one.remark else ""
        yield f"  {_scalar(one.name)}: {_scalar(one.expression)}{remark}"
    lacking = [one for one in choice.features if one.missing]
    if not lacking:
        return
    yield from _comment(
        "What stands for a value that is not there. Networks then get the median of the train split, and an input that "
        "says so; boosted trees know of it by themselves."
    )
    yield "missing:"
    for one in lacking:
        values = ("nan" if math.isnan(value) else f"{value:.9g}" for value in one.missing)
        yield f"  {_scalar(one.name)}: [{', '.join(values)}]"


def _lacking(one: Looked, samples: Sequence[Looked]) -> dict[str, str]:
    found = dict(one.problems)
    for branch in one.arrays:
        without = [other.name for other in samples if branch not in other.arrays and branch not in other.problems]
        if without:
            found[branch] = f"not in the sample {without[0]}"
    return found


def _left_out(left_out: Mapping[str, str]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for branch, reason in left_out.items():
        by_reason.setdefault(" ".join(reason.split()), []).append(branch)
    if not by_reason:
        return
    yield "# Left out:"
    for reason, names in by_reason.items():
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        yield from _comment(f"{', '.join(names[:LISTED])}{more}: {reason}", "#   ")


def _comment(text: str, begin: str = "# ") -> list[str]:
    plain = "".join(sign if sign.isprintable() else "?" for sign in text)  # names of branches may hold anything
    return textwrap.wrap(
        plain, WIDTH, initial_indent=begin, subsequent_indent=begin, break_long_words=False, break_on_hyphens=False
    )


def _scalar(text: str) -> str:
    """Return a text as YAML in one line, within brackets too; what reads it gets the same text back."""
    plain = yaml.safe_dump([text], default_flow_style=True, width=10**9, allow_unicode=True).strip()
    return plain.removeprefix("[").removesuffix("]")
