"""What differs between a job as it was recorded and as it is planned now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakeroot.jobs.provenance import files, sha256
from snakeroot.origins.records import FOLDER, Record
from snakeroot.origins.workflow import Job, Workflow

NONE = "(none)"
"""Stands for a value that there is not."""


@dataclass(frozen=True)
class Change:
    """A value that is another one now.

    Attributes:
        key: of settings, keys with dots between them; of packages, the name.
        then: as it was recorded; NONE where there was none.
        now: as it is planned; NONE where there is none.
    """

    key: str
    then: Any
    now: Any


@dataclass(frozen=True)
class Differences:
    """What differs.

    Attributes:
        settings: by key.
        code: whether it is another.
        modules: of the code, those that are another or new, as far as they are known; comments count here.
        packages: by name.
        inputs: "changed", "gone", "new" (it is read only now) or "left out" (it was read only then), by file.
    """

    settings: list[Change] = field(default_factory=list)
    code: bool = False
    modules: list[str] = field(default_factory=list)
    packages: list[Change] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.settings or self.code or self.packages or self.inputs)


class Digests:
    """The SHA-256 of files as they are now, each computed once."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}

    def of(self, file: str) -> str | None:
        """Return it; None if there is no such file."""
        if file not in self._known:
            path = Path(file)
            self._known[file] = sha256(path) if path.is_file() else None
        return self._known[file]

    def state(self, file: str, then: Mapping[str, Any]) -> str:
        """Return "same", "changed" or "gone" of a file, or "remote" of one that is not looked at."""
        if "://" in file:
            return "remote"
        now = self.of(file)
        return "gone" if now is None else "same" if now == then["sha256"] else "changed"


def between(record: Record, job: Job, workflow: Workflow, digests: Digests) -> Differences:
    """Return what differs between a record and the job that is planned now."""
    then, now = record.spec, job.spec or record.spec
    code = then.get("code") != now["code"]
    return Differences(
        settings=list(changes(then["settings"], now["settings"])),
        code=code,
        modules=_modules(record, workflow, now["code"]) if code else [],
        packages=list(changes(then.get("packages", {}), now["packages"])),
        inputs=_inputs(record, job, digests),
    )


def changes(then: Any, now: Any, key: str = "") -> Iterator[Change]:
    """Yield what differs in two values of JSON; lists of one length are compared place by place."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in [*then, *(name for name in now if name not in then)]:
            yield from changes(then.get(name, NONE), now.get(name, NONE), f"{key}.{name}" if key else name)
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from changes(one, other, f"{key}.{place}")
    elif then != now or type(then) is not type(now):
        yield Change(key, then, now)


def _modules(record: Record, workflow: Workflow, code: str) -> list[str]:
    """Return those of the modules that the code now is of whose text is another than the one that the job loaded."""
    then: dict[str, str] = record.facts["modules"]
    found = []
    for name in workflow.modules[code]:
        path = workflow.package.joinpath(*name.split(".")[1:])
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        # what the job had no need to load is unknown
        if name in then and sha256(file) != then[name]:
            found.append(name)
        if path.is_dir():
            beside = (one for one in sorted(path.iterdir()) if f"{name}/{one.name}" in then)
            found += [f"{name}/{one.name}" for one in beside if sha256(one) != then[f"{name}/{one.name}"]]
    return found


def _inputs(record: Record, job: Job, digests: Digests) -> dict[str, str]:
    read = record.inputs
    found = {file: digests.state(file, facts) for file, facts in read.items()}
    found = {file: state for file, state in found.items() if state not in ("same", "remote")}
    planned = {str(file) for name in job.inputs for file in files(Path(name))}
    found |= dict.fromkeys(sorted(planned - set(read)), "new")
    # a job also reads what it is not told of by Snakemake, as the records that a figure of times shows
    return found | {file: "left out" for file in sorted(_of_rule(read) - planned) if file not in found}


def _of_rule(read: Mapping[str, Any]) -> set[str]:
    return {file for file in read if "://" not in file and FOLDER.name not in Path(file).parts}
