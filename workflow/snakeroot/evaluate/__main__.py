"""`python -m snakeroot.evaluate`: which commands the stage has; each is a module with a `--help` of its own."""

from __future__ import annotations

from snakeroot.commands import overview

SEARCH = tuple(f"search.{name}" for name in ("history", "front", "parallel", "importance", "slices"))
KINDS = (
    *(f"multiclass.{name}" for name in ("roc", "confusion", "scores")),
    *(f"regression.{name}" for name in ("prediction", "residuals", "response")),
    *(f"unsupervised.{name}" for name in ("errors", "latent", "clusters")),
)
COMMANDS = ("metrics", "inputs", "history", "roc", "rejection", "scores", "decision", *KINDS, *SEARCH)

if __name__ == "__main__":
    overview("evaluate", "Measure and draw how good the models of a task are", COMMANDS)
