"""What is wrong in the templates of a task whose keys are right alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from snakeroot.config.repeated import twins
from snakeroot.config.schema import Task
from snakeroot.config.systematics import columns_of, names, predicted, unknown
from snakeroot.config.variations import background, expected, moved, of_templates, signal
from snakeroot.settings import Mistake
from snakeroot.templates.choices import Optimised, Quantiles, Templates

DATA = "data_obs"
"""The histogram of what is observed, as Combine calls it."""


def mistakes(task: Task) -> Iterator[Mistake]:
    """Find all of them, at their keys."""
    if (templates := task.templates) is None:
        return
    for check in (_check_samples, _check_regions, _check_names):
        for mistake in check(task, templates):
            yield mistake.below("templates")


def _check_samples(task: Task, templates: Templates) -> Iterator[Mistake]:
    roles: dict[str, str] = {}
    for role in ("signal", "background"):
        for place, name in enumerate(getattr(templates, role) or []):
            yield from unknown((role, place), name, "sample", task.samples)
            if other := roles.get(name):
                yield Mistake((role, place), f"{name!r} is of {other} already")
            roles.setdefault(name, role)
    for role, found in (("signal", signal(task)), ("background", background(task))):
        if not found:
            yield Mistake((), f"no sample is {role}: name them, as {role}: [{next(iter(task.samples))}]")
    if (data := templates.data) is None:
        return
    if not (wrong := list(unknown(("data",), data, "sample", task.samples))):
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
                yield from names((*at, key), text, task, [*columns_of(task), *predicted(task)])
        binning = region.binning
        if isinstance(binning, Quantiles):
            for place, sample in enumerate(binning.samples or ()):
                keys = (*at, "binning", "samples", place)
                yield from unknown(keys, sample, "sample of the templates with a class", _split(task, expected(task)))
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
        for name, samples in ((name, moved(task, one)) for name, one in of_templates(task).items())
        for sample in samples
        for direction in ("Up", "Down")
    }
    for sample in expected(task):
        if sample == DATA:
            yield Mistake((), f"a sample cannot be called {DATA!r}: the histogram of what is observed is")
        if name := of_variations.get(sample):
            text = f"a variation of it would have a histogram {sample!r}, as the sample has: rename one"
            at = ("systematics", name) if name in templates.systematics else ()
            yield Mistake(at, text)
