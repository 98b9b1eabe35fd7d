"""From the branches of a chunk to rows of features: the pure core of the stage."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features import auxiliary, blocks
from snakeroot.features.columns import regular
from snakeroot.features.cut_flow import READ, WRITTEN, CutFlow
from snakeroot.features.finite import finite
from snakeroot.features.inputs import Block, Sequence, StoredImage
from snakeroot.features.missing import Missing
from snakeroot.features.picked import Chunk
from snakeroot.features.precision import lost
from snakeroot.features.rows import Rows
from snakeroot.features.settings import FeaturesSettings, belongs
from snakeroot.features.table import table
from snakeroot.features.weights import apply_policy
from snakeroot.physics.expressions import definitions
from snakeroot.physics.expressions.doubles import losses
from snakeroot.physics.expressions.evaluation import TogetherTooManyError, conditions, numbers
from snakeroot.physics.expressions.language import Expression, conjuncts, parse
from snakeroot.settings import ENTRY, FILE

CHUNK_BYTES = 2**26
"""The most bytes of blocks that a chunk of entries has, if each entry is a row."""


@dataclass(frozen=True)
class Plan:
    """The settings with their expressions parsed, once for all chunks.

    Attributes:
        definitions: those that are used.
        objects: the branches and definitions of the collection whose objects are the rows, if these are objects.
        share: of the entries that are read; the weights of these stand for all.
    """

    settings: FeaturesSettings
    cuts: list[Expression]
    features: dict[str, Expression]
    blocks: dict[str, dict[str, Expression]]
    weight: Expression | None
    target: Expression | None
    auxiliary: dict[str, auxiliary.Wanted]
    definitions: dict[str, Expression]
    objects: frozenset[str] = frozenset()
    share: float = 1.0

    @classmethod
    def of(cls, settings: FeaturesSettings) -> Plan:
        cuts = conjuncts(parse(settings.selection)) if settings.selection else []
        plan = cls(
            settings,
            list({cut.text: cut for cut in cuts}.values()),
            {name: parse(text) for name, text in settings.features.items()},
            {
                name: {role: parse(text) for role, text in block.expressions().items()}
                for name, block in settings.blocks.items()
            },
            parse(settings.weight) if settings.weight else None,
            parse(settings.target) if isinstance(settings.target, str) else None,
            auxiliary.wanted(settings),
            {name: parse(text) for name, text in settings.definitions.items()},
        )
        used = definitions.needed(plan.names, plan.definitions)
        return dataclasses.replace(plan, definitions={name: plan.definitions[name] for name in used}).found({})

    def found(self, paths: Mapping[str, str], share: float = 1.0) -> Plan:
        """Return the plan for a file in which branches have these paths, which say what they belong to."""
        rows = self.settings.rows
        known = {*self.branches, *self.definitions} if rows else set()
        objects = {name for name in known if belongs(name, rows or "") or belongs(paths.get(name, name), rows or "")}
        return dataclasses.replace(self, objects=frozenset(objects), share=share)

    @property
    def names(self) -> set[str]:
        """All branches and definitions that something is computed from or made of."""
        of_blocks = [expression for roles in self.blocks.values() for expression in roles.values()]
        further = [one for one in (self.weight, self.target, *auxiliary.expressions(self.auxiliary)) if one]
        expressions = [*self.cuts, *self.features.values(), *of_blocks, *further]
        stored = [block.dataset for block in self.settings.blocks.values() if isinstance(block, StoredImage)]
        named = [*self.settings.event_id, *self.settings.spectators, *stored]
        named += [self.settings.split] if self.settings.split else []
        return {*named, *(name for expression in expressions for name in expression.branches)} - {FILE, ENTRY}

    @property
    def branches(self) -> list[str]:
        """All branches that are read, sorted."""
        return sorted(definitions.branches(self.names, self.definitions))

    @property
    def chunk(self) -> int:
        """How many entries to read at once: fewer than the settings say if their blocks are large."""
        size = sum(4 * one.size for one in self.settings.inputs.values())
        return max(1, min(self.settings.chunk, CHUNK_BYTES // max(size, 1)))

    def weights(self, rows: Rows) -> NDArray[np.float64]:
        """Return a weight for each row, 1 without an expression; those of some entries add up to the weight of all."""
        weights = numbers(self.weight, rows.scope, rows.entry) if self.weight else np.ones(len(rows))
        return weights if self.share == 1.0 else weights / self.share


def extract(chunk: Chunk, start: int, plan: Plan, flow: CutFlow) -> pa.Table:
    """Return the rows of one chunk that survive, and count all of its entries in `flow`.

    Args:
        chunk: the branches of `plan`, of which there are some.
        start: number of the chunk's first entry in the file.

    Raises:
        SnakerootError: naming the expression, the feature or the branch.
    """
    settings = plan.settings
    entries = len(next(iter(chunk.values())))
    read = Rows(chunk, np.arange(start, start + entries, dtype=np.int64), definitions=plan.definitions)
    rows, weight = _weighted(read, plan, flow)

    for cut in plan.cuts:
        with losses("selection", flow.inexact):
            passed = conditions(cut, rows.scope, rows.entry)
        rows, weight = rows.keep(passed), weight[passed]
        flow.count(f"({cut.text})", rows.entry, weight)

    wanted, missing = plan.features | ({"target": plan.target} if plan.target else {}), Missing(rows)
    inputs: dict[str, NDArray[np.float32]] = {}
    absent: dict[str, NDArray[Any]] = {}
    for name, one in wanted.items():
        inputs[name], absent[name] = _single(name, one, settings.missing_values(name), missing, flow)
    for name, other in plan.auxiliary.items():
        inputs[name], absent[name] = _auxiliary(name, other, missing, flow)
    clipped: dict[str, NDArray[np.int64]] = {}
    for name, block in settings.blocks.items():
        inputs[name], clipped[name], absent[name] = _block(name, block, plan, missing, flow)
    allowed = {name: absent[name] for name in (*plan.features, *plan.auxiliary)}
    written = finite({**inputs, "weight": weight}, allowed, plan, rows, flow)
    rows, weight = rows.keep(written), weight[written]
    flow.count("finite", rows.entry, weight)

    weight, kept = apply_policy(weight, settings, flow)
    rows, weight = rows.keep(kept), weight[kept]
    written[written] = kept
    flow.count(WRITTEN, rows.entry, weight)
    for name, objects in clipped.items():
        flow.clipped[name] += int(objects[written].sum())
    for name, values in absent.items():
        flow.lack(name, int(values[written].sum()))
    with losses("spectators", flow.inexact):
        left = inputs if written.all() else {name: values[written] for name, values in inputs.items()}
        return table(rows, weight, left, settings)


def _weighted(read: Rows, plan: Plan, flow: CutFlow) -> tuple[Rows, NDArray[np.float64]]:
    """Return what the rows are, with their weights, and count what was read.

    A weight of objects is known for these alone: entries without any then weigh nothing.
    """
    collection = plan.settings.rows
    if collection is None:
        with losses("weight", flow.inexact):
            weight = plan.weights(read)
        flow.count(READ, read.entry, weight)
        return read, weight
    for name in plan.settings.event_id:
        if name in plan.objects and read.chunk[name].ndim > 1:
            raise SnakerootError(f"event_id: {name!r} is of the objects {collection!r}, which do not identify an event")
    rows = read.objects(collection, plan.objects, plan.names & plan.definitions.keys())
    with losses("weight", flow.inexact):
        weight = plan.weights(rows)
    of_objects = plan.weight and plan.objects.intersection(plan.weight.branches)
    flow.count(READ, read.entry, weight if of_objects else plan.weights(read))
    flow.count(f"rows: {collection}", rows.entry, weight)
    return rows, weight


def _single(
    name: str, expression: Expression, sentinels: list[float | str], missing: Missing, flow: CutFlow
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what a network takes, and where it is missing, and count what is lost; what overflows it is not finite."""
    with losses(name, flow.inexact):
        values, absent = missing.number(expression, sentinels)
    flow.lose(name, lost(values))
    with np.errstate(over="ignore"):
        return values.astype(np.float64, copy=False).astype(np.float32), absent


