"""A database of MLflow's (SQLite) with its artifacts beside it, for `mlflow ui`.

A task is an experiment, a model is a run, and its trainings and trials are runs within it. Artifacts have the scheme
`mlflow-artifacts`, so that the folder can be moved: it is for who starts the server to say where they are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from snakeroot.records.runs import Run

PACKAGE = "mlflow"

DATABASE, ARTIFACTS = "mlflow.db", "artifacts"

STATUS = {"complete": "FINISHED", "pruned": "KILLED", "fail": "FAILED"}
"""In MLflow's words."""

METRICS, PARAMETERS, LONGEST = 1000, 100, 6000
"""What MLflow takes at once, and the longest text of a setting (mlflow.utils.validation)."""


def write(runs: Sequence[Run], folder: Path) -> None:
    """Write the database and copy the figures.

    The database is made on this machine's own disk: on those of a network SQLite's locks may be missing, or slow.
    """
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}  # before it is imported
    from mlflow import MlflowClient

    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / DATABASE
        client = MlflowClient(f"sqlite:///{database}")
        client.delete_experiment("0")  # the one that MLflow makes itself, which would stay empty
        experiments: dict[str, str] = {}
        numbers: dict[tuple[str, ...], str] = {}
        for run in runs:
            task = run.path[0]
            if task not in experiments:
                experiments[task] = client.create_experiment(task, f"mlflow-artifacts:/{task}")
            made = client.create_run(
                experiments[task],
                start_time=_milliseconds(run.times.start),
                tags=_tags(run) | _parent(run, numbers),
                run_name=_name(run),
            )
            numbers[run.path] = made.info.run_id
            _fill(client, made, run)
            _copy(run, folder / ARTIFACTS / _place(made.info.artifact_uri))
            client.set_terminated(made.info.run_id, STATUS[run.state], _milliseconds(run.times.end))
        shutil.copyfile(database, folder / DATABASE)


def _name(run: Run) -> str:
    """Runs of trainings and trials say whose they are, as lists may show them without their parents."""
    return "all models" if run.kind == "task" else " ".join(run.path[1:])


def _tags(run: Run) -> dict[str, str]:
    tags = {"kind": run.kind, "task": run.path[0], "state": run.state}
    tags |= {"model": run.path[1]} if run.kind != "task" else {}
    return tags | ({"reason": run.reason, "mlflow.note.content": run.reason} if run.reason else {})


def _parent(run: Run, numbers: dict[tuple[str, ...], str]) -> dict[str, str]:
    return {"mlflow.parentRunId": numbers[run.path[:-1]]} if run.kind in ("training", "trial") else {}


def _fill(client: Any, made: Any, run: Run) -> None:
    """Log the numbers and the settings of a run."""
    from mlflow.entities import Metric, Param

    time, number = _milliseconds(run.times.end), made.info.run_id
    settings = [Param(name, _short(str(value))) for name, value in run.settings.items()]
    for first in range(0, len(settings), PARAMETERS):
        client.log_batch(number, params=settings[first : first + PARAMETERS])
    metrics = [Metric(name, value, time, step) for name, value, step in _steps(run)]
    for first in range(0, len(metrics), METRICS):
        client.log_batch(number, metrics=metrics[first : first + METRICS])


def _steps(run: Run) -> Iterator[tuple[str, float, int]]:
    """Yield each number of a run with its name and its step: an epoch, or 0 for what is of the whole run."""
    yield from ((name, value, 0) for name, value in run.numbers.items())
    for name, curve in run.curves.items():
        yield from ((name, value, epoch) for epoch, value in enumerate(curve, 1) if value is not None)


def _copy(run: Run, folder: Path) -> None:
    for name, path in run.figures.items():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / f"{name}.png")


def _place(uri: str) -> PurePosixPath:
    """Return where the artifacts of a run are below those of all."""
    return PurePosixPath(urlsplit(uri).path.lstrip("/"))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)
