"""One colour for each class, sample and model, the same in all figures of a task; of a sample, in all tasks.

`snakeroot.plan.colours` knows all tasks and says which colour a sample has; where none is said, it is found here.
All are of the ten that the colour-blind can tell apart: M. A. Petroff, arXiv:2107.02270.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from snakeroot.plotting.settings import Labelled, Sample

SIGNAL = ("#bd1f01", "#e76300", "#ffa90e")
BACKGROUND = ("#3f90da", "#832db6", "#94a4a2", "#92dadd", "#a96b59")
OTHER = ("#717581", "#b9ac70")
RECORDED = "#000000"
STRONG = ("#ffa90e", "#832db6", "#94a4a2", "#a96b59")
"""Those that are neither of signal or background, nor like these, nor pale."""

CLASSES = ("#3f90da", "#bd1f01", "#ffa90e", "#832db6", "#a96b59", "#94a4a2", "#e76300", "#92dadd")
LINES = ("#3f90da", "#bd1f01", "#ffa90e", "#832db6", "#a96b59", "#717581")
DASHES = ("-", "--", "-.", ":")


def of_classes(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each class: signal is red and background blue, others have theirs by the alphabet."""
    given = set(names)
    known = {"signal": SIGNAL[0], "background": BACKGROUND[0]}
    free = [colour for colour in CLASSES if colour not in {known[name] for name in given & set(known)}]
    others = zip(sorted(given - set(known)), itertools.cycle(free), strict=False)
    return {name: known[name] for name in sorted(given & set(known))} | dict(others)


def of_labelled(classes: Sequence[Labelled]) -> dict[str, str]:
    """Return the colour of each class: its own, if all have one, or that of `of_classes`."""
    own = {one.name: one.colour for one in classes}
    return own if all(own.values()) else of_classes(own)


def of_samples(samples: Sequence[Sample]) -> dict[str, str]:
    """Return a colour for each of all samples of a task: their own, if all have one.

    Otherwise the first of a class has that of the class, more samples of signal are warm too, more of background cool,
    and one without a class is dull.
    """
    if all(sample.colour for sample in samples):
        return {sample.name: sample.colour for sample in samples}
    classes = of_classes(sample.class_name for sample in samples if sample.class_name)
    rest = itertools.cycle([colour for colour in CLASSES if colour not in classes.values()] or CLASSES)
    pools: dict[str | None, Iterator[str]] = {None: itertools.cycle(OTHER)}
    pools |= {class_name: itertools.chain([own], rest) for class_name, own in classes.items()}
    if set(classes) <= {"signal", "background"}:
        pools |= {"signal": itertools.cycle(SIGNAL), "background": itertools.cycle(BACKGROUND)}
    return {sample.name: next(pools[sample.class_name]) for sample in samples}


def stroke(number: int) -> dict[str, Any]:
    """Return line properties of the task's model of this number, which differ in colour and, for print, in dashes."""
    return {"color": LINES[number % len(LINES)], "linestyle": DASHES[number % len(DASHES)]}
