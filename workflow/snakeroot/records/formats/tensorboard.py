"""Event files, for `tensorboard --logdir`: a folder for each run, in folders of its model and its task.

Each training and each trial is a session of the plugin HParams, so that its table has their settings beside what came
of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from snakeroot.records.runs import Run

PACKAGE = "tensorboard"

FILE = "events.out.tfevents.0.snakeroot"
"""TensorBoard knows event files by the middle of their names; most writers put the time and the host behind it."""


def write(runs: Sequence[Run], folder: Path) -> None:
    """Write an event file for each run."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    for run in runs:
        path = folder.joinpath(*run.path, FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        time = run.times.end.timestamp()
        with path.open("wb") as file:
            writer = RecordWriter(file)
            writer.write(Event(wall_time=time, file_version="brain.Event:2").SerializeToString())
            for step, summary in summaries(run):
                writer.write(Event(wall_time=time, step=step, summary=summary).SerializeToString())


def summaries(run: Run) -> Iterator[tuple[int, Any]]:
    """Yield all that is said of a run, each with its step: an epoch, or 0 for what is of the whole run."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    if run.kind in ("training", "trial"):
        yield 0, _session(run)
        yield 0, _ended(run)
    if run.settings:
        yield 0, _text("settings", "\n".join(["| | |", "|---|---|", *_table(run)]))
    if run.state != "complete":
        yield 0, _text("state", f"{run.state}: {run.reason}")
    for name, number in run.numbers.items():
        yield 0, Summary(value=[Summary.Value(tag=name, simple_value=number)])
    for name, curve in run.curves.items():
        for epoch, reached in enumerate(curve, 1):
            if reached is not None:
                yield epoch, Summary(value=[Summary.Value(tag=name, simple_value=reached)])
    for name, path in run.figures.items():
        png = path.read_bytes()
        width, height = struct.unpack(">II", png[16:24])
        image = Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png)
        yield 0, Summary(value=[Summary.Value(tag=name, image=image)])


def _session(run: Run) -> Any:
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    return hparams_pb(dict(run.settings), "/".join(run.path), run.times.start.timestamp())


def _ended(run: Run) -> Any:
    """How a session ended: the plugin has no word for one that was stopped early."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = {"complete": api_pb2.STATUS_SUCCESS, "fail": api_pb2.STATUS_FAILURE}.get(run.state, api_pb2.STATUS_UNKNOWN)
    info = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=run.times.end.timestamp())
    about = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=info))
    value = Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=about, tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])


def _text(tag: str, markdown: str) -> Any:
    from tensorboard.plugins.text.summary_v2 import text_pb

    return text_pb(tag, markdown)


def _table(run: Run) -> Iterator[str]:
    for name, value in run.settings.items():
        shown = str(value).replace("|", "\\|")
        yield f"| {name} | {shown} |"
