"""What is wrong in keys of a task that say how it is evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from snakeroot.config.schema import Task
from snakeroot.errors import hint
from snakeroot.settings import Mistake


def _check_comparison(task: Task) -> Iterator[Mistake]:
    """Data are compared with yields, which there are for a luminosity."""
    given = task.evaluation
    if given.simulation_scaled_to == "luminosity" and not task.luminosity:
        text = "the task has no luminosity that yields are for: give 'luminosity', or scale to the data"
        yield Mistake(("evaluation", "simulation_scaled_to"), text)
    uncertain = given.normalisation_uncertainty
    for name in uncertain if isinstance(uncertain, dict) else ():
        keys = ("evaluation", "normalisation_uncertainty", name)
        if name not in task.samples:
            yield Mistake(keys, f"no such sample: {hint(name, task.samples)}")
        elif task.samples[name].data and not task.labelled(name):
            yield Mistake(keys, "the sample is data, which the yields are compared with")


CHECKS = (_check_comparison,)
