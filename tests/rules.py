"""The rules of the workflow, as Snakemake has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from projects import REPOSITORY

PROGRAM = """
import json, sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ResourceSettings
with SnakemakeApi() as api:
    limits = json.loads(sys.argv[1])
    loaded = api.workflow(ResourceSettings(cores=1, resources=limits), snakefile=Path("Snakefile"))._workflow
    rules = {
        rule.name: {
            "stage": Path(str(rule.snakefile)).stem,
            "group": rule._group,
            "local": rule.name in loaded._localrules,
            "resources": sorted(rule.resources),
        }
        for rule in loaded.rules
    }
print(json.dumps(rules))
"""


def rules(folder: Path = REPOSITORY, **limits: int) -> dict[str, dict[str, Any]]:
    """Return of each rule by name the file it is in, its group, whether it is local, and the resources it asks for.

    Args:
        folder: of the project.
        limits: of resources, as a profile sets them.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-c", PROGRAM, json.dumps(limits)]
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return {name: rule for name, rule in found.items() if name not in ("all", "all_tasks")}
