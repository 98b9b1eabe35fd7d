"""What Snakemake would do now: the jobs of a file and of all that it is made from."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakeroot.errors import SnakerootError

PROGRAM = Path(__file__).with_name("summary.py")
NO_RULE = "No rule to produce "


class NoRuleError(SnakerootError):
    """No rule makes a file."""


@dataclass(frozen=True)
class Job:
    """A job as it is planned now.

    Attributes:
        spec: settings, digest of the code, and packages; None of a job of another workflow.
        provenance: where its record is, unless it is of another workflow.
        reasons: why Snakemake would run it, in Snakemake's words; none if it would not.
        updated: the inputs that are new to it, or would be.
    """

    rule: str
    wildcards: dict[str, str]
    inputs: list[str]
    outputs: list[str]
    spec: dict[str, Any] | None
    provenance: str | None
    reasons: list[str]
    updated: list[str]


@dataclass(frozen=True)
class Workflow:
    """What is planned now.

    Attributes:
        package: folder of the package whose code the jobs would run.
        modules: the package's modules by the digest of code that is of them.
        engine: version of Snakemake.
        snakefile: that was named, or found.
        configfiles: that the values of the config are from.
        tasks: that the config names, whose files lie in `task_folder`.
    """

    package: Path
    modules: dict[str, list[str]]
    jobs: list[Job]
    engine: str = ""
    snakefile: Path = Path("Snakefile")
    configfiles: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    task_folder: str = "config/tasks"

    def making(self, file: str) -> Job | None:
        """Return the job that makes a file, or the folder that it lies in."""
        parents = {file, *map(str, Path(file).parents)}
        return next((job for job in self.jobs if parents & set(job.outputs)), None)

    def upwards(self, job: Job) -> Iterator[Job]:
        """Yield the job and all whose outputs it is made from, each once, after those that it is made from."""
        makers = {output: one for one in self.jobs for output in one.outputs}
        seen: set[int] = set()
        waiting: list[tuple[Job, bool]] = [(job, False)]
        while waiting:  # by hand, as chains of a search have thousands of jobs
            one, done = waiting.pop()
            if done:
                yield one
            elif id(one) not in seen:
                seen.add(id(one))
                waiting.append((one, True))
                waiting += [(makers[file], False) for file in reversed(one.inputs) if file in makers]


def planned(words: Sequence[str]) -> Workflow:
    """Have Snakemake plan, in a process of its own.

    Args:
        words: of its command line, with the target.

    Raises:
        NoRuleError: if no rule makes the target.
        SnakerootError: with Snakemake's message, of a mistake in the config for instance.
    """
    with tempfile.TemporaryDirectory(prefix="snakeroot-origins-") as folder:
        path = Path(folder) / "jobs.json"
        command = [sys.executable, "-P", str(PROGRAM), str(path), "--summary", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not path.exists():
            said = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("Using "))
            said = said.strip().removeprefix("error: ") or "Snakemake has not said why it cannot plan"
            raise (NoRuleError if said.startswith(NO_RULE) else SnakerootError)(said)
        found = json.loads(path.read_text(encoding="utf-8"))
    known = {"package": Path(found["package"]), "snakefile": Path(found["snakefile"])}
    return Workflow(**found | known | {"jobs": [Job(**job) for job in found["jobs"]]})
