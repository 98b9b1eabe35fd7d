"""What is wrong in the systematic variations that a model is to be trained on."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from snakeroot.config.files import SplitFiles
from snakeroot.config.model import Model
from snakeroot.config.schema import Task
from snakeroot.config.variations import Varied, chosen, placed, variations
from snakeroot.errors import hint
from snakeroot.settings import Mistake

Keys = tuple[str | int, ...]
AT: Keys = ("training", "variations")


def mistakes(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find names that mean no variation, and variations that cannot be trained on."""
    del module
    wanted = model.training.variations
    if tuning := model.tuning:
        given: list[Keys] = [("tuning", "training", key) for key in tuning.training if key == AT[1]]
        given += [("tuning", "space", key) for key in tuning.space if key == ".".join(map(str, AT))]
        for keys in given:
            yield Mistake(keys, "trials learn from what the model learns from: name it in its own training")
    if wanted and task.kind == "unsupervised":
        yield Mistake(AT, "rows of an unsupervised task all weigh the same: an event cannot share its weight")
        return
    known = variations(task)
    without_rows = {name for _, name, one in placed(task)} - {one.systematic for one in known.values()}
    of_all = sorted({*known, *(one.systematic for one in known.values())})
    for place, name in enumerate(wanted):
        if name in without_rows:
            text = f"{name!r} changes weights alone: its rows are the nominal ones, which are learned from anyway"
            yield Mistake((*AT, place), text)
        elif name not in of_all:
            yield Mistake((*AT, place), f"no variation {name!r}: {hint(name, of_all)}")
        elif set(chosen(task, [name])) & set(chosen(task, wanted[:place])):
            yield Mistake((*AT, place), f"{name!r} is named already")
        else:
            for one in chosen(task, [name]):
                yield from (Mistake((*AT, place), text) for text in _unfit(task, known[one]))


def _unfit(task: Task, varied: Varied) -> Iterator[str]:
    """Say why a variation cannot be trained on."""
    if not any(task.labelled(sample) for sample in varied.samples):
        yield f"{varied.name!r} is of no sample with a class"
    if varied.variation.weight is not None:
        yield f"{varied.name!r} has a 'weight' beside its rows, which a training would leave out: have two of them"
    if varied.variation.files and any(isinstance(task.samples[name].files, SplitFiles) for name in varied.samples):
        yield f"the files of {varied.name!r} are all of the test split, as those of the sample say theirs"
