"""What is wrong in the templates of a task whose keys are right alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from snakeroot.config.files import SplitFiles
from snakeroot.config.repeated import twins
from snakeroot.config.schema import Task
from snakeroot.config.variations import background, expected, signal
from snakeroot.errors import hint
from snakeroot.networks.objectives import columns
from snakeroot.physics.expressions import definitions
from snakeroot.physics.expressions.definitions import CircleError
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import ENTRY, FILE, Mistake
from snakeroot.templates.choices import Optimised, Quantiles, Systematic, Templates, Variation

RESERVED = ("mu", "lumi")
"""Parameters that the workspace has anyway."""

STATISTICAL = "staterror_"
"""What those of the limited numbers of events begin with."""

DATA = "data_obs"
"""The histogram of what is observed, as Combine calls it."""

Keys = tuple[str | int, ...]


def mistakes(task: Task) -> Iterator[Mistake]:
    """Find all of them, at their keys."""
    if (templates := task.templates) is None:
        return
    for check in (_check_samples, _check_regions, _check_names, _check_systematics):
        for mistake in check(task, templates):
            yield mistake.below("templates")


def _check_samples(task: Task, templates: Templates) -> Iterator[Mistake]:
    roles: dict[str, str] = {}
    for role in ("signal", "background"):
        for place, name in enumerate(getattr(templates, role) or []):
            yield from _unknown((role, place), name, "sample", task.samples)
            if other := roles.get(name):
                yield Mistake((role, place), f"{name!r} is of {other} already")
            roles.setdefault(name, role)
    for role, found in (("signal", signal(task)), ("background", background(task))):
        if not found:
            yield Mistake((), f"no sample is {role}: name them, as {role}: [{next(iter(task.samples))}]")
    if (data := templates.data) is None:
        return
    if not (wrong := list(_unknown(("data",), data, "sample", task.samples))):
        if task.labelled(data):
            wrong.append(Mistake(("data",), f"networks are trained on {data!r}: what is observed has no class"))
        if not task.samples[data].data:
            wrong.append(Mistake(("data",), f"{data!r} is simulated: give the sample 'data: true' if it is recorded"))
        if data in expected(task):
            wrong.append(Mistake(("data",), f"{data!r} is expected already, as signal or background"))
    yield from wrong


def _check_regions(task: Task, templates: Templates) -> Iterator[Mistake]:
    yield from twins("region", {name: ("regions", name) for name in templates.regions})
    for name, region in templates.regions.items():
        at = ("regions", name)
        for key in ("selection", "observable"):
            if text := getattr(region, key):
                yield from _names((*at, key), text, task, [*_known(task), *predicted(task)])
        binning = region.binning
        if isinstance(binning, Quantiles):
            for place, sample in enumerate(binning.samples or ()):
                keys = (*at, "binning", "samples", place)
                yield from _unknown(keys, sample, "sample of the templates with a class", _split(task, expected(task)))
            if not binning.samples and not _split(task, background(task)):
                yield Mistake((*at, "binning"), "no background has a class, and so a validation split: give 'samples'")
        elif isinstance(binning, Optimised):
            for role, samples in (("signal", signal(task)), ("background", background(task))):
                if not _split(task, samples):
                    text = f"no {role} of the templates has a class, and so a validation split: give edges"
                    yield Mistake((*at, "binning"), text)


def _split(task: Task, samples: Iterable[str]) -> list[str]:
    """Return those of them that have a validation split."""
    return [name for name in samples if name in task.samples and task.labelled(name)]


def _check_names(task: Task, templates: Templates) -> Iterator[Mistake]:
    """No two histograms have one name."""
    of_variations = {
        f"{sample}_{name}{direction}": name
        for name, one in templates.systematics.items()
        for sample in one.samples or expected(task)
        for direction in ("Up", "Down")
    }
    for sample in expected(task):
        if sample == DATA:
            yield Mistake((), f"a sample cannot be called {DATA!r}: the histogram of what is observed is")
        if name := of_variations.get(sample):
            text = f"a variation of it would have a histogram {sample!r}, as the sample has: rename one"
            yield Mistake(("systematics", name), text)


def _check_systematics(task: Task, templates: Templates) -> Iterator[Mistake]:
    yield from twins("systematic", {name: ("systematics", name) for name in templates.systematics})
    for name, systematic in templates.systematics.items():
        at = ("systematics", name)
        if name in RESERVED or name.startswith(STATISTICAL):
            text = f"an uncertainty cannot be called {name!r}: the workspace has a parameter of this name"
            yield Mistake(at, text)
        for place, sample in enumerate(systematic.samples or ()):
            yield from _unknown((*at, "samples", place), sample, "sample of the templates", expected(task))
            if sample in (systematic.samples or [])[:place]:
                yield Mistake((*at, "samples", place), f"{sample!r} is listed twice")
        for direction, variation in systematic.variations.items():
            for mistake in _check_variation(task, systematic, variation):
                yield mistake.below(*at, direction)


def _check_variation(task: Task, systematic: Systematic, variation: Variation) -> Iterator[Mistake]:
    if variation.weight is not None:
        yield from _names(("weight",), variation.weight, task, _known(task))
    for key in ("features", "definitions"):
        for name in getattr(variation, key):
            yield from _unknown((key, name), name, key.removesuffix("s"), getattr(task, key))
    known = {name: parse(text) for name, text in {**task.definitions, **variation.definitions}.items()}
    try:
        definitions.needed(variation.definitions, known)
    except CircleError as error:
        first = next(name for name in variation.definitions if name in error.names)
        yield Mistake(("definitions", first), f"{error}; write out what {first!r} is, as it stands in the task")
    samples = [name for name in systematic.samples or expected(task) if name in task.samples]
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


def _known(task: Task) -> list[str]:
    """Return the numbers of each row."""
    return [*task.features, *task.spectators]


def _names(keys: Keys, text: str, task: Task, known: Collection[str]) -> Iterator[Mistake]:
    """Find names in an expression that mean nothing there, or two things."""
    for name in parse(text).branches:
        if name in predicted(task) and name in _known(task):
            yield Mistake(keys, f"{name!r} is predicted, and a feature or spectator is called so, too: rename that")
        elif name not in known:
            defined = f"{name!r} is a definition: carry it along as one of the 'spectators'"
            otherwise = f"{name!r} is no feature, spectator or prediction: {hint(name, known)}; a branch is one if it "
            otherwise += "is named among the 'spectators'"
            yield Mistake(keys, defined if name in task.definitions else otherwise)


def _unknown(keys: Keys, name: str, what: str, known: Collection[str]) -> Iterator[Mistake]:
    if name not in known:
        yield Mistake(keys, f"no {what} {name!r}: {hint(name, known)}")
