"""The JSON schemas by which editors complete and check the config: current, true, and of use."""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from projects import REPOSITORY
from snakeroot.config.json_schemas import schemas

SCHEMAS = REPOSITORY / "workflow/schemas"
SHIPPED = [REPOSITORY / "config/config.yaml", *sorted((REPOSITORY / "config/tasks").glob("*.yaml"))]
TASK, OTHER = (
    yaml.safe_load((REPOSITORY / f"config/tasks/{name}.yaml").read_text()) for name in ("vbf-higgs", "higgs-production")
)
TASK["models"]["tuned"] = OTHER["models"]["tuned"]
NAMED = re.compile(r"^# yaml-language-server: \$schema=(\S+)\n")


@functools.cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / name).read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def wrong(name: str, values: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator(name).iter_errors(values)]


@pytest.mark.parametrize("name", schemas())
def test_schemas_are_current(name: str) -> None:
    assert json.loads((SCHEMAS / name).read_text()) == schemas()[name], "run make docs"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_file_names_its_schema_and_is_right_by_it(path: Path) -> None:
    named = NAMED.match(path.read_text())
    assert named, "the first line of a config file names its schema"
    schema = Path(os.path.normpath(path.parent / named[1]))
    assert schema.parent == SCHEMAS
    assert wrong(schema.name, yaml.safe_load(path.read_text())) == []


def changed(*keys: str, value: Any) -> dict[str, Any]:
    task: dict[str, Any] = json.loads(json.dumps(TASK))
    at = task
    for key in keys[:-1]:
        at = at.setdefault(key, {})
    at[keys[-1]] = value
    return task


@pytest.mark.parametrize(
    "keys",
    [
        ("evnt_id",),
        ("samples", "vbf", "clss"),
        ("models", "mlp", "hiden"),
        ("models", "mlp", "training", "epochs"),
        ("models", "tuned", "tuning", "sampler"),
        ("models", "tuned", "tuning", "training", "epochs"),
    ],
)
def test_a_misspelt_key_is_wrong(keys: tuple[str, ...]) -> None:
    assert wrong("task.schema.json", changed(*keys, value={"name": "gp", "startup": 2}))


@pytest.mark.parametrize(
    ("keys", "good", "bad"),
    [
        (("models", "mlp", "hidden"), [[8, 8], {"layers": 2, "units": 8}], [[0], {"layer": 2}]),
        (("models", "mlp", "architecture"), ["mlp"], ["kmeans", "nothing"]),
        (("models", "mlp", "training", "optimizer"), ["sgd", {"name": "sgd", "momentum": 0.9}], ["sdg", {"name": "x"}]),
        (("models", "tuned", "tuning", "sampler"), ["tpe", {"name": "gp", "startup_trials": 8}], ["tp", {"rho": 1}]),
        (("models", "tuned", "tuning", "objective"), ["auc", ["auc", "parameters"]], ["test_auc", []]),
        (("models", "tuned", "tuning", "pruning"), [None, "successive_halving"], ["halving"]),
        (("weight",), ["w * 2", 1, None], [["w"]]),
        (("missing",), [-999, [-999, "nan"], {"massjj": -999}, {"massjj": [-9, "nan"]}], [True, ["none"], "nothing"]),
        (("event_id",), ["entry", ["f_run"]], ["f_run", []]),
        (("split",), [{"folds": 3}, {"column": "s", "train": 0, "validation": "v", "test": [2, 3]}], [{"column": "s"}]),
        (
            ("samples", "vbf", "files"),
            [["a"], {"train": ["a"], "validation": ["b"], "test": ["c"]}],
            [{"train": ["a"]}],
        ),
        (("samples", "vbf", "generate", "process"), ["vbf_h4mu"], ["ttbar"]),
    ],
)
def test_what_is_written_short_or_long_is_right(keys: tuple[str, ...], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert wrong("task.schema.json", changed(*keys, value=value)) == []
    for value in bad:
        assert wrong("task.schema.json", changed(*keys, value=value)) != [], value


def test_an_editor_can_say_what_each_key_means() -> None:
    def undescribed(schema: dict[str, Any]) -> list[str]:
        own = schema.get("properties", {}).items()
        return [key for key, about in own if "description" not in about and "const" not in about]

    for schema in schemas().values():
        for name, one in {"": schema, **schema["$defs"]}.items():
            assert not undescribed(one), name
