"""`python -m snakeroot.apply model.onnx in.root out.root`: the scores of any ntuple, as a friend of its tree."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from snakeroot.errors import SnakerootError, printable
from snakeroot.jobs import lines


def apply(
    models: Annotated[list[Path], typer.Argument(help="model.onnx, or the files of all folds of a model")],
    ntuple: Annotated[str, typer.Argument(help="file to score, of any kind that Snakeroot reads, or its URL")],
    scored: Annotated[Path, typer.Argument(help="file to write: .root or .parquet")],
    sample: Annotated[
        str | None, typer.Option(help="read it like this sample of the task, where samples are read in different ways")
    ] = None,
    tree: Annotated[str | None, typer.Option(help="name of its tree, if it is not the task's")] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            help="values of the physics parameters that the model is told, as mass=500, once for each point; "
            "by default all points that it was trained at"
        ),
    ] = None,
    kind: Annotated[
        Literal["TTree", "RNTuple"], typer.Option("--format", help="of the tree in a .root file")
    ] = "TTree",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads of the network")] = 1,
) -> None:
    """Score each entry of an ntuple with an exported model, which says itself how its inputs are computed.

    The file that is written has as many entries, in the same order: NaN and `selected` False where the selection fails,
    the event id, and the fold that scored the entry. It is a friend of the ntuple's tree, whose name it has.

    Example: snakeroot apply results/vbf-higgs/models/mlp/model.onnx data.root scores.root
    """
    from snakeroot.apply import output
    from snakeroot.apply.entries import named
    from snakeroot.apply.model import load_all
    from snakeroot.apply.scores import Counts, points_for, scores, settings_for

    output.check(scored)
    if scored.exists() and scored.resolve() == Path(ntuple).resolve():
        raise SnakerootError(f"{scored}: the ntuple itself: name another file to write")
    known = load_all(models, threads)
    description = known[0].description
    settings, points = settings_for(description, ntuple, sample, tree), points_for(description, at or [])
    counts, start = Counts(), time.monotonic()
    tree = output.tree_name(settings.tree)
    with output.written(scored, tree, kind) as write, scores(known, ntuple, settings, counts, points) as chunks:
        for chunk in chunks:
            write(chunk["ids"] | named(description.model, chunk["predicted"], settings.rows))
    seconds = time.monotonic() - start
    rows = "" if settings.rows is None else f"{counts.rows:,} objects, "
    typer.echo(
        f"{printable(str(scored))}: {counts.entries:,} entries, {rows}{counts.scored:,} scored, in {seconds:.1f} s "
        f"({counts.entries / seconds:,.0f} entries/s)"
    )


def main() -> None:
    """Run the command; what its owner can mend is one message and exit code 1."""
    lines.begin(logging.WARNING)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(apply)
    try:
        app(prog_name="python -m snakeroot.apply")
    except SnakerootError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
