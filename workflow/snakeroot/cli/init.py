"""`snakeroot init`: a task file from nothing but ntuples."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from snakemake_logger_plugin_snakeroot.text import say, tell
from typer.core import TyperCommand

from snakeroot.errors import SnakerootError

MANY = ("--signal", "--background", "--class")
"""Options that take all words up to the next option, as a shell makes several of b*.root."""


class Several(TyperCommand):
    """A command with such options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write the option before each of its words; those of a class keep the class's name."""
        words: list[str] = []
        option, name = "", ""
        for word in args:
            head, equals, value = word.partition("=")
            begins = word.startswith("-")
            if begins:
                option, name = (head if head in MANY else ""), ""
            if not option:
                words.append(word)
            elif not begins or equals:
                file = value if begins else word
                if option == "--class":
                    label, given, _ = file.partition("=")
                    name = label if given else name
                    file = file if given else f"{name}={file}"
                words += [option, file]
        return super().parse_args(ctx, words)


def init(
    name: Annotated[str, typer.Argument(help="name of the task: config/tasks/NAME.yaml")],
    signal: Annotated[
        list[str] | None, typer.Option(help="files, patterns or URLs; several, one after the other")
    ] = None,
    background: Annotated[list[str] | None, typer.Option(help="likewise")] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class", help="NAME=files, once for each class of a task with more than two", metavar="NAME=FILE"
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="an expression: a regression of it, from the samples that --class names")
    ] = None,
    tree: Annotated[
        str | None, typer.Option(help="name of the tree; by default the largest that all files have")
    ] = None,
) -> None:
    """Write a task file that runs as it is, and name it in config/config.yaml.

    It reads the first 10,000 entries of each sample, from up to 10 of its files, chooses event_id, weight and
    features, and says in comments why. It asks nothing and overwrites nothing.

    Example: snakeroot init higgs --signal signal.root --background zz_*.root
    """
    from snakeroot.survey.draft import draft
    from snakeroot.survey.project import enlist, task_file, write
    from snakeroot.survey.samples import look

    samples = _samples(signal, background, classes, target)
    _check_name(name)
    path = task_file(name)
    found = draft(name, look(samples, tree), target)
    write(path, found.text)
    say(f"{path}: written: {found.facts[0]}")
    for fact in found.facts[1:]:
        say(f"  {fact}")
    say(enlist(name))
    _check(name)
    say("Next: snakeroot run -n (what would run), or snakeroot run")


def _samples(
    signal: list[str] | None, background: list[str] | None, classes: list[str] | None, target: str | None
) -> dict[str, list[str]]:
    """Return the files by class."""
    found: dict[str, list[str]] = {}
    for kind, files in (("signal", signal), ("background", background)):
        found |= {kind: files} if files else {}
    for word in classes or []:
        kind, given, file = word.partition("=")
        if not given or not kind or not file:
            raise SnakerootError(f"--class {word}: write --class NAME=files")
        _check_name(kind)
        found.setdefault(kind, []).append(file)
    if target is None and len(found) < 2:
        raise SnakerootError("name files of two classes: --signal a.root --background b*.root, or --class NAME=files")
    if not found:
        raise SnakerootError("--target wants files to learn it from: --class NAME=files")
    if target is None and len(found) == 2 and set(found) != {"signal", "background"}:
        raise SnakerootError("two classes are called signal and background: --signal and --background")
    return found


def _check_name(name: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    from snakeroot.data.paths import RESERVED_TASKS
    from snakeroot.settings import Name

    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise SnakerootError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
    if name.lower() in RESERVED_TASKS:
        raise SnakerootError(f"a task cannot be called {name!r}: results/{name} has another meaning")


def _check(name: str) -> None:
    """Say what is wrong with what was written: it is sound in the entries that were read."""
    from snakeroot.survey.check import check

    found = check([name])
    for line in found.warnings:
        tell(f"warning: {line}")
    if found.mistakes:
        raise SnakerootError("\n".join(["mend the new task file:", *found.mistakes]))