def _auxiliary(
    name: str, wanted: auxiliary.Wanted, missing: Missing, flow: CutFlow
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return another target, and where it is not known."""
    if wanted.expression is None:
        rows = len(missing.rows)
        return np.full(rows, np.nan, np.float32), np.ones(rows, np.bool_)
    values, absent = _single(name, wanted.expression, wanted.sentinels, missing, flow)
    auxiliary.checked(name, wanted, values, missing.rows.entry)
    return values, absent


def _block(
    name: str, block: Block, plan: Plan, missing: Missing, flow: CutFlow
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Return a block, and of each row how many objects it leaves out, and how many are missing."""
    build = blocks.BLOCKS.load(blocks.kind(block)).build
    sentinels = plan.settings.missing_values(name)
    absent = np.zeros(len(missing.rows), np.int64)
    try:
        if isinstance(block, StoredImage):
            branch = missing.branch(block.dataset, sentinels)[0] if sentinels else missing.rows.chunk[block.dataset]
            built = build(block, regular("image", block.dataset, branch))
        else:
            with losses(name, flow.inexact):
                objects, gone = missing.objects(name, plan.blocks[name], sentinels)
            for channel in block.content() if isinstance(block, Sequence) else ():  # others compute with their objects
                flow.lose(f"{name}.{channel}", lost(objects.exact[f"channels.{channel}"]))
            if gone.any():
                objects, absent = objects.keep(~gone), np.bincount(objects.row[gone], minlength=len(absent))
            built = build(block, objects)
    except TogetherTooManyError:
        raise
    except SnakerootError as error:
        raise SnakerootError(f"{name}: {error}") from error
    values, clipped = built
    return values, clipped, absent
