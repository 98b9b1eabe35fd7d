"""`snakeroot run`: the workflow."""

from __future__ import annotations

import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

import snakeroot

CORES = ("-c", "-j", "--cores", "--jobs", "--profile", "--workflow-profile")
"""Options that say how much runs at once."""
SNAKEFILE = ("-s", "--snakefile")


class PassedOn(TyperCommand):
    """A command whose words are Snakemake's, as they stand."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep all words but a --help."""
        asked = [word for word in args if word == "--help"]
        super().parse_args(ctx, asked)
        ctx.args = list(args)
        return args


def run(context: typer.Context) -> None:
    """Run the workflow: all tasks in config/config.yaml, or the targets that are named.

    All words are Snakemake's: `snakeroot run -n` shows what would run and why, `snakeroot run --cores 4` takes four
    cores (by default all), --quiet shows errors alone, `--workflow-profile profiles/slurm` runs on a farm. A run that
    was stopped goes on when it is started again.

    Example: snakeroot run --cores 8
    """
    from snakeroot.jobs.launch import launch

    try:
        raise typer.Exit(launch(arguments(context.args)))
    except KeyboardInterrupt:  # Snakemake got it too, and has said what there is to say
        raise typer.Exit(130) from None


def arguments(words: Sequence[str]) -> list[str]:
    """Return Snakemake's words: those that are given, all cores if they do not say how many, and our view."""
    end = words.index("--") if "--" in words else len(words)
    given = [word.partition("=")[0] for word in words[:end]]
    named = any(word in SNAKEFILE or word.startswith("-s") for word in given)
    there = named or any(Path(name).exists() for name in ("Snakefile", "workflow/Snakefile"))
    cores = any(word in CORES or word.startswith(("-c", "-j")) for word in given)
    view = [] if "--logger" in given else ["--logger", "snakeroot"]  # it takes all words up to the next option
    return [
        *([] if there else ["--snakefile", str(home() / "Snakefile")]),
        *([] if cores else ["--cores", "all"]),
        *words[:end],
        *view,
        *words[end:],
    ]


def home() -> Path:
    """Return the folder of our Snakefile: of the clone that the package lies in, or of what pip installed with it."""
    clone = Path(snakeroot.__file__).parents[2]
    return clone if (clone / "Snakefile").exists() else Path(sysconfig.get_path("data")) / "share/snakeroot"
