"""`python -m snakeroot.tune.collect`: the results of a round, after those of the rounds before it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from snakeroot.data.files import read_json, write_json
from snakeroot.jobs.command import main
from snakeroot.tune.settings import CollectSettings


def collect(
    settings: CollectSettings,
    before: Annotated[list[Path], "the trials of all rounds before (JSON); none for the first round"],
    results: Annotated[list[Path], "results of the round's jobs (JSON)"],
    history: Annotated[Path, "JSON file to write: all trials so far, in the order of their numbers"],
) -> None:
    """Append a round, whatever the order in which its trials have ended."""
    trials = [trial for path in before for trial in read_json(path)["trials"]]
    ended = [trial for path in results for trial in read_json(path)["trials"]]
    trials += sorted(ended, key=lambda trial: int(trial["number"]))
    write_json({"round": settings.round, "trials": trials}, history)


if __name__ == "__main__":
    main(collect)
