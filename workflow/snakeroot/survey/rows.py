"""The first entries of a file through the features stage's own reading and computing: all that is wrong with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import awkward as ak
import pyarrow as pa

from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.extract import Plan, extract
from snakeroot.features.inputs import StoredImage
from snakeroot.features.make import refuse_poor_identity
from snakeroot.features.settings import FeaturesSettings
from snakeroot.features.source import Source
from snakeroot.features.stream import clashes
from snakeroot.physics.expressions.language import conjuncts, parse
from snakeroot.settings import ENTRY, FILE
from snakeroot.survey.content import here

NOTHING: dict[str, Any] = {
    **{key: {} for key in ("features", "images", "sequences", "trees", "auxiliary")},
    **dict.fromkeys(("weight", "selection", "target", "split")),
    "spectators": [],
    "event_id": [FILE, ENTRY],
}

Keys = tuple[str | int, ...]
Fault = tuple[Keys, str]
"""Keys of the task, and what is wrong there; those of a selection are followed by the cut."""


@dataclass(frozen=True)
class FirstRows:
    """What came of a file.

    Attributes:
        table: rows as the stage writes them; None if anything is wrong.
        entries: of the whole tree.
        read: how many of them were looked at.
    """

    faults: list[Fault]
    table: pa.Table | None = None
    entries: int = 0
    read: int = 0


@dataclass(frozen=True)
class Piece:
    """A part of a task that can be computed alone: what it changes in settings that have nothing else."""

    keys: Keys
    changes: Mapping[str, Any]
    basic: bool = False


def first_rows(settings: FeaturesSettings, file: str, most: int) -> FirstRows:
    """Compute the first entries of a file, a path or a URL, and find all that is wrong with it or the task.

    Args:
        most: entries, at most.
    """
    try:
        with here(file) as (path, reader):
            names = reader.trees(path) if settings.tree else [None]
            try:
                with reader.opened(path, settings.tree) as tree:
                    return _of_tree(settings, path, reader, tree, most)
            except SnakerootError as error:
                fault = ("files",) if settings.tree in names else ("tree",)
                return FirstRows([(fault, str(error).replace(str(path), file))])
    except SnakerootError as error:
        return FirstRows([(("files",), str(error))])


def _of_tree(settings: FeaturesSettings, path: Path, reader: ModuleType, tree: Any, most: int) -> FirstRows:
    plan = Plan.of(settings)
    plan, most = plan.found({}), min(most, plan.chunk)
    chunk, problems, paths = _read(plan, path, reader, tree, most)
    plan = plan.found(paths)
    taken: list[Fault] = [
        (("definitions", name), f"there is a branch {branch!r}; call the definition otherwise")
        for name, branch in clashes(path, reader, tree, plan)
    ]
    entries = reader.length(path, tree)
    if not problems and not taken:
        try:
            table = extract(chunk, 0, plan, CutFlow())
            refuse_poor_identity(path, table, settings)
            return FirstRows([], table, entries, len(next(iter(chunk.values()))))
        except SnakerootError:
            pass  # the pieces say which, and whether it is the only one
    faults = [*taken, *_faults(plan, chunk, problems)]
    if not faults:  # what is wrong with none of the pieces is so with all together
        faults = [((), text) for text in problems.values()] or _of_all(plan, path, chunk)
    return FirstRows([(keys, text.removeprefix(f"{path}: ")) for keys, text in faults], None, entries)


def _read(
    plan: Plan, path: Path, reader: ModuleType, tree: Any, most: int
) -> tuple[dict[str, ak.Array], dict[str, str], dict[str, str]]:
    """Return the branches that can be read, for each other one the reason, and the paths of those that are there."""

    def source(names: Iterable[str]) -> Source:
        return Source(reader, path, tree, {name: plan.settings.aliases.get(name, name) for name in names})

    problems: dict[str, str] = {}
    paths: dict[str, str] = {}
    for name in plan.branches:
        try:
            paths |= source([name]).paths()
        except SnakerootError as error:
            problems[name] = str(error)
    try:
        return (next(source(paths).chunks(most)) if paths else {}), problems, paths
    except SnakerootError:
        chunk: dict[str, ak.Array] = {}
        for name in paths:
            try:
                chunk |= next(source([name]).chunks(most))
            except SnakerootError as error:
                problems[name] = str(error)
        return chunk, problems, {name: paths[name] for name in chunk}


def _of_all(plan: Plan, path: Path, chunk: Mapping[str, ak.Array]) -> list[Fault]:
    try:
        refuse_poor_identity(path, extract(chunk, 0, plan, CutFlow()), plan.settings)
    except SnakerootError as error:
        return [(("event_id",), str(error))]
    return []


def _faults(plan: Plan, chunk: Mapping[str, ak.Array], problems: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what is wrong with each piece; those that the others need come first, and are left out if wrong."""
    settings = plan.settings
    if not chunk:
        yield from (((), text) for text in problems.values())
        return
    broken = set()
    for name, text in settings.definitions.items():
        for branch in parse(text).branches:
            if branch in problems:
                yield ("definitions", name), problems[branch]
                broken.add(name)
    shortest = min(chunk, key=lambda name: chunk[name].ndim)  # which says how many entries there are
    sound: dict[str, Any] = dict(NOTHING)
    cuts: list[str] = []
    for piece in _pieces(settings):
        wanted = Plan.of(settings.model_copy(update={**sound, **piece.changes}))
        wanted = dataclasses.replace(wanted, objects=plan.objects & {*chunk, *wanted.definitions})
        own = Plan.of(settings.model_copy(update={**NOTHING, **piece.changes}))
        bad = [name for name in sorted(own.names) if name in problems]
        yield from ((piece.keys, problems[name]) for name in bad)
        if bad or broken & {*own.definitions} or (settings.rows and not wanted.objects):
            continue
        read = {*wanted.branches, *(wanted.objects & {*chunk}), shortest}
        try:
            extract({name: chunk[name] for name in read}, 0, wanted, CutFlow())
        except SnakerootError as error:
            yield piece.keys, str(error)
            continue
        if piece.basic:
            cuts += [piece.changes["selection"]] if "selection" in piece.changes else []
            sound |= {**piece.changes, "selection": " & ".join(f"({cut})" for cut in cuts) or None}


def _pieces(settings: FeaturesSettings) -> Iterator[Piece]:
    if settings.weight:
        yield Piece(("weight",), {"weight": settings.weight}, basic=True)
    for cut in conjuncts(parse(settings.selection)) if settings.selection else ():
        yield Piece(("selection", cut.text), {"selection": cut.text}, basic=True)
    for place, name in enumerate(settings.event_id):
        yield Piece(("event_id", place), {"event_id": [name]})
    if settings.split:
        yield Piece(("split", "column"), {"split": settings.split})
    if isinstance(settings.target, str):
        yield Piece(("target",), {"target": settings.target})
    for name, one in settings.auxiliary.items():
        yield Piece(("auxiliary", name), {"auxiliary": {name: one}})
    for place, name in enumerate(settings.spectators):
        yield Piece(("spectators", place), {"spectators": [name]})
    for key in ("features", "images", "sequences", "trees"):
        for name, one in getattr(settings, key).items():
            keys: Keys = (key, name, "dataset") if isinstance(one, StoredImage) else (key, name)
            yield Piece(keys, {key: {name: one}})
