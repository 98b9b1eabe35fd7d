"""`snakeroot explain`: what made a file, and whether it is still what a run would make."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from snakemake_logger_plugin_snakeroot.text import say, table

from snakeroot.cli.run import arguments

if TYPE_CHECKING:
    from snakeroot.origins.differences import Change, Differences
    from snakeroot.origins.explanation import Explainer, Explanation, Source, Step

LONG = 60
"""Characters of a value that are shown of a setting that has changed."""
MOST = 5
"""Causes that are named."""


def explain(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="a file that a run has made, or one that a run has read")],
    chain: Annotated[bool, typer.Option("--all", help="also all jobs that lead to it, from the ntuples on")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Say what made a file, from which files, with which settings and code, and how to make it again.

    It compares checksums: whether the file is as it was made, and whether a run would make it anew now, and why.
    Words after FILE are Snakemake's, as those of `snakeroot run` are: --configfile other.yaml.

    Example: snakeroot explain results/report.html
    """
    from snakeroot.origins.explanation import Explainer, Explanation
    from snakeroot.origins.workflow import planned

    def plan(target: str) -> Any:
        return planned(arguments([target, *context.args]))

    file = os.path.relpath(file)
    explainer = Explainer(plan)
    found = explainer.explain(file)
    if not isinstance(found, Explanation):
        _say_source(found, as_json=as_json)
        return
    again = command(["run", "--force", file, *context.args])
    steps = list(explainer.chain(file)) if chain and not found.unplanned else []
    if as_json:
        facts = {**found.facts(), "again": again}
        say(json.dumps(facts | {"chain": list(map(_facts, steps))} if chain else facts, indent=2, allow_nan=False))
        return
    _say_origin(found)
    if chain:
        _say_chain(steps)
    say(f"As it was made: {_as_made(found)}")
    say(f"Would be made anew by a run now: {_anew(found, explainer)}")
    if found.rule:
        say(f"Make it again: {again}")


def command(words: Sequence[str]) -> str:
    """Return a command that works as it is printed: by a name that the shell finds, or by a path."""
    own = Path(sys.executable).with_name("snakeroot")
    known = shutil.which("snakeroot")
    if known and Path(known).parent == own.parent:
        program = ["snakeroot"]
    elif own.exists():
        program = [os.path.relpath(own) if own.is_relative_to(Path.cwd()) else str(own)]
    else:
        program = [sys.executable, "-m", "snakeroot.cli"]
    return shlex.join([*program, *words])


def _say_origin(found: Explanation) -> None:
    import yaml

    record, facts, spec = found.record, found.record.facts, found.record.spec
    names = ", ".join(f"{name} {value}" for name, value in found.wildcards.items())
    say(found.file)
    rule = f"rule {found.rule}{f' ({names})' if names else ''}: " if found.rule else ""
    say(f"  made by {rule}python -m {record.stage}")
    say(
        f"  {facts['start'][:19]} to {facts['end'][:19]} UTC, by {facts['user']} on {facts['host']}, {facts['machine']}"
    )
    say(f"  in {facts['directory']}; record: {record.path}")
    say(f"From {_counted(record.inputs, 'file')} (SHA-256, file):")
    for name, one in record.inputs.items():
        changed = found.differs.inputs.get(name)
        say(f"  {one['sha256']}  {name}{f'  ({changed} since)' if changed else ''}")
    say(f"To {_counted(record.outputs, 'file')}:")
    for name, one in record.outputs.items():
        say(f"  {one['sha256']}  {name}")
    say("Settings:")
    for line in yaml.safe_dump(spec["settings"], allow_unicode=True, width=110).splitlines():
        say(f"  {line}")
    commit = facts["commit"] or "unknown, as it was no git checkout"
    changed = ", with changes that were not committed" if commit.endswith("+") else ""
    say(f"Code: digest {spec['code']}, of {len(facts['modules'])} modules that were loaded")
    say(f"  Snakeroot {facts['snakeroot'] or '(not installed)'}, commit {commit.removesuffix('+')}{changed}")
    versions = (f"{name} {version}" for name, version in spec["packages"].items())
    say(f"  Python {facts['python']}, {', '.join(versions)}")


def _counted(things: Any, word: str) -> str:
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"


