"""Snakemake in a fork of a process that has imported it, which is half of what planning takes.

Nothing of a project is imported before the fork, so each run reads the Snakefile and the package of its own folder.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["snakemake.cli", "snakemake.report.html_reporter", "pandas", "pydantic"])


def snakemake(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Return the exit code, and all that Snakemake says."""
    with tempfile.NamedTemporaryFile("r") as said:
        process = FORKS.Process(target=_run, args=(folder, environment, arguments, said.name))
        process.start()
        process.join()
        return process.exitcode, said.read()


def _run(folder: Path, environment: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    """What the fork does."""
    from snakemake import cli  # noqa: PLC0415 - never in the process of the tests

    output = os.open(said, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["snakemake", *arguments]
    cli.main()
