"""`python -m snakeroot.tune.trial`: one training at one point, or a rung of it, whose failure is a result too."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

from snakeroot import devices, tables
from snakeroot.command import main
from snakeroot.files import read_json, remove, to_json, whole, write_json
from snakeroot.train.settings import TrainSettings
from snakeroot.tune.halving import going_on, passed_on
from snakeroot.tune.settings import TrialSettings
from snakeroot.tune.space import active, applied

ATTEMPTS = 3
"""Jobs that a trial may lose, to a scheduler or a dead machine, before that is its result."""


def trial(
    settings: TrialSettings,
    proposals: Annotated[Path, "JSON file with the points of the round"],
    train: Annotated[list[Path], "Parquet files of the train split"],
    validation: Annotated[list[Path], "Parquet files of the validation split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    scaling: Annotated[Path, "JSON with mean and standard deviation of each feature"],
    checkpoint: Annotated[Path, "folder for what an interrupted trial goes on from"],
    before: Annotated[list[Path], "results of all trials of the round at the rung before (JSON); or none"],
    begin: Annotated[list[Path], "state of this trial at the rung before; or none"],
    result: Annotated[Path, "JSON file to write"],
    end: Annotated[list[Path], "state to write, for the next rung; empty where none goes on from it; or none"],
    accelerator: Annotated[devices.Accelerator, "where to train"],
    gpus: Annotated[int, "GPUs"],
    attempt: Annotated[int, "how often the job of this trial has been started, this time included"],
) -> dict[str, Any]:
    """Train at a proposed point in a process of its own, and write what came of it.

    A divergence, a crash, or a job that was killed beyond its last attempt is a result with state "fail" and a reason.
    A trial that the rung before has ended, or that others were better than, passes its result on, and imports no torch.
    """
    if settings.promotion:
        rivals = [read_json(path) for path in before]
        own = next(one for one in rivals if one["number"] == read_json(proposals)["first"] + settings.number)
        if own["number"] not in going_on(rivals, settings.promotion):
            leave(passed_on(own), result, end)
            return {}
    known = read_json(proposals)
    proposal = known["proposals"][settings.number]
    found: dict[str, Any] = {
        "number": known["first"] + settings.number,
        "round": known["round"],
        "point": proposal["point"],
        "active": active(settings.space, proposal["point"]),
        "attributes": proposal["attributes"],
    }
    outputs = {name: checkpoint / name for name in ("weights", "facts", "history", "checkpoint", "provenance")}
    if attempt > ATTEMPTS:
        outcome = failed(f"its job was killed or lost {ATTEMPTS} times")
    else:
        model = training(settings, found["active"])
        words = [
            sys.executable,
            "-m",
            "snakeroot.train",
            "--spec",
            to_json({"settings": model.model_dump(mode="json")}),
        ]
        words += ["--train", *map(str, train), "--validation", *map(str, validation)]
        words += ["--normalisation", str(normalisation), "--scaling", str(scaling), "--tuned"]
        words += ["--begin", *map(str, begin), "--end", *map(str, end)]
        words += [word for name, path in outputs.items() for word in (f"--{name}", str(path))]
        words += ["--accelerator", accelerator, "--gpus", str(gpus)]
        outcome = run(words, outputs)
    leave({**found, **outcome}, result, end)
    device = read_json(outputs["provenance"]) if outputs["provenance"].exists() else {}
    for path in outputs.values():
        remove(path)
    if checkpoint.exists() and not any(checkpoint.iterdir()):
        checkpoint.rmdir()
    return {name: device[name] for name in ("accelerator", "gpus", "training_seconds") if name in device}


def leave(found: dict[str, Any], result: Path, end: list[Path]) -> None:
    """Write the result, and an empty file in place of a state from which nothing is to go on."""
    if found["state"] != "running":
        for path in end:
            with whole(path) as [part]:
                part.touch()
    write_json(found, result)


def training(settings: TrialSettings, point: dict[str, Any]) -> TrainSettings:
    """Return the training at a point, with the settings of trials alone."""
    base = settings.model.model_dump(mode="json")
    model = {**base["settings"], "training": {**base["training"], **settings.training}}
    return settings.model.at(applied(model, point))


def run(words: list[str], outputs: dict[str, Path]) -> dict[str, Any]:
    """Train, and return the outcome. A SIGTERM is passed on, and ends this job without one: it will be started again.

    Raises:
        SystemExit: 143, after a SIGTERM.
    """
    told: list[int] = []
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, errors="replace") as process:

        def pass_on(number: int, _frame: object) -> None:
            told.append(number)
            process.send_signal(number)

        before = signal.signal(signal.SIGTERM, pass_on)
        said: list[str] = []
        for line in process.stderr or ():
            logging.info("%s", line.rstrip("\n"))
            said = [*said, line.strip()][-1:]
        code = process.wait()
        signal.signal(signal.SIGTERM, before)
    if told:
        raise SystemExit(128 + told[0])
    if code < 0:
        return failed(
            f"its process was ended by signal {-code}{' (out of memory?)' if code == -signal.SIGKILL else ''}"
        )
    if code:
        return failed(said[0].removeprefix("error: ") if said else f"exit code {code}")
    facts = read_json(outputs["facts"])
    history = tables.read(outputs["history"], ["validation_loss"])
    return {
        "state": "running" if facts["ended"] == "rung" else "complete",
        "reason": facts["ended"],
        "metrics": {**facts["validation"], "parameters": facts["parameters"]},
        "epochs": facts["epochs"],
        "best_epoch": facts["best_epoch"],
        "validation_loss": history["validation_loss"].to_pylist(),
    }


def failed(reason: str) -> dict[str, Any]:
    """Return the outcome of a trial that has none."""
    return {"state": "fail", "reason": reason, "metrics": None, "epochs": None, "best_epoch": None}


if __name__ == "__main__":
    main(trial)
