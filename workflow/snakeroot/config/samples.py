"""What is wrong in keys of a task that say how its samples are read: missing values, other names, splits."""

from __future__ import annotations

from collections.abc import Iterator

from snakeroot.config.files import SplitFiles
from snakeroot.config.partial import each
from snakeroot.config.schema import Task
from snakeroot.config.variations import placed
from snakeroot.errors import hint
from snakeroot.features.inputs import StoredImage
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import Mistake
from snakeroot.split.settings import Predefined


def used(task: Task) -> set[str]:
    """The names of branches and definitions in all expressions but those of definitions."""
    of_samples = [text for sample in task.samples.values() for text in (sample.selection, sample.weight)]
    of_blocks = [text for block in task.blocks.values() for text in block.expressions().values()]
    of_samples += [t for sample in task.samples.values() for t in sample.parameters.values() if isinstance(t, str)]
    further = [task.selection, task.weight, task.target, *(one.target for one in task.auxiliary.values())]
    texts = [*task.features.values(), *of_blocks, *of_samples, *further]
    return {branch for text in texts if text for branch in parse(text).branches}


def of_variations(task: Task) -> set[str]:
    """The names in expressions of systematic variations."""
    shifts = [shift for _, _, one in placed(task) for shift in one.variations.values()]
    texts = [text for shift in shifts for text in (*shift.features.values(), *shift.definitions.values())]
    return {name for text in texts for name in parse(text).branches}


def _check_aliases(task: Task) -> Iterator[Mistake]:
    """A name that a sample says the branch of is used somewhere."""
    stored = [block.dataset for block in task.blocks.values() if isinstance(block, StoredImage)]
    of_split = [task.split.column] if isinstance(task.split, Predefined) else []
    of_definitions = {name for text in task.definitions.values() for name in parse(text).branches}
    known = sorted(
        {*used(task), *of_definitions, *of_variations(task), *task.spectators, *task.event_id, *stored, *of_split}
    )
    for name, sample in each(task.samples):
        for alias in sample.branches:
            if alias in task.definitions:
                text = f"{alias!r} is a definition of the task, not a branch: call one of them otherwise"
                yield Mistake(("samples", name, "branches", alias), text)
            elif alias not in known:
                text = f"no expression of the task has the name {alias!r}: {hint(alias, known)}"
                yield Mistake(("samples", name, "branches", alias), text)


def _check_missing(task: Task) -> Iterator[Mistake]:
    """Values that mean "missing" are of inputs, or of targets."""
    known = [*task.inputs, *(["target"] if task.target else []), *task.auxiliary]
    for name in task.missing if isinstance(task.missing, dict) else ():
        if name not in known:
            yield Mistake(("missing", name), f"no such input: {hint(name, known)}")


def _check_objects(task: Task) -> Iterator[Mistake]:
    """Definitions are computed for whole entries, of branches as they are, before objects are made rows of."""
    texts = [*task.features.items(), *([("target", task.target)] if task.target else [])]
    texts += [(name, one.target) for name, one in task.auxiliary.items()]
    texts += [(name, text) for name, block in task.blocks.items() for text in block.expressions().values()]
    for name, text in texts if task.rows else ():
        for inner in parse(text).branches if task.missing_values(name) else ():
            if inner in task.definitions:
                what = f"with rows: {task.rows} the definition {inner!r} does not know what is missing"
                yield Mistake(("missing",), f"{what}: write it out in {name!r}")


def _check_splits(task: Task) -> Iterator[Mistake]:
    """Splits are said by one thing: fractions of the events, a branch, or the files of all samples that are split."""
    of_files = [name for name, sample in each(task.samples) if isinstance(sample.files, SplitFiles)]
    if of_files and "split" in task.model_fields_set:
        yield Mistake(("split",), f"the files of {of_files[0]!r} say the splits already: remove one of the two")
    others = [name for name in task.samples if name not in of_files and task.labelled(name)]
    for name in others if of_files else ():
        text = f"its files are of no split, but those of {of_files[0]!r} are: give train, validation and test here too"
        yield Mistake(("samples", name, "files"), text)


CHECKS = (_check_missing, _check_objects, _check_aliases, _check_splits)
