"""What figures are told of targets beside the main one, otherwise than of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from snakeroot.evaluate.common.history import Quantity
from snakeroot.networks.metrics import METRICS, of_kind
from snakeroot.plotting.settings import Labelled, Model

if TYPE_CHECKING:
    from snakeroot.plan.facts import About


def quantities(about: About) -> list[Quantity]:
    """Return what is measured after each epoch; of what a model learns beside the main target, the loss."""
    metrics = {name: METRICS.load(name) for name in of_kind(about.known.kind)}
    found = [
        Quantity(name=name, title=one.TITLE, of_target=one.OF_TARGET, decades=one.DECADES)
        for name, one in metrics.items()
    ]
    models, label = about.project.models[about.task], about.known.evaluation.label
    others = about.project.others(about.task, about.subject) if about.subject in models else []
    return found + [Quantity(name=f"{one.name}.loss", title=f"Loss: {label(one.name)}", decades=True) for one in others]


def learners(about: About) -> list[Model]:
    """Return the models that learn it, called so that a figure says what it is about."""
    names = about.project.learners(about.task, about.other)
    return [model.model_copy(update={"label": named(about, model)}) for model in about.models() if model.name in names]


def named(about: About, model: Labelled) -> str:
    """Return what a model is called where it is about another target."""
    return f"{model.label}, {about.known.evaluation.label(about.other)}"


OF_OTHER: Mapping[str, Callable[[About], Any]] = {
    "other": lambda about: about.other,
    "models": learners,
    "model": lambda about: (one := about.labelled(about.subject)).model_copy(update={"label": named(about, one)}),
    "seed": lambda about: about.project.seed(about.figure.name, about.task, about.subject, about.other),
    "target": lambda about: about.known.evaluation.axis(about.other),
    "unit": lambda about: about.known.evaluation.axis(about.other).unit,
    "signal": lambda about: about.known.evaluation.label(about.other),
    "background": lambda about: f"not {about.known.evaluation.label(about.other)}",
    "reference": lambda _: None,
    "residual": lambda _: "absolute",
}
"""By the names of fields, as in snakeroot.plan.facts."""
