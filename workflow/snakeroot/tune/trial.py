"""One trial: a training at one point, or a rung of it, whose failure is a result too."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from snakeroot.data import tables
from snakeroot.data.files import finite, read_json, to_json, write_json
from snakeroot.errors import FaultError, SnakerootError
from snakeroot.jobs.subprocesses import Ended, in_subprocess
from snakeroot.train.point import applied
from snakeroot.train.settings import TrainSettings
from snakeroot.tune.results import failed
from snakeroot.tune.settings import TrialSettings

Json = dict[str, Any]

KILLED = ", as the kernel does where memory runs out (a smaller network, batch_size or memory_budget takes less)"


class Trial(NamedTuple):
    """A trial that is to be trained.

    Attributes:
        proposal: its number, its round and its point, as its result will have them.
        folder: what a training leaves, and what is kept of it if the job ends before its other trials are done.
        belongs: digest of all that the result follows from.
    """

    proposal: Json
    folder: Path
    belongs: str

    @property
    def _note(self) -> Path:
        return self.folder / "kept.json"

    @property
    def state(self) -> Path:
        """What the next rung goes on from, if the training has left any."""
        return self.folder / "state"

    def kept(self) -> tuple[Json, Json] | None:
        """Return the result and the record of an earlier start of this job, which ended later on; None without."""
        kept = read_json(self._note) if self._note.exists() else {}
        return (kept["result"], kept["record"]) if kept.get("belongs") == self.belongs else None

    def give_up(self, reason: str) -> tuple[Json, Json]:
        """Return a failure as result, and its record."""
        return self._keep(failed(reason), datetime.now(UTC), {})

    def train(self, settings: TrialSettings, files: list[str], begin: list[Path]) -> tuple[Json, Json]:
        """Train in a process of its own, by the words of the stage's command line; return the result and the record."""
        from snakeroot.train.__main__ import command  # noqa: PLC0415 - torch, once for all trials of a job

        start = datetime.now(UTC)
        outputs = {name: self.folder / name for name in ("weights", "metadata", "history", "checkpoint", "provenance")}
        try:
            model = training(settings, self.proposal["active"])
        except SnakerootError as error:  # a point that the settings refuse is refused in every attempt
            return self._keep(failed(str(error)), start, {})
        words = ["--spec", to_json({"settings": model.model_dump(mode="json")}), *files, "--tuned"]
        words += ["--begin", *map(str, begin), "--end", *([str(self.state)] if model.until else [])]
        words += [word for name, path in outputs.items() for word in (f"--{name}", str(path))]
        result = outcome(in_subprocess(command, words), outputs)
        device = read_json(outputs["provenance"]) if outputs["provenance"].exists() else {}
        return self._keep(result, start, device)

    def _keep(self, result: Json, start: datetime, device: Json) -> tuple[Json, Json]:
        times = {"start": start.isoformat(), "end": datetime.now(UTC).isoformat()}
        record: Json = {name: device[name] for name in ("accelerator", "gpus", "training_seconds") if name in device}
        record |= {"number": self.proposal["number"], **times}
        write_json({"belongs": self.belongs, "result": self.proposal | result, "record": record}, self._note)
        return self.proposal | result, record


def training(settings: TrialSettings, point: Json) -> TrainSettings:
    """Return the training at a point, with the settings of trials alone."""
    base = settings.model.model_dump(mode="json")
    model = {**base["settings"], "training": {**base["training"], **settings.training}}
    return settings.model.at(applied(model, point))


def outcome(ended: Ended, outputs: dict[str, Path]) -> Json:
    """Return what came of a training.

    Raises:
        FaultError: if it was ended by a full disk, a damaged file or the like, of which no result follows.
    """
    if ended.code < 0:
        suspicion = KILLED if ended.code == -signal.SIGKILL else ""
        return failed(f"its process was ended by signal {-ended.code}{suspicion}")
    said = ended.said.removeprefix("error: ")
    if ended.code == FaultError.code:
        raise FaultError(said)
    if ended.code:
        return failed(said or f"exit code {ended.code}")
    metadata = read_json(outputs["metadata"])
    history = tables.read(outputs["history"], ["validation_loss"])
    return {
        "state": "running" if metadata["ended"] == "rung" else "complete",
        "reason": metadata["ended"],
        "metrics": {**metadata["validation"], "parameters": metadata["parameters"]},
        "epochs": metadata["epochs"],
        "best_epoch": metadata["best_epoch"],
        "validation_loss": finite(history["validation_loss"].to_pylist()),
    }
