"""What the scaling of a fold may know."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.jobs.spec import spec
from snakeroot.networks.inputs import Input
from snakeroot.scale.settings import ScaleSettings


def scale(project: Project, task: str) -> str:
    """Of a fold."""
    known = project.tasks[task]
    target = [Input(name="target")] if known.kind == "regression" else []
    inputs = sorted(known.inputs.values(), key=lambda one: one.name)
    targets = sorted(name for name, one in known.auxiliary.items() if one.kind == "regression")
    return spec(ScaleSettings(inputs=[*inputs, *target], targets=targets), "snakeroot.scale")
