"""The words of the command `snakeroot`, and how each of them ends: 0, or 1 with one message."""

from __future__ import annotations

import logging
import sys

import typer
from snakemake_logger_plugin_snakeroot.text import tell

from snakeroot.apply.__main__ import apply
from snakeroot.cli import check, checksum, compare, crate, explain, init, inspect, run, snapshot
from snakeroot.errors import SnakerootError
from snakeroot.jobs import lines

HELP = """From ntuples to a trained and evaluated network, as one reproducible Snakemake workflow.

A first hour: `snakeroot inspect a.root`, then `snakeroot init mine --signal a.root --background b*.root`,
`snakeroot check`, `snakeroot run`, and open results/report.html.
"""

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Of commands whose further words are Snakemake's."""

app = typer.Typer(
    name="snakeroot", help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.command("inspect", no_args_is_help=True)(inspect.inspect)
app.command("init", no_args_is_help=True, cls=init.Several)(init.init)
app.command("check")(check.check)
app.command("checksum")(checksum.checksum)
app.command("apply", no_args_is_help=True)(apply)
app.command("run", cls=run.PassedOn, context_settings=PASSED_ON)(run.run)
app.command("explain", no_args_is_help=True, context_settings=PASSED_ON)(explain.explain)
app.command("snapshot", no_args_is_help=True, context_settings=PASSED_ON)(snapshot.snapshot)
app.command("compare", no_args_is_help=True)(compare.compare)
app.command("crate", context_settings=PASSED_ON)(crate.crate)


def main() -> None:
    """Run the command; what its owner can mend is one message and exit code 1."""
    lines.begin(logging.WARNING)
    try:
        app(prog_name="snakeroot")
    except SnakerootError as error:
        tell(f"error: {error}")
        sys.exit(1)
