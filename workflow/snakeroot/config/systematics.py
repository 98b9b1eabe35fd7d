"""What is wrong in the systematic uncertainties of a task, or of its templates alone, whose keys are right alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from snakeroot.config.files import SplitFiles
from snakeroot.config.repeated import twins
from snakeroot.config.schema import Task
from snakeroot.config.variations import OF_TASK, expected, moved, placed, possible
from snakeroot.errors import hint
from snakeroot.networks.objectives import columns
from snakeroot.physics.expressions import definitions
from snakeroot.physics.expressions.definitions import CircleError
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import ENTRY, FILE, Mistake
from snakeroot.systematics.choices import Variation

RESERVED = ("mu", "lumi")
"""Parameters that the workspace of templates has anyway."""

STATISTICAL = "staterror_"
"""What those of the limited numbers of events begin with."""

Keys = tuple[str | int, ...]


def mistakes(task: Task) -> Iterator[Mistake]:
    """Find all of them, at their keys."""
    known = list(placed(task))
    yield from twins("systematic", {name: (*keys, name) for keys, name, _ in known})
    both = set(task.systematics) & {name for keys, name, _ in known if keys != OF_TASK}
    for keys, name, systematic in known:
        at: Keys = (*keys, name)
        if keys != OF_TASK and name in both:
            yield Mistake(at, f"{name!r} is one of the task's systematics, which templates have too: remove one")
        if task.templates and (name in RESERVED or name.startswith(STATISTICAL)):
            text = f"an uncertainty cannot be called {name!r}: the workspace has a parameter of this name"
            yield Mistake(at, text)
        samples = possible(task) if keys == OF_TASK else expected(task)
        what = "sample with a class" if keys == OF_TASK else "sample of the templates"
        for place, sample in enumerate(systematic.samples or ()):
            yield from unknown((*at, "samples", place), sample, what, samples)
            if sample in (systematic.samples or [])[:place]:
                yield Mistake((*at, "samples", place), f"{sample!r} is listed twice")
        for direction, variation in systematic.variations.items():
            for mistake in _check_variation(task, moved(task, systematic, keys), variation):
                yield mistake.below(*at, direction)


def _check_variation(task: Task, of: Collection[str], variation: Variation) -> Iterator[Mistake]:
    if variation.weight is not None:
        yield from names(("weight",), variation.weight, task, columns_of(task))
    for key in ("features", "definitions"):
        for name in getattr(variation, key):
            yield from unknown((key, name), name, key.removesuffix("s"), getattr(task, key))
    known = {name: parse(text) for name, text in {**task.definitions, **variation.definitions}.items()}
    try:
        definitions.needed(variation.definitions, known)
    except CircleError as error:
        first = next(name for name in variation.definitions if name in error.names)
        yield Mistake(("definitions", first), f"{error}; write out what {first!r} is, as it stands in the task")
    samples = [name for name in of if name in task.samples]
    if not variation.elsewhere:
        return
    key = "files" if variation.files else "tree"
    if {FILE, ENTRY} & set(task.event_id):
        text = "an event of it is known by its file and entry, which are others there, so it could be of another split"
        yield Mistake((key,), f"{text}: identify events by branches (event_id)")
    if variation.files and len(samples) != 1:
        yield Mistake(("files",), f"they are of one sample, and this uncertainty is of {len(samples)}: give 'samples'")
    for name in samples:
        sample = task.samples[name]
        if sample.generate and not variation.files:
            yield Mistake(("tree",), f"{name!r} is generated, with one tree")
        if sample.generate and variation.files and not (variation.cross_section and variation.generated):
            yield Mistake(("files",), f"{name!r} is generated: give 'cross_section' and 'generated' of these files")
        if isinstance(sample.files, SplitFiles) and not variation.files:
            yield Mistake(("tree",), f"the files of {name!r} say the splits: name those of the variation as 'files'")


def predicted(task: Task) -> list[str]:
    """Return the names of what a model predicts, as expressions of templates have them."""
    return columns(task.kind, task.classes)


def columns_of(task: Task) -> list[str]:
    """Return the numbers of each row."""
    return [*task.features, *task.spectators]


def names(keys: Keys, text: str, task: Task, known: Collection[str]) -> Iterator[Mistake]:
    """Find names in an expression that mean nothing there, or two things."""
    for name in parse(text).branches:
        if name in predicted(task) and name in columns_of(task):
            yield Mistake(keys, f"{name!r} is predicted, and a feature or spectator is called so, too: rename that")
        elif name not in known:
            defined = f"{name!r} is a definition: carry it along as one of the 'spectators'"
            otherwise = f"{name!r} is no feature, spectator or prediction: {hint(name, known)}; a branch is one if it "
            otherwise += "is named among the 'spectators'"
            yield Mistake(keys, defined if name in task.definitions else otherwise)


def unknown(keys: Keys, name: str, what: str, known: Collection[str]) -> Iterator[Mistake]:
    """Find a name that is none of those known."""
    if name not in known:
        yield Mistake(keys, f"no {what} {name!r}: {hint(name, known)}")
