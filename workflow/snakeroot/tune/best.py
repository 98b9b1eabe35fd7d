"""`python -m snakeroot.tune.best`: the best point of all trials, the trials as a table, and as a study of Optuna's."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import optuna
import pandas as pd
import pyarrow as pa
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from snakeroot.data import tables
from snakeroot.data.files import atomic, read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.tune.ranking import complete, ranked, signed
from snakeroot.tune.results import judged
from snakeroot.tune.settings import BestSettings, direction
from snakeroot.tune.study import distributions

Trials = Sequence[Mapping[str, Any]]


def choose(
    settings: BestSettings,
    history: Annotated[Path, "all trials (JSON)"],
    shortlist: Annotated[list[Path], "which of them were trained again (JSON); or none"],
    confirmed: Annotated[list[Path], "what came of it, seed by seed (JSON); or none"],
    best: Annotated[
        Path, "JSON file to write: the best point, and those that no other is better than in all objectives"
    ],
    table: Annotated[Path, "Parquet file to write: a row for each trial"],
    log: Annotated[Path, "study to write, which optuna-dashboard opens"],
) -> None:
    """Choose the best trial: of the first objective, if there are several.

    Only those that were trained to their end count, not those that were stopped early. Where the best were trained
    again with other seeds, the mean of these trainings decides: what a trial was listed for is good by chance, too.

    Raises:
        SnakerootError: if all others failed, with their reasons.
    """
    trials: Trials = judged(read_json(history)["trials"], settings.objective)
    ended = complete(trials)
    states = Counter(trial["state"] for trial in trials)
    if not ended:
        reasons = "; ".join(sorted({trial["reason"] for trial in trials if trial["state"] == "fail"}))
        raise SnakerootError(
            f"{states['fail']} of {len(trials)} trials of {settings.name} failed, and none is complete: {reasons}. "
            "Failures are results too: once what is wrong with the data or the machine is mended, "
            f"delete {history.parent} and run again"
        )
    first = ranked(ended, settings.objective[0])[0]
    front = [trial for trial in ended if not any(_beats(settings, other, trial) for other in ended)]
    again = [one for path in shortlist for one in _confirmations(settings, read_json(path)["trials"], confirmed)]
    if again:
        number = min(again, key=lambda one: one["rank"])["trial"]
        first = next(trial for trial in ended if trial["number"] == number)
    chosen = {
        "trial": first["number"],
        "point": first["active"],
        "metrics": first["metrics"],
        "front": [{"trial": t["number"], "point": t["active"], "metrics": t["metrics"]} for t in front],
        "failed": states["fail"],
        "pruned": states["pruned"],
        "confirmation": [{name: one[name] for name in ("trial", "values", "mean", "failed")} for one in again],
    }
    write_json(chosen, best)
    rows = pa.Table.from_pandas(frame(trials, list(settings.space)), preserve_index=False)
    tables.write([rows], rows.schema, table)
    write_study(settings, trials, log)


def _confirmations(settings: BestSettings, numbers: Sequence[int], results: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What the trainings of each trial with other seeds gave, the best mean having the lowest rank.

    One of which a training failed comes after all others: another seed might fail again.
    """
    objective = settings.objective[0]
    of_all = judged((trial for path in results for trial in read_json(path)["trials"]), settings.objective)
    for place, number in enumerate(numbers):
        own = [trial for trial in of_all if trial["number"] == place]
        there = complete(own)
        mean = float(np.mean([trial["metrics"][objective] for trial in there])) if there else None
        sign = 1 if direction(objective) == "minimize" else -1
        rank = (len(own) - len(there), math.inf if mean is None else sign * mean, place)
        values = [trial["metrics"][objective] for trial in there]
        yield {"trial": number, "values": values, "mean": mean, "failed": len(own) - len(there), "rank": rank}


def _beats(settings: BestSettings, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a trial is at least as good in all objectives, and better in one."""
    mine, theirs = (np.array([signed(trial, name) for name in settings.objective]) for trial in (one, other))
    return bool((mine <= theirs).all() and (mine < theirs).any())


def frame(trials: Trials, keys: Sequence[str]) -> pd.DataFrame:
    """Return a row for each trial: number, round, state, reason, metrics, epochs, and a column for each parameter."""
    measured = next((trial["metrics"] for trial in trials if trial["metrics"]), {"parameters": 0})
    rows = []
    for trial in trials:
        metrics = trial["metrics"] or dict.fromkeys(measured)
        row = {name: trial[name] for name in ("number", "round", "state", "reason", "epochs", "best_epoch")}
        rows.append(row | metrics | {key: trial["active"].get(key) for key in keys})
    table = pd.DataFrame(rows)
    table = table.astype(dict.fromkeys(measured, "float64"))  # of objects, where a metric is not known of any trial
    for name in ("epochs", "best_epoch", "parameters"):
        table[name] = table[name].astype("Int64")
    for key in keys:  # choices of different types have no common one but text
        if {type(value) for value in table[key].dropna()} - {int, float} and table[key].dtype == object:
            table[key] = table[key].map(lambda value: None if value is None else str(value))
    return table


def losses(trial: Mapping[str, Any]) -> dict[int, float]:
    """Return the validation loss after each epoch in which it was a number."""
    return {epoch: loss for epoch, loss in enumerate(trial["validation_loss"], 1) if loss is not None}


def write_study(settings: BestSettings, trials: Trials, log: Path) -> None:
    """Write the trials as a journal of Optuna's, with times and names of no meaning, so that its bytes are the same."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = distributions(settings.space)
    with atomic(log) as [part]:
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(part))),
            study_name=settings.name,
            directions=[direction(name) for name in settings.objective],
        )
        for trial in trials:
            failed = trial["state"] == "fail"
            made = create_trial(
                state=TrialState[trial["state"].upper()],
                values=None if failed else [trial["metrics"][name] for name in settings.objective],
                params=trial["active"],
                distributions={key: known[key] for key in trial["active"]},
                user_attrs={"round": trial["round"], "reason": trial["reason"]},
                intermediate_values={} if failed else losses(trial),
            )
            made.datetime_start = made.datetime_complete = datetime(2000, 1, 1)
            study.add_trial(made)
        lines = [json.loads(line) for line in part.read_text(encoding="utf-8").splitlines()]
        part.write_text(
            "".join(json.dumps({**line, "worker_id": "snakeroot"}) + "\n" for line in lines), encoding="utf-8"
        )


if __name__ == "__main__":
    main(choose)
