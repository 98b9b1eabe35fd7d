"""A finished run as an RO-Crate: files, and what made them, by the profile Provenance Run Crate.

https://www.researchobject.org/workflow-run-crate/profiles/provenance_run_crate: the workflow has steps (rules) and
tools (commands of stages); each job is an action of a tool, with what it read and wrote, and the run is an action of
the workflow. Neither hosts, users nor folders are told; times are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from snakeroot.data.files import to_json
from snakeroot.errors import SnakerootError
from snakeroot.origins import payload, records
from snakeroot.origins.entities import METADATA, VERSION, Entities, Json
from snakeroot.origins.records import Record
from snakeroot.origins.workflow import Job, Workflow

CRATE = f"https://w3id.org/ro/crate/{VERSION}"
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
SNAKEFILE = "Snakefile"
SNAKEMAKE = "https://snakemake.readthedocs.io"
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
OWN_LICENSE = "https://spdx.org/licenses/BSD-3-Clause"
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
DONE = "http://schema.org/CompletedActionStatus"
UNSTATED = "No license is stated: all rights reserved"


class Made(NamedTuple):
    """A job, and its record."""

    job: Job
    record: Record

    @property
    def key(self) -> str:
        """What tells it from other jobs."""
        return quote(self.job.outputs[0])


@dataclass(frozen=True)
class Asked:
    """What only who publishes a run can say.

    Attributes:
        title: of the crate.
        license: of data and results, by its SPDX name or its URL; "": none is stated.
        authors: names, each with an ORCID behind it or without.
        rows: whether files that grow with the events are packed.
    """

    title: str = ""
    license: str = ""
    authors: Sequence[str] = ()
    rows: bool = False


def crate(workflow: Workflow, asked: Asked) -> Entities:
    """Describe a finished run.

    Raises:
        SnakerootError: if it is not finished, if a record is missing, or if a file is not as it was made.
    """
    jobs = finished(workflow)
    config = payload.config(workflow)
    entities = Entities(payload.code(workflow) | config, SNAKEFILE, rows=asked.rows, authors=asked.authors)
    tools = {made.record.stage: _tool(entities, made.record) for made in jobs}
    _workflow(entities, jobs, tools)
    for made in jobs:
        _job(entities, made, tools[made.record.stage])
    _run(entities, workflow, jobs, list(config))
    _root(entities, workflow, jobs, asked)
    return entities


def finished(workflow: Workflow) -> list[Made]:
    """Return all jobs with their records, in the order of the names of their outputs.

    Raises:
        SnakerootError: if a run would do anything, or if a record is missing.
    """
    jobs = [job for job in workflow.jobs if job.outputs]
    if waiting := [job.outputs[0] for job in jobs if job.reasons]:
        some = f"{len(waiting)} job{'s' * (len(waiting) > 1)} would run, for {payload.listed(waiting)}"
        raise SnakerootError(f"the run is not finished: {some}: snakeroot run")
    for job in jobs:
        if not job.provenance or not Path(job.provenance).exists():
            again = f"snakeroot run --force {job.outputs[0]}"
            raise SnakerootError(f"{job.outputs[0]}: there is no record of what made it; a run writes one: {again}")
    made = [Made(job, records.read(Path(job.provenance or ""))) for job in jobs]
    return sorted(made, key=lambda one: one.key)


def _tool(entities: Entities, record: Record) -> Json:
    """Add the command of a stage, with the packages that it imports."""
    packages = [
        entities.add(
            at_id=f"https://pypi.org/project/{name}/{version}/",
            at_type="SoftwareApplication",
            name=name,
            softwareVersion=version,
            url=f"https://pypi.org/project/{name}/{version}/",
        )
        for name, version in record.spec["packages"].items()
    ]
    return entities.add(
        at_id=f"#tool-{record.stage.replace(' ', '-')}",
        at_type="SoftwareApplication",
        name=f"python -m {record.stage}",
        softwareVersion=_version([record]),
        softwareRequirements=packages,
    )


def _version(several: Sequence[Record]) -> str:
    return next((record.facts["snakeroot"] for record in several if record.facts["snakeroot"]), "not installed")


def _workflow(entities: Entities, jobs: Sequence[Made], tools: dict[str, Json]) -> None:
    """Describe the Snakefile, its steps and its tools."""
    rules = {made.job.rule: tools[made.record.stage] for made in jobs}
    steps = [
        entities.add(at_id=f"#step-{rule}", at_type="HowToStep", name=rule, position=str(place), workExample=tool)
        for place, (rule, tool) in enumerate(sorted(rules.items()))
    ]
    language = entities.add(
        at_id=LANGUAGE,
        at_type="ComputerLanguage",
        name="Snakemake",
        identifier={"@id": SNAKEMAKE},
        url={"@id": SNAKEMAKE},
    )
    entities.add(at_id=OWN_LICENSE, at_type="CreativeWork", name="BSD-3-Clause")
    described = {
        "name": "Snakeroot: from ROOT ntuples to trained and evaluated networks",
        "programmingLanguage": language,
        "version": _version([made.record for made in jobs]),
        "license": {"@id": OWN_LICENSE},
        "conformsTo": {"@id": BIOSCHEMAS},
        "creator": entities.add(at_id="#developers", at_type="Organization", name="The Snakeroot developers"),
        "step": steps,
        "hasPart": [tools[stage] for stage in sorted(tools)],
        "input": [_parameter("config"), _parameter("inputs")],
        "output": _parameter("results"),
    }
    entities.change(SNAKEFILE, described)


def _parameter(name: str) -> Json:
    return {"@id": f"#parameter-{name}"}


def _examples(entities: Entities, name: str, files: Sequence[Json]) -> None:
    """Add a parameter of the workflow, and say of files that they are what it was in this run."""
    entities.add(at_id=_parameter(name)["@id"], at_type="FormalParameter", additionalType="File", name=name)
    for file in files:
        entities.change(file["@id"], {"exampleOfWork": _parameter(name)})


def _job(entities: Entities, made: Made, tool: Json) -> None:
    """Add a job: an action of a tool, and the execution of a step."""
    job, record, spec = made.job, made.record, made.record.spec
    commit = record.facts["commit"]
    what = ", ".join(f"{name} {value}" for name, value in job.wildcards.items())
    settings = to_json(spec["settings"])
    known = [
        entities.add(at_id=f"#settings/{made.key}", at_type="PropertyValue", name="settings", value=settings),
        entities.add(at_id=f"#code-{spec['code']}", at_type="PropertyValue", name="code", value=spec["code"]),
    ]
    action = entities.add(
        at_id=f"#job/{made.key}",
        at_type="CreateAction",
        name=f"{job.rule} ({what})" if what else job.rule,
        description=f"A job of rule {job.rule}, {f'at commit {commit}' if commit else 'of no git checkout'}.",
        instrument=tool,
        object=[*(entities.file(file, facts) for file, facts in record.inputs.items()), *known],
        result=[entities.file(file, facts) for file, facts in record.outputs.items()],
        startTime=_time(record.facts["start"]),
        endTime=_time(record.facts["end"]),
        actionStatus=DONE,
        agent=entities.people,
    )
    entities.add(
        at_id=f"#control/{made.key}",
        at_type="ControlAction",
        name=f"execution of step {job.rule}",
        instrument={"@id": f"#step-{job.rule}"},
        object=action,
        actionStatus=DONE,
    )


def _run(entities: Entities, workflow: Workflow, jobs: Sequence[Made], config: Sequence[str]) -> None:
    """Add the run as a whole, and the engine that ran it."""
    outputs = {file: facts for made in jobs for file, facts in made.record.outputs.items()}
    inputs = {file: facts for made in jobs for file, facts in made.record.inputs.items()}
    times = {
        "startTime": _time(min(made.record.facts["start"] for made in jobs)),
        "endTime": _time(max(made.record.facts["end"] for made in jobs)),
    }
    sources = [entities.file(file, facts) for file, facts in sorted(inputs.items()) if file not in outputs]
    ends = [file for file in sorted(outputs) if file not in inputs and entities.packed(file)]
    configs, results = list(map(entities.file, config)), [entities.file(file, outputs[file]) for file in ends]
    for name, files in (("config", configs), ("inputs", sources), ("results", results)):
        _examples(entities, name, files)
    run = entities.add(
        at_id="#run",
        at_type="CreateAction",
        name="run of the workflow",
        description=f"{len(jobs)} jobs, perhaps of several runs: a job runs again only for what has changed.",
        instrument={"@id": SNAKEFILE},
        object=[*configs, *sources],
        result=results,
        actionStatus=DONE,
        agent=entities.people,
        **times,
    )
    engine = entities.add(
        at_id=SNAKEMAKE,
        at_type="SoftwareApplication",
        name="Snakemake",
        softwareVersion=workflow.engine,
        url=SNAKEMAKE,
    )
    entities.add(
        at_id="#engine-run",
        at_type="OrganizeAction",
        name=f"execution by Snakemake {workflow.engine}",
        instrument=engine,
        object=[{"@id": f"#control/{made.key}"} for made in jobs],
        result=run,
        actionStatus=DONE,
        agent=entities.people,
        **times,
    )


def _root(entities: Entities, workflow: Workflow, jobs: Sequence[Made], asked: Asked) -> None:
    """Describe the crate as a whole."""
    tasks = ", ".join(workflow.tasks)
    profiles = [
        entities.add(at_id=url, at_type="CreativeWork", name=name, version=version)
        for url, (name, version) in PROFILES.items()
    ]
    described = {
        "name": asked.title or f"Snakeroot: {tasks}",
        "description": f"A run of Snakeroot: tasks {tasks}, from the config to the report, in {len(jobs)} jobs.",
        "datePublished": _time(max(made.record.facts["end"] for made in jobs)),
        "license": _license(entities, asked.license),
        "conformsTo": profiles,
        "mainEntity": {"@id": SNAKEFILE},
        "mentions": [{"@id": "#run"}, {"@id": "#engine-run"}, *({"@id": f"#job/{made.key}"} for made in jobs)],
        "author": entities.people,
    }
    entities.change("./", described)
    entities.change(METADATA, {"conformsTo": [{"@id": CRATE}, {"@id": WORKFLOW_CRATE}]})


def _time(recorded: str) -> str:
    return datetime.fromisoformat(recorded).isoformat(timespec="seconds")


def _license(entities: Entities, stated: str) -> Json:
    if not stated:
        return entities.add(at_id="#license", at_type="CreativeWork", name=UNSTATED, description=UNSTATED)
    url = stated if "://" in stated else f"https://spdx.org/licenses/{quote(stated)}"
    return entities.add(at_id=url, at_type="CreativeWork", name=stated, description=f"The license {stated}")
