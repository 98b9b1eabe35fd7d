"""A finished run as an RO-Crate: files, and what made them, by the profile Provenance Run Crate.

https://www.researchobject.org/workflow-run-crate/profiles/provenance_run_crate: the workflow has steps (rules) and
tools (commands of stages); each job is an action of a tool, with what it read and wrote, and the run is an action of
the workflow. Neither hosts, users nor folders are told; times are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from snakeroot.origins import actions, payload
from snakeroot.origins.entities import METADATA, VERSION, Entities, Json
from snakeroot.origins.finished import Made, finished
from snakeroot.origins.workflow import Workflow

CRATE = f"https://w3id.org/ro/crate/{VERSION}"
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
UNSTATED = "No license is stated: all rights reserved"


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
    entities = Entities(payload.code(workflow) | config, actions.SNAKEFILE, rows=asked.rows, authors=asked.authors)
    tools = {made.record.stage: actions.tool(entities, made.record) for made in jobs}
    actions.workflow(entities, jobs, tools)
    for made in jobs:
        actions.job(entities, made, tools[made.record.stage])
    actions.run(entities, workflow.engine, jobs, list(config))
    _root(entities, workflow, jobs, asked)
    return entities


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
        "datePublished": actions.time(max(made.record.facts["end"] for made in jobs)),
        "license": _license(entities, asked.license),
        "conformsTo": profiles,
        "mainEntity": {"@id": actions.SNAKEFILE},
        "mentions": [{"@id": "#run"}, {"@id": "#engine-run"}, *({"@id": f"#job/{made.key}"} for made in jobs)],
        "author": entities.people,
    }
    entities.change("./", described)
    entities.change(METADATA, {"conformsTo": [{"@id": CRATE}, {"@id": WORKFLOW_CRATE}]})


def _license(entities: Entities, stated: str) -> Json:
    if not stated:
        return entities.add(at_id="#license", at_type="CreativeWork", name=UNSTATED, description=UNSTATED)
    url = stated if "://" in stated else f"https://spdx.org/licenses/{quote(stated)}"
    return entities.add(at_id=url, at_type="CreativeWork", name=stated, description=f"The license {stated}")
