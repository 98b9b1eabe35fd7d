"""What a run shows: its plan in one table, bars on a terminal or a line for each job in a pipe, and how it ended.

Snakemake hands over its records one after the other, from a thread of its own. All that it would print stands in its
log, .snakemake/log, as ever.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_snakeroot import outcome
from snakemake_logger_plugin_snakeroot.outcome import Job
from snakemake_logger_plugin_snakeroot.text import shown, table

if TYPE_CHECKING:
    from snakemake_logger_plugin_snakeroot.bars import Bars

TOLD = "told"
"""A record of ours that has this attribute is shown."""
_WHERE = re.compile(r'\w+(?:Error|Exception)(?: in (?:file|rule) .*)?:|File ".*", line \d+, in .*')
"""Lines of an error that say where in the workflow's code it was raised."""
_OF_JOBS = ("Command '", "Exiting because a job execution failed", "At least one job did not complete successfully")
"""What Snakemake says of failed jobs, of which the log says more."""


class LogHandler(LogHandlerBase):
    """Snakemake's records, as a user wants to see them."""

    def __post_init__(self) -> None:
        self.begin = time.monotonic()
        self.planned: dict[str, int] = {}
        self.reasons: dict[str, Counter[str]] = {}
        self.jobs: dict[int, Job] = {}
        self.running: set[int] = set()
        self.finished: dict[int, None] = {}  # in the order in which they end
        self.failed: dict[int, Job] = {}
        self.nothing = self.ended = False
        self.errors: list[str] = []
        quiet = {one.name for one in self.common_settings.quiet or ()}
        self.quiet = bool(quiet & {"ALL", "PROGRESS", "RULES"})
        self.bars: Bars | None = None

    writes_to_stream = property(lambda _: True)
    writes_to_file = property(lambda _: False)
    has_filter = property(lambda _: True)
    has_formatter = property(lambda _: True)
    needs_rulegraph = property(lambda _: False)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a record."""
        try:
            self._note(record)
        except Exception:  # as handlers do: it is shown, and the run goes on
            self.handleError(record)

    def _note(self, record: logging.LogRecord) -> None:
        facts = record.__dict__
        match facts.get("event"):
            case LogEvent.RUN_INFO:
                self._plan(facts["stats"])
            case LogEvent.JOB_INFO:
                self._job(facts)
            case LogEvent.JOB_STARTED:
                self.running |= set(facts["jobs"])
                self._draw()
            case LogEvent.JOB_FINISHED:
                self._finish(facts["job_id"])
            case LogEvent.JOB_ERROR:
                self._fail(facts)
            case LogEvent.ERROR:
                self._error(record.getMessage())
            case None:
                self._message(record)

    def _plan(self, stats: Mapping[str, int]) -> None:
        if self.planned:
            return
        self.planned = {rule: count for rule, count in stats.items() if rule not in ("total", "all")}
        if not self.common_settings.dryrun and not self.quiet:
            self._say(f"{outcome.counted(sum(self.planned.values()), 'job')} to run:")
            self._say(*(f"  {line}" for line in table(("rule", "jobs"), self._rows())))
            if outcome.on_terminal():
                from snakemake_logger_plugin_snakeroot.bars import Bars

                self.bars = Bars(self.planned)

    def _rows(self) -> list[list[str]]:
        rows = []
        for rule, count in sorted(self.planned.items()):
            why = ", ".join(
                f"{reason} ({number})" for reason, number in self.reasons.get(rule, Counter()).most_common(3)
            )
            rows.append([rule, str(count), *([why] if self.common_settings.dryrun else [])])
        return rows

    def _job(self, facts: Mapping[str, Any]) -> None:
        job = Job.of(facts)
        self.jobs[facts["jobid"]] = job
        self.reasons.setdefault(job.rule, Counter()).update([outcome.reason(str(facts["reason"]))])
        if self.common_settings.printshellcmds and facts.get("shellcmd"):
            self._say(f"{job}: {facts['shellcmd']}")
        self._draw()

    def _finish(self, number: int) -> None:
        self.running.discard(number)
        self.failed.pop(number, None)  # tried again, and well
        job = self.jobs.get(number)  # unknown if Snakemake was told to be quiet
        if number in self.finished or (job and job.rule == "all"):
            return
        self.finished[number] = None
        if job and not self.bars and not self.quiet:
            self._say(f"[{len(self.finished)}/{sum(self.planned.values())}] {job}")
        self._draw()

    def _fail(self, facts: Mapping[str, Any]) -> None:
        number = facts["jobid"]
        self.running.discard(number)
        job = self.jobs.get(number) or Job.of(facts)
        again = number in self.failed
        self.failed[number] = job.with_logs(facts.get("log") or [])
        if not again:
            self._say(f"failed: {job}")
        self._draw()

    def _error(self, text: str) -> None:
        lines = [line for line in text.splitlines() if not _WHERE.fullmatch(line.strip())]
        if lines:
            self.errors.append("\n".join(lines).removeprefix("Error: "))

    def _message(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Nothing to be done"):
            self.nothing = True
        elif record.levelno >= logging.ERROR:
            self._error(text)
        elif getattr(record, TOLD, False) or self.common_settings.verbose or self._warns(record):
            self._say(text)

    def _warns(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING and not self.quiet

    def _draw(self) -> None:
        if self.bars:
            done = Counter(self.jobs[number].rule for number in self.finished if number in self.jobs)
            active = Counter(self.jobs[number].rule for number in self.running if number in self.jobs)
            self.bars.draw(done, active)

    def _say(self, *lines: str) -> None:
        text = shown("\n".join(lines))
        if self.bars:
            self.bars.say(text)
        else:
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    def close(self) -> None:
        """Say how it ended: the errors last."""
        if not self.ended:
            self.ended = True
            if self.bars:
                self.bars.stop()
                self.bars = None
            self._end()
        super().close()

    def _end(self) -> None:
        every = sum(self.planned.values())
        if self.failed:
            self.errors = [text for text in self.errors if not text.startswith(_OF_JOBS)]
        if self.common_settings.dryrun and self.planned and not self.errors:
            self._say(f"{outcome.counted(every, 'job')} would run:")
            self._say(*(f"  {line}" for line in table(("rule", "jobs", "why"), self._rows())))
        elif self.nothing:
            self._say("Nothing to be done: all is there and up to date.", *outcome.where([]))
        elif every and not self.failed and not self.errors and len(self.finished) >= every:
            took = outcome.duration(time.monotonic() - self.begin)
            made = [file for number in self.finished if number in self.jobs for file in self.jobs[number].outputs]
            if not self.quiet:
                self._say(f"Done: {outcome.counted(every, 'job')} in {took}.", *outcome.where(made))
        elif every and not self.common_settings.dryrun and not self.quiet:
            self._say(f"Stopped after {len(self.finished)} of {outcome.counted(every, 'job')}; run it again to go on.")
        for text in self.errors:
            self._say(f"error: {text}" if not text.startswith("error") else text)
        for job in self.failed.values():
            self._say(*job.message())