def _as_made(found: Explanation) -> str:
    if found.as_made:
        return "yes, its bytes have the checksum above" if len(found.states) == 1 else "yes, all of it"
    changed = [f"{name} is {state}" for name, state in found.states.items() if state != "same"]
    return f"no: {'; '.join(changed)}: it was edited, damaged or removed after it was made"


def _anew(found: Explanation, explainer: Explainer) -> str:
    if found.unplanned:
        return f"it cannot be said, as nothing can be planned: {found.unplanned}"
    why = list(_why(found.differs))
    if found.reasons:
        why += _causes(found, explainer)
        lines = ["yes", *(why or [f"Snakemake says: {', '.join(found.reasons)}"])]
    elif why:
        lines = ["no, as far as Snakemake's own records in .snakemake go; yet these are not those that made it:", *why]
    else:
        lines = ["no: settings, code, packages and inputs are those that made it"]
    return "\n  ".join(lines)


def _causes(found: Explanation, explainer: Explainer) -> Iterable[str]:
    """Yield what is made anew before, and why."""
    if not found.updated:
        return
    causes = list(explainer.causes(found.file))
    for step in causes[:MOST]:
        why = list(_why(step.explanation.differs)) if step.explanation else [step.missing]
        yield f"before it, {step.file} (rule {step.job.rule}): {'; '.join(why or step.job.reasons)}"
    if len(causes) > MOST:
        yield f"and before it {len(causes) - MOST} more"


def _why(differs: Differences) -> Iterable[str]:
    """Yield a line for each of settings, code, packages and inputs that differ."""
    if differs.settings:
        yield f"settings: {_changes(differs.settings)}"
    if differs.code:
        yield f"code: {', '.join(differs.modules) or 'a module that its job had not loaded'}"
    if differs.packages:
        yield f"packages: {_changes(differs.packages)}"
    if differs.inputs:
        yield f"inputs: {', '.join(f'{name} ({state})' for name, state in differs.inputs.items())}"


def _changes(changes: Sequence[Change]) -> str:
    return ", ".join(f"{one.key} {_short(one.then)} → {_short(one.now)}" for one in changes)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _say_chain(steps: Sequence[Step]) -> None:
    """A line for each job, in the order in which they run."""
    say(f"Chain, from the first job on ({_counted(steps, 'job')}):")
    for line in table(("rule", "as made", "made anew", "first output, and its SHA-256"), map(_row, steps)):
        say(f"  {line}")
    made = {output for step in steps for output in step.job.outputs}
    first: dict[str, str] = {}
    for step in steps:
        if step.explanation:
            inputs = step.explanation.record.inputs.items()
            first |= {name: one["sha256"] for name, one in inputs if not _made(name, made)}
    say(f"  from {_counted(first, 'file')} that no rule makes:")
    for name, digest in first.items():
        say(f"    {digest}  {name}")


def _made(name: str, outputs: set[str]) -> bool:
    return bool({name, *map(str, Path(name).parents)} & outputs)


def _row(step: Step) -> list[str]:
    found = step.explanation
    if found is None:
        return [step.job.rule, "unknown", _yes(bool(step.job.reasons)), step.missing]
    digest = next(iter(found.record.of(step.file).values()))["sha256"] if found.record.of(step.file) else ""
    return [step.job.rule, _yes(found.as_made), _yes(bool(found.reasons)), f"{step.file}  {digest}"]


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _facts(step: Step) -> dict[str, Any]:
    if step.explanation:
        return step.explanation.facts()
    return {"file": step.file, "rule": step.job.rule, "unknown": step.missing}


def _say_source(found: Source, *, as_json: bool) -> None:
    if as_json:
        facts = {"file": found.file, "rule": None, "sha256": found.sha256, "bytes": found.bytes}
        say(json.dumps(facts | {"read_by": found.readers}, indent=2, allow_nan=False))
        return
    say(f"{found.file}: no rule makes it; it is an input")
    say(f"  {found.sha256}  (SHA-256, {found.bytes:,} bytes)")
    say(f"Read by {_counted(found.readers, 'job')}, for:")
    for output, same in found.readers.items():
        say(f"  {output}: {'as it is now' if same else 'CHANGED since: a run makes this anew'}")
