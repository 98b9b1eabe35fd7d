"""`snakeroot inspect`: what is in ntuples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from snakemake_logger_plugin_snakeroot.text import say, table, tell

from snakeroot.errors import SnakerootError

if TYPE_CHECKING:
    from snakeroot.survey.branches import Branch
    from snakeroot.survey.content import Content


def inspect(
    files: Annotated[list[str], typer.Argument(help="files, or URLs (https://, root://), which are copied first")],
    tree: Annotated[str | None, typer.Option(help="look at this tree alone")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Show trees, branches, types, lengths of lists, ranges, and what is missing.

    It reads the first 10,000 entries of each tree, and says what may identify events, weigh them, and name their
    class.

    Example: snakeroot inspect signal.root
    """
    from snakeroot.survey.branches import describe
    from snakeroot.survey.content import contents

    found, failed = [], False
    for file in files:
        try:
            of_file = contents(file, tree)
        except SnakerootError as error:
            tell(f"error: {error}")
            failed = True
            continue
        for content in of_file:
            branches = [describe(name, array) for name, array in content.arrays.items()]
            record = _record(content, branches)
            found.append(record)
            if not as_json:
                _show(content, branches, record)
    if as_json:
        say(json.dumps(found, indent=2, allow_nan=False))
    if failed:
        raise typer.Exit(1)


def _record(content: Content, branches: Sequence[Branch]) -> dict[str, Any]:
    from snakeroot.survey import identity
    from snakeroot.survey.samples import Looked

    alone = Looked("", [content.file], 1, 1, content.tree, content.arrays, {})
    try:
        event = identity.event_id([alone], branches)
        found = {"branches": event.branches, "shared": event.shared, "named": event.named}
    except SnakerootError:
        found = None
    return {
        "file": content.file,
        "tree": content.tree,
        "entries": content.entries,
        "read": content.read,
        "branches": [one.record() for one in branches],
        "unreadable": content.problems,
        "event_id": found,
        "weights": list(identity.weights(branches)),
        "classes": [one.name for one in branches if one.hint == "class"],
    }


def _show(content: Content, branches: Sequence[Branch], record: dict[str, Any]) -> None:
    from snakeroot.survey.branches import percent

    number = len(record["branches"]) + len(record["unreadable"])
    tree = f"{content.tree}, " if content.tree else ""
    say(f"{content.file}: {tree}{content.entries:,} entries, {number} branches; {content.read:,} entries read")
    head = ("branch", "type", "lengths", "from", "to", "not a number", "sentinels", "")
    for line in table(head, map(_row, branches)):
        say(f"  {line}")
    for name, text in content.problems.items():
        say(f"  {name}: {text}")
    event = record["event_id"]
    if event:
        shared = f"{percent(event['shared'])} of the entries share it" if event["shared"] else "unique in what was read"
        guess = "" if event["named"] else ", which are not called like an event's number"
        say(f"event_id, perhaps: {', '.join(event['branches'])} ({shared}{guess})")
    if record["weights"]:
        say(f"weight, perhaps: {', '.join(record['weights'][:5])}")
    if record["classes"]:
        say(f"class, perhaps: {', '.join(record['classes'][:5])}")
    say()


def _row(branch: Branch) -> list[str]:
    from snakeroot.survey.branches import percent

    constant = branch.distinct == 1 and not branch.nan
    return [
        branch.name,
        branch.type,
        "–".join(map(str, branch.lengths)) if branch.lengths else "",
        _number(branch.lowest),
        _number(branch.highest),
        percent(branch.nan) if branch.nan else "",
        ", ".join(f"{value:g}: {percent(share)}" for value, share in branch.sentinels.items()),
        ", ".join(filter(None, ["constant" if constant else "", branch.hint])),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
