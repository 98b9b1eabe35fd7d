"""What made a file, whether it is as it was made, and whether a run would make it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.origins import records
from snakeroot.origins.differences import Differences, Digests, between
from snakeroot.origins.records import Record
from snakeroot.origins.workflow import Job, NoRuleError, Workflow

Plan = Callable[[str], Workflow]
"""From a target to what Snakemake would do now."""


@dataclass(frozen=True)
class Explanation:
    """Of a file that a job has made.

    Attributes:
        file: as it was asked for.
        rule: that makes it; None if no rule does, now.
        wildcards: of the job.
        record: of the job that made it.
        states: of its outputs that were asked for: "same" as they were made, "changed" or "gone".
        differs: what is another now.
        reasons: why Snakemake would make it anew, in its words; none if it would not.
        updated: the inputs that would be new to it.
        unplanned: why nothing could be planned, or nothing.
    """

    file: str
    rule: str | None
    wildcards: dict[str, str]
    record: Record
    states: dict[str, str]
    differs: Differences
    reasons: list[str]
    updated: list[str]
    unplanned: str = ""

    @property
    def as_made(self) -> bool:
        """Whether the file is as the job made it."""
        return set(self.states.values()) <= {"same"}

    def facts(self) -> dict[str, Any]:
        """Return all of it, for programs."""
        record = self.record
        job = {name: fact for name, fact in record.facts.items() if name not in ("command", "inputs", "outputs")}
        return {
            "file": self.file,
            "rule": self.rule,
            "wildcards": self.wildcards,
            "provenance": str(record.path),
            "job": {**job, "command": ["python", *record.words]},
            "spec": record.spec,
            "inputs": record.inputs,
            "outputs": record.outputs,
            "as_made": self.as_made,
            "states": self.states,
            "now": {
                "made_anew": None if self.unplanned else bool(self.reasons),
                "reasons": self.reasons,
                "updated_inputs": self.updated,
                "differs": asdict(self.differs),
                "unknown": self.unplanned or None,
            },
        }


@dataclass(frozen=True)
class Step:
    """A job in the chain that leads to a file.

    Attributes:
        job: as it is planned now.
        file: the first of its outputs.
        explanation: of it; None if there is no record.
        missing: why there is none.
    """

    job: Job
    file: str
    explanation: Explanation | None
    missing: str = ""


@dataclass(frozen=True)
class Source:
    """A file that no rule makes.

    Attributes:
        sha256: as it is now.
        readers: what has read it: the file that was made of it, and whether it read what is there now.
    """

    file: str
    sha256: str | None
    bytes: int
    readers: dict[str, bool]


class Explainer:
    """Explains the files of a run in the working folder.

    Each file is read once.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._digests = Digests()
        self._planned: dict[str, Workflow] = {}

    def explain(self, file: str) -> Explanation | Source:
        """Explain a file.

        Raises:
            SnakerootError: saying what there is to do, if nothing is known of it.
        """
        _refuse_beside(file)
        try:
            workflow = self._workflow(file)
            job = workflow.making(file)
        except NoRuleError as error:
            return self._of_no_rule(file, error)
        except SnakerootError as error:
            if record := records.made(file):
                return self._former(file, record, str(error))
            raise
        if job is None:
            raise SnakerootError(f"{file}: Snakemake plans other files: name a file that a rule makes")
        if not Path(file).exists():
            raise SnakerootError(f"{file}: is not there yet: rule {job.rule} makes it: snakeroot run {file}")
        return self._of_job(file, job, workflow)

    def chain(self, file: str) -> Iterator[Step]:
        """Yield all jobs that lead to a file, which is explained already, from the ntuples on."""
        workflow = self._workflow(file)
        for job in self._upwards(file):
            yield self._step(job, workflow)

    def causes(self, file: str) -> Iterator[Step]:
        """Yield the jobs before a file's own that would run for more reasons than that their inputs are made anew."""
        workflow = self._workflow(file)
        for job in list(self._upwards(file))[:-1]:
            if set(job.reasons) - {"input files updated by another job"}:
                yield self._step(job, workflow)

    def _upwards(self, file: str) -> Iterator[Job]:
        workflow = self._workflow(file)
        job = workflow.making(file)
        yield from (one for one in (workflow.upwards(job) if job else ()) if one.outputs)

    def _step(self, job: Job, workflow: Workflow) -> Step:
        try:
            return Step(job, job.outputs[0], self._of_job(job.outputs[0], job, workflow, whole=True))
        except SnakerootError as error:
            return Step(job, job.outputs[0], None, str(error))

    def source(self, file: str) -> Source:
        """Return what there is to say of a file that no rule makes."""
        now = self._digests.of(file)
        readers = {
            next(iter(record.outputs), str(record.path)): record.inputs[file]["sha256"] == now
            for record in records.reading(file)
        }
        path = Path(file)
        return Source(file, now, path.stat().st_size if path.is_file() else 0, readers)

    def _workflow(self, file: str) -> Workflow:
        if file not in self._planned:
            self._planned[file] = self._plan(file)
        return self._planned[file]

    def _of_job(self, file: str, job: Job, workflow: Workflow, *, whole: bool = False) -> Explanation:
        if job.provenance is None:
            raise SnakerootError(f"{file}: rule {job.rule} is not Snakeroot's and keeps no record")
        path = Path(job.provenance)
        again = f"a run that makes it again writes one: snakeroot run --force {file}"
        if not path.exists():
            raise SnakerootError(f"{file}: rule {job.rule} makes it, but its record {path} is not there; {again}")
        record = records.read(path)
        asked = record.outputs if whole else record.of(file)
        if not asked:
            raise SnakerootError(f"{file}: rule {job.rule} makes it, but its record {path} is not of it; {again}")
        states = {name: self._digests.state(name, facts) for name, facts in asked.items()}
        differs = between(record, job, workflow, self._digests)
        return Explanation(file, job.rule, job.wildcards, record, states, differs, job.reasons, job.updated)

    def _former(self, file: str, record: Record, why: str) -> Explanation:
        """Explain what no job makes now."""
        states = {name: self._digests.state(name, facts) for name, facts in record.of(file).items()}
        return Explanation(file, None, {}, record, states, Differences(), [], [], why)

    def _of_no_rule(self, file: str, error: NoRuleError) -> Explanation | Source:
        if Path(file).is_dir():
            raise SnakerootError(f"{file}: is a folder: name a file in it") from error
        if record := records.made(file):
            job = next(iter(record.outputs))
            try:
                workflow = self._workflow(job)  # a file in a folder that is made as a whole
                made = workflow.making(file)
            except SnakerootError:
                return self._former(file, record, "no rule makes it with this config")
            self._planned[file] = workflow
            return self._of_job(file, made, workflow) if made else self._former(file, record, str(error))
        if not Path(file).exists():
            raise SnakerootError(f"{file}: there is no such file, and no rule that makes it")
        source = self.source(file)
        if not source.readers:
            raise SnakerootError(f"{file}: no rule makes it, and no job has read it")
        return source


def _refuse_beside(file: str) -> None:
    """Refuse what is beside the results, with the name of what it is beside."""
    folder, _, rest = file.partition("/")
    stem, known = rest.rpartition(".")[0], records.FOLDER.name
    if folder in ("logs", known):
        path = records.FOLDER / f"{stem}.json"
        outputs = read_json(path).get("outputs", {}) if path.exists() else {}
        of = f"; it belongs to {next(iter(outputs))}: explain that" if outputs else ""
        raise SnakerootError(f"{file}: is no result, but lies beside one{of}")
