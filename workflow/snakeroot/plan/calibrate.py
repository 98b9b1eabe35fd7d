"""What a calibration is of, and may know."""

from __future__ import annotations

from snakeroot.calibrate.settings import CalibrateSettings
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.networks.objectives import Calibration


def calibrate(project: Project, task: str, model: str) -> str:
    """Of one network."""
    settings = CalibrateSettings(method=method(project, task, model), threads=project.threads(task, model))
    return spec(settings, "snakeroot.calibrate", *project.kind_modules(task, model))


def method(project: Project, task: str, model: str) -> Calibration:
    """Return what is fitted.

    Raises:
        SnakerootError: if nothing is.
    """
    found = project.models[task][model].calibration
    if not found:
        raise SnakerootError(f"{task}: the model {model!r} has no 'calibration'")
    return found


def of_network(project: Project, task: str, model: str) -> list[str]:
    """The pattern of the file that predictions of a model's networks take, if it has one."""
    return [paths.fill(paths.CALIBRATION, task=task, model=model)] if project.models[task][model].calibration else []
