"""`python -m snakeroot.<stage>`: a function's signature is its command line, its settings come as `--spec`."""

from __future__ import annotations

import argparse
import ast
import inspect
import logging
import re
import signal
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from pydantic import Field, ValidationError

from snakeroot.data import changes
from snakeroot.errors import SnakerootError
from snakeroot.jobs import lines, memory, provenance
from snakeroot.settings import Settings, explain

Facts = Mapping[str, Any]

WRITTEN = re.compile(r"\bto (be written|write)\b")
"""What the help of a file says that is written; any other one is read, and must not change meanwhile."""


class Command(NamedTuple):
    """A command line.

    Attributes:
        name: how it is called after `python -m`.
        text: its help.
        settings: the class of what comes as `--spec`.
        files: options: `Annotated[Path, help]` or, for several files, `Annotated[list[Path], help]`; other types are
            words that the results do not follow from.
        run: takes `settings` and the files by name; what it returns is noted in the provenance, but for `beside` and
            `verified`, which `provenance.record` tells of.
    """

    name: str
    text: str
    settings: type[Settings]
    files: Mapping[str, Any]
    run: Callable[..., Facts | None]


def main(stage: Callable[..., Facts | None], arguments: Sequence[str] | None = None) -> None:
    """Run a function as a command: what it takes beside `settings: <a Settings model>` are its options.

    One that names `spec: str` gets the spec's text too. Its docstring is the help text.
    """
    hints = typing.get_type_hints(stage, include_extras=True)
    names = [name for name in inspect.signature(stage).parameters if name not in ("settings", "spec")]
    name = _module(stage).removesuffix(".__main__")
    files = {name: hints[name] for name in names}
    run(Command(name, inspect.getdoc(stage) or "", hints["settings"], files, stage), arguments, spec="spec" in hints)


def run(command: Command, arguments: Sequence[str] | None = None, *, spec: bool = False) -> None:
    """Run a command with the settings and files of a command line.

    A `SnakerootError` becomes one message and its exit code; so does what there was no memory for. An input that
    changes while it is read is an error.

    Args:
        spec: whether the text of the spec is given too.
    """
    given = _parser(command).parse_args(arguments)
    start = datetime.now(UTC)
    lines.begin(logging.INFO, anew=True)
    # a scheduler's SIGTERM ends the stage as an exception would, so that temporary files are removed
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        more = {"spec": given.spec} if spec else {}
        files = {name: getattr(given, name) for name in command.files}
        before = changes.stamps(_paths(files.values()))
        read = _paths(files[name] for name in files if not WRITTEN.search(typing.get_args(command.files[name])[1]))
        ahead = provenance.Ahead(before) if given.provenance and getattr(given, "threads", 1) > 1 else None
        with changes.watched({path: before[path] for path in read}):
            facts = command.run(_settings(command.settings, given.spec), **more, **files)
            if given.provenance:
                provenance.record(given.provenance, start, facts or {}, before, ahead)
    except SnakerootError as error:
        _end(str(error), error.code)
    except Exception as error:
        if not (message := memory.lacking(error)):
            raise
        _end(message, SnakerootError.code)


def _end(message: str, code: int) -> NoReturn:
    ended = SystemExit(f"error: {message}")  # which Python prints, with exit code 1
    if code != SnakerootError.code:
        sys.stderr.write(f"{ended}\n")
        ended.code = code
    raise ended


def _paths(values: Iterable[Any]) -> Iterator[Path]:
    for value in values:
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, Path))


def _parser(command: Command) -> argparse.ArgumentParser:
    fields = [f"  {name}: {field.description or ''}".rstrip() for name, field in command.settings.model_fields.items()]
    parser = argparse.ArgumentParser(
        prog=f"python -m {command.name}",
        description=command.text,
        epilog="settings in the spec:\n" + "\n".join(fields),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--spec", required=True, metavar="JSON", help='{"settings": {…}}, as the workflow passes it')
    parser.add_argument("--provenance", type=Path, metavar="JSON", help="where to note host, times and versions")
    for name, annotated in command.files.items():
        kind, text = typing.get_args(annotated)
        text = text.replace("%", "%%")  # argparse formats it
        parser.add_argument(f"--{name.replace('_', '-')}", required=True, help=text, **_taken_as(kind))
    return parser


def _taken_as(kind: Any) -> dict[str, Any]:
    if kind == list[Path]:
        return {"type": Path, "nargs": "*"}
    if typing.get_origin(kind) is typing.Literal:
        return {"choices": typing.get_args(kind)}
    return {"type": kind}


def _module(stage: Callable[..., Any]) -> str:
    """The stage's module; while it runs as a command, Python calls it `__main__` and keeps its name aside."""
    running = sys.modules["__main__"].__spec__
    return running.name if stage.__module__ == "__main__" and running else stage.__module__


def _settings(model: type[Settings], spec: str) -> Settings:
    try:
        return typing.cast(Settings, _Spec[model].model_validate_json(spec).settings)  # type: ignore[valid-type]
    except ValidationError as error:
        raise SnakerootError(explain(error, "--spec")) from error


T = typing.TypeVar("T", bound=Settings)


class _Spec(Settings, typing.Generic[T]):
    settings: T
    code: str = ""
    packages: dict[str, str] = Field({})


def overview(stage: str, what: str, names: Sequence[str]) -> None:
    """Print the commands of a stage and the first line of each one's documentation."""
    folder = Path(__file__).parents[1] / stage
    lines = []
    for name in names:
        module = ast.parse((folder / f"{name.replace('.', '/')}.py").read_bytes())
        lines.append((ast.get_docstring(module) or "").splitlines()[0].replace("`", ""))
    argparse.ArgumentParser(
        prog=f"python -m snakeroot.{stage}",
        description=f"{what}, one command each:\n\n  " + "\n  ".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    raise SystemExit(f"name one of the commands: python -m snakeroot.{stage}.<command> --help")
