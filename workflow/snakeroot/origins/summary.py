"""`snakemake --summary` as JSON, with the spec of each job and why it would run: a program of its own.

It imports nothing of `snakeroot`, whose package the Snakefile chooses. Options, profiles, config and messages are
Snakemake's: only the lines of its summary are ours.

Its arguments are the file to write, and Snakemake's. `snakeroot.origins.workflow.Workflow` says what the JSON has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import snakemake
from snakemake import cli
from snakemake.dag import DAG


def described(job: Any, reason: Any) -> dict[str, Any]:
    """Return what there is to say of a job."""
    params = dict(job.params.items())
    return {
        "rule": job.rule.name,
        "wildcards": dict(job.wildcards_dict),
        "inputs": [str(file) for file in job.input],
        "outputs": [str(file) for file in job.output],
        "spec": json.loads(params["spec"]) if "spec" in params else None,
        "provenance": params.get("provenance"),
        "reasons": list(reason.get_names()) if reason else [],
        "updated": sorted(map(str, set(reason.updated_input) | set(reason.updated_input_run))) if reason else [],
    }


def main(path: Path, words: list[str]) -> None:
    """Have Snakemake plan what `words` say, and write its jobs to `path`."""

    async def summary(dag: Any, detailed: bool = False) -> AsyncIterator[str]:  # noqa: ARG001
        # jobs of other rules than ours may have neither a spec nor a record
        jobs = [described(job, dag.reason(job)) for job in sorted(dag.jobs, key=lambda job: job.jobid)]
        specs = sys.modules["snakeroot.jobs.spec"]
        codes = {job["spec"]["code"] for job in jobs if job["spec"]}
        modules = {code: specs.modules(code) for code in codes}
        flow = dag.workflow
        found = {
            "package": str(specs.ROOT),
            "modules": modules,
            "jobs": jobs,
            "engine": snakemake.__version__,
            "snakefile": str(flow.main_snakefile),
            "configfiles": list(map(str, flow.configfiles)),
            "tasks": flow.config.get("tasks", []),
            "task_folder": flow.config.get("task_folder", "config/tasks"),
        }
        path.write_text(json.dumps(found), encoding="utf-8")
        return
        yield ""

    DAG.summary = summary
    cli.main(words)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
