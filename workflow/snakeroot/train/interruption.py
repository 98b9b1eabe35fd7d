"""When to write a checkpoint: every so often, and when the scheduler says that the job must go."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import torch

from snakeroot.train.parallel import ALONE, CPU, Share, agree

TOGETHER = 16
"""Steps after which several processes ask each other; each of them saves its part at the same step."""


class CheckpointTimer:
    """Calls `save` when enough time or epochs have passed, and once more, to then exit, after a SIGTERM."""

    def __init__(
        self,
        save: Callable[[], None],
        minutes: float,
        epochs: int | None = None,
        share: Share = ALONE,
        device: torch.device = CPU,
    ) -> None:
        self._save, self._period, self._epochs = save, 60 * minutes, epochs
        self._share, self._device, self._steps = share, device, 0
        self._next = time.monotonic() + self._period
        self._terminated = False

    def after_step(self) -> None:
        """Look at the clock and the signal; cheap enough for every step.

        Raises:
            SystemExit: 143, as of a process that SIGTERM ended, after the checkpoint is written.
        """
        terminated, due = self._terminated, time.monotonic() >= self._next
        if not self._share.alone:
            self._steps += 1
            if self._steps % TOGETHER:
                return
            terminated, due = map(bool, agree([terminated, due], self._share, self._device))
        if terminated:
            self._save()
            agree([0], self._share, self._device)  # the end of one may end the others: the file is there first
            raise SystemExit(128 + signal.SIGTERM)
        if due:
            self._now()

    def after_epoch(self, epoch: int) -> None:
        """Count the epochs too."""
        if self._epochs and epoch % self._epochs == 0:
            self._now()
        self.after_step()

    def _now(self) -> None:
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
