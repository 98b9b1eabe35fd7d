"""What was done, as entities of an RO-Crate: the workflow with its steps and tools, each job, and the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from snakeroot.data.files import to_json
from snakeroot.origins.entities import Entities, Json
from snakeroot.origins.finished import Made
from snakeroot.origins.records import Record

SNAKEFILE = "Snakefile"
SNAKEMAKE = "https://snakemake.readthedocs.io"
LANGUAGE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
OWN_LICENSE = "https://spdx.org/licenses/BSD-3-Clause"
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
DONE = "http://schema.org/CompletedActionStatus"


def tool(entities: Entities, record: Record) -> Json:
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


def workflow(entities: Entities, jobs: Sequence[Made], tools: dict[str, Json]) -> None:
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


def job(entities: Entities, made: Made, tool: Json) -> None:
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
        startTime=time(record.facts["start"]),
        endTime=time(record.facts["end"]),
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


def run(entities: Entities, engine: str, jobs: Sequence[Made], config: Sequence[str]) -> None:
    """Add the run as a whole, and the engine that ran it."""
    outputs = {file: facts for made in jobs for file, facts in made.record.outputs.items()}
    inputs = {file: facts for made in jobs for file, facts in made.record.inputs.items()}
    times = {
        "startTime": time(min(made.record.facts["start"] for made in jobs)),
        "endTime": time(max(made.record.facts["end"] for made in jobs)),
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
    program = entities.add(
        at_id=SNAKEMAKE,
        at_type="SoftwareApplication",
        name="Snakemake",
        softwareVersion=engine,
        url=SNAKEMAKE,
    )
    entities.add(
        at_id="#engine-run",
        at_type="OrganizeAction",
        name=f"execution by Snakemake {engine}",
        instrument=program,
        object=[{"@id": f"#control/{made.key}"} for made in jobs],
        result=run,
        actionStatus=DONE,
        agent=entities.people,
        **times,
    )


def time(recorded: str) -> str:
    return datetime.fromisoformat(recorded).isoformat(timespec="seconds")
