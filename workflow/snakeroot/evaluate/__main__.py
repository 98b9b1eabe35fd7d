"""`python -m snakeroot.evaluate`: which commands the stage has; each is a module with a `--help` of its own."""

from __future__ import annotations

from snakeroot.commands import overview

SEARCH = tuple(f"search.{name}" for name in ("history", "front", "parallel", "importance", "slices"))
COMMANDS = ("metrics", "inputs", "history", "roc", "rejection", "scores", "decision", *SEARCH)

if __name__ == "__main__":
    overview("evaluate", "Measure and draw how good the models of a task are", COMMANDS)
