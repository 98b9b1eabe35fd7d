"""What holds for the text of every rule."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from typing import Any

from projects import REPOSITORY

RULES = {path.name: path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk")}
OURS = {*(f"resources.{name}" for name in ("accelerator", "gpu", "attempt", "nodes", "node_gpus")), "threads"}
"""Words and numbers that Snakeroot makes itself, so that a shell may see them as they are."""


def test_every_command_quotes_what_it_is_given() -> None:
    """Labels, names and paths of a user's own, which may hold anything, are in specs and files."""
    for name, text in RULES.items():
        commands = re.findall(r'^ +"python -m .*(?:\n +".*)*', text, re.MULTILINE)
        assert len(commands) == text.count("    shell:\n"), name
        for command in commands:
            given = re.findall(r"\{([^{}]*)\}", command)
            assert "log:q" in given, (name, command)
            assert [one for one in given if not one.endswith(":q") and one not in OURS] == [], (name, command)


PLANNING = """
import gc, json, sys
from pathlib import Path
from types import SimpleNamespace
from snakemake.api import SnakemakeApi
from snakemake.persistence import PersistenceBase
from snakemake.settings.types import ResourceSettings
with SnakemakeApi() as api:
    loaded = api.workflow(ResourceSettings(cores=1), snakefile=Path("Snakefile"))._workflow
    functions = [value for rule in loaded.rules for value in rule.input if callable(value)]
    serialised = PersistenceBase._serialize_param_pandas
    plain = SimpleNamespace(
        _serialize_param_builtin=lambda value: ["builtin", value],
        _serialize_param_of_pandas=lambda value: ["pandas", value],
    )
    before = serialised(plain, "spec")
    imported = "pandas" in sys.modules
    import pandas
    after = serialised(plain, "spec")
import re
import snakemake.dag
from snakemake.output_index import OutputIndex
targets = [re.sub(r"\\{[^{}]*\\}", "x", str(product)) for rule in loaded.rules for product in rule.products()]
targets += ["", "x", "results/x", *(target[:-1] for target in targets), *(target[1:] for target in targets)]
ours, theirs = snakemake.dag.OutputIndex(loaded.rules), OutputIndex(loaded.rules)
same = [ours.match(target) == theirs.match(target) for target in targets]
matched = sum(bool(ours.match(target)) for target in targets)
found = {"same": same, "matched": matched, "other": type(ours) is not type(theirs)}
found |= {"signed": [hasattr(function, "__signature__") for function in functions], "imported": imported}
print(json.dumps(found | {"before": before, "after": after, "collected at": gc.get_threshold()[0]}))
"""


@functools.cache
def loaded() -> dict[str, Any]:
    """What a process says that has loaded the Snakefile."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", PLANNING], cwd=REPOSITORY, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_planning_imports_no_pandas_and_a_table_of_pandas_is_still_seen_as_a_param() -> None:
    found = loaded()
    assert found["signed"]
    assert all(found["signed"])
    assert not found["imported"]
    assert found["before"] == ["builtin", "spec"]
    assert found["after"] == ["pandas", "spec"]
    assert found["collected at"] >= 100_000


def test_the_rules_of_a_file_are_those_that_snakemake_itself_finds() -> None:
    found = loaded()
    assert found["other"]
    assert found["matched"] > 100
    assert all(found["same"])
