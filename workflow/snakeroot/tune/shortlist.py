"""`python -m snakeroot.tune.shortlist`: the best trials of a search, to be trained again with other seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from snakeroot.data.files import read_json, write_json
from snakeroot.jobs.command import main
from snakeroot.tune.ranking import complete, ranked
from snakeroot.tune.results import judged
from snakeroot.tune.settings import ShortlistSettings


def shortlist(
    settings: ShortlistSettings,
    history: Annotated[Path, "all trials (JSON)"],
    proposals: Annotated[Path, "JSON file to write: the points of the best trials, as those of a round"],
) -> None:
    """Write the best trials as a round to be trained: fewer, or none, where others have failed."""
    known = read_json(history)
    trials = complete(judged(known["trials"], settings.objective))
    best = ranked(trials, settings.objective[0])[: settings.count]
    points = [{name: trial[name] for name in ("point", "attributes")} for trial in best]
    numbers = [trial["number"] for trial in best]
    write_json({"round": known["round"] + 1, "first": 0, "trials": numbers, "proposals": points}, proposals)


if __name__ == "__main__":
    main(shortlist)
