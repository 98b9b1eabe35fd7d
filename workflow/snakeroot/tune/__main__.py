"""`python -m snakeroot.tune`: which commands the stage has; each is a module with a `--help` of its own."""

from __future__ import annotations

from snakeroot.jobs.command import overview

if __name__ == "__main__":
    overview("tune", "Search for better settings of a model", ("propose", "trials", "collect", "best"))
