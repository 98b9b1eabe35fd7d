"""When to write a checkpoint: every so often, and when the scheduler says that the job must go."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Watch:
    """Calls `save` when enough time has passed, and once more, to then exit, after a SIGTERM."""

    def __init__(self, save: Callable[[], None], minutes: float) -> None:
        self._save = save
        self._period = 60 * minutes
        self._next = time.monotonic() + self._period
        self._terminated = False

    def after_step(self) -> None:
        """Look at the clock and the signal; cheap enough for every step.

        Raises:
            SystemExit: 143, as of a process that SIGTERM ended, after the checkpoint is written.
        """
        if self._terminated:
            self._save()
            raise SystemExit(128 + signal.SIGTERM)
        if time.monotonic() >= self._next:
            self._save()
            self._next = time.monotonic() + self._period

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._terminated = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGTERM as a request while the block runs."""
        before = signal.signal(signal.SIGTERM, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)
