"""Bars of a run on a terminal: one for all jobs, and one for each rule that is at work, with the time that is left."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

ALL = "all jobs"


class Bars:
    """A live view, which leaves nothing behind."""

    def __init__(self, planned: Mapping[str, int]) -> None:
        self.console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self.progress = Progress(
            *columns,
            TextColumn("left:"),
            TimeRemainingColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self.tasks: dict[str, TaskID] = {ALL: self.progress.add_task(ALL, total=sum(planned.values()))}
        for rule, count in planned.items():
            self.tasks[rule] = self.progress.add_task(rule, total=count, visible=False, start=False)
        self.progress.start()

    def draw(self, done: Mapping[str, int], active: Mapping[str, int]) -> None:
        """Show how many jobs of each rule are done, and which rules are at work."""
        for rule, task in self.tasks.items():
            if rule == ALL:
                self.progress.update(task, completed=sum(done.values()))
            else:
                if active.get(rule):
                    self.progress.start_task(task)
                self.progress.update(task, completed=done.get(rule, 0), visible=bool(active.get(rule)))

    def say(self, text: str) -> None:
        """Print lines above the bars, as they are."""
        self.console.print(Text(text))

    def stop(self) -> None:
        """Take the bars away."""
        self.progress.stop()
