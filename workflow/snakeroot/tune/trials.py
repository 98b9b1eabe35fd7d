"""`python -m snakeroot.tune.trials`: trials of a round, one after the other, each in a process of its own."""

from __future__ import annotations

import functools
import hashlib
import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from snakeroot.data.files import atomic, digest, read_json, write_json
from snakeroot.jobs import devices
from snakeroot.jobs.command import main
from snakeroot.tune.halving import going_on, passed_on
from snakeroot.tune.results import judged
from snakeroot.tune.settings import TrialSettings
from snakeroot.tune.space import active
from snakeroot.tune.trial import Trial

ATTEMPTS = 3
"""Jobs that a trial may lose, to a scheduler or a dead machine, before that is its result."""


def trials(
    settings: TrialSettings,
    spec: str,
    proposals: Annotated[Path, "JSON file with the points of the round"],
    train: Annotated[list[Path], "Parquet files of the train split"],
    validation: Annotated[list[Path], "Parquet files of the validation split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    scaling: Annotated[Path, "JSON with mean and standard deviation of each feature"],
    reweighting: Annotated[list[Path], "JSON with factors on the weights; or none"],
    mixed: Annotated[list[Path], "Parquet files of variations of the train split; or none"],
    mixed_normalisations: Annotated[list[Path], "JSON with the factor of each sample of each of them; or none"],
    initial: Annotated[list[Path], "safetensors and JSON file of the network to begin with; or none"],
    checkpoint: Annotated[Path, "folder to write, for what an interrupted job goes on from"],
    before: Annotated[list[Path], "results of all trials of the round at the rung before (JSON); or none"],
    begin: Annotated[list[Path], "folder with the states of these trials at the rung before; or none"],
    result: Annotated[Path, "JSON file to write"],
    end: Annotated[
        list[Path], "folder to write, with a state for each trial that the next rung may go on with; or none"
    ],
    accelerator: Annotated[devices.Accelerator, "where to train"],
    gpus: Annotated[int, "GPUs"],
    attempt: Annotated[int, "how often this job has been started, this time included"],
) -> dict[str, Any]:
    """Train at proposed points, and write what came of it.

    Torch is imported once; how many trials a job has changes none of them. A divergence, a crash, or a trial that its
    job was killed in beyond the last attempt is a result with state "fail" and a reason. A trial that the rung before
    has ended, or that others were better than, passes its result on.
    """
    known = read_json(proposals)
    rivals: dict[int, dict[str, Any]] = {}
    further = None
    if settings.promotion:
        known_before = (trial for path in before for trial in read_json(path)["trials"])
        rivals = {trial["number"]: trial for trial in judged(known_before, [settings.promotion.objective])}
        further = going_on(list(rivals.values()), settings.promotion)
    files = ["--train", *map(str, train), "--validation", *map(str, validation)]
    files += ["--normalisation", str(normalisation), "--scaling", str(scaling)]
    files += ["--reweighting", *map(str, reweighting), "--initial", *map(str, initial)]
    files += ["--mixed", *map(str, mixed), "--mixed-normalisations", *map(str, mixed_normalisations)]
    files += ["--accelerator", accelerator, "--gpus", str(gpus), "--nodes", "1", "--node-gpus", "0"]
    varied = [*mixed, *mixed_normalisations]
    read = [*train, *validation, normalisation, scaling, *reweighting, *varied, *initial, proposals, *before]

    @functools.cache
    def belongs() -> str:  # reads all rows, so only where something is trained
        return hashlib.sha256(repr([spec, *digest(read)]).encode()).hexdigest()

    spent = attempt > ATTEMPTS
    done: list[tuple[dict[str, Any], dict[str, Any]]] = []
    states: dict[int, Path] = {}
    for place in settings.trials:
        number = known["first"] + place
        if place >= len(known["proposals"]):  # fewer trials than were to be trained again had come to their end
            break
        if further is not None and number not in further:
            now = datetime.now(UTC).isoformat()
            done.append((passed_on(rivals[number]), {"number": number, "start": now, "end": now}))
            continue
        point, attributes = (known["proposals"][place][name] for name in ("point", "attributes"))
        proposal = {"number": number, "round": known["round"], "point": point, "attributes": attributes}
        trial = Trial(proposal | {"active": active(settings.space, point)}, checkpoint / str(number), belongs())
        if not (came_of_it := trial.kept()):
            if spent:  # it is this one that the job never got beyond
                came_of_it = trial.give_up(f"its job was killed or lost {ATTEMPTS} times")
                spent = False
            else:
                logging.info("trial %d: %s", number, proposal["point"])
                came_of_it = trial.train(settings, files, [folder / state_name(number) for folder in begin])
        done.append(came_of_it)
        states[number] = trial.state
    for folder in end:
        folder.mkdir(parents=True, exist_ok=True)
        for number in (outcome["number"] for outcome, _ in done if outcome["state"] == "running"):
            with atomic(folder / state_name(number)) as [part]:
                shutil.copyfile(states[number], part)
    write_json({"trials": [outcome for outcome, _ in done]}, result)
    shutil.rmtree(checkpoint, ignore_errors=True)
    return {"trials": [record for _, record in done]}


def state_name(number: int) -> str:
    """Return the name of a trial's state in a folder of several."""
    return f"{number}.safetensors"


if __name__ == "__main__":
    main(trials)
