"""`python -m snakeroot.config.json_schemas <folder>`: JSON schemas, by which editors complete and check it.

They say what pydantic says of single keys. What goes wrong between keys is found when the workflow reads the config.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import create_model

from snakeroot.config.model import Model
from snakeroot.config.schema import Config, Task
from snakeroot.generate.processes import PROCESSES
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.train.settings import NAMED
from snakeroot.tune.allocation import PRUNINGS
from snakeroot.tune.samplers import SAMPLERS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES = {"config": "config.schema.json", "task": "task.schema.json"}

Schema = dict[str, Any]


def schemas() -> dict[str, Schema]:
    """Return the schema of config.yaml and that of a task file, by the names of their files."""
    config = Config.model_json_schema(by_alias=True)
    return {FILES["config"]: _finished(config, "config.yaml"), FILES["task"]: _finished(_task(), "task file")}


def _finished(schema: Schema, title: str) -> Schema:
    return {"$schema": DIALECT, **_untitled(schema), "title": f"Snakeroot {title}"}


def _untitled(schema: Any) -> Any:
    """Without pydantic's titles: an editor would show them, and they are but the keys in other letters."""
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return {key: _untitled(value) for key, value in kept.items()}


def _task() -> Schema:
    """A task, in which a model may have the keys of its architecture."""
    task = Task.model_json_schema(by_alias=True)
    known = task["$defs"]
    known["Generate"]["properties"]["process"]["enum"] = PROCESSES.names()
    for name in ARCHITECTURES.names():
        module = ARCHITECTURES.load(name)
        model = create_model(name, __base__=(Model, module.Architecture), __doc__=module.__doc__)
        known |= (own := model.model_json_schema(by_alias=True)).pop("$defs")
        known[name] = own
    _tuning(known)
    for key, entries in NAMED.items():
        _or_by_name(known["Training"]["properties"], key, entries)
    which = {"enum": ARCHITECTURES.names(), "description": "what kind of network, or of other model, it is"}
    of_each = [
        {"if": {"properties": {"architecture": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
        for name in ARCHITECTURES.names()
    ]
    task["properties"]["models"]["additionalProperties"] = {
        "type": "object",
        "required": ["architecture"],
        "properties": {"architecture": which},
        "allOf": of_each,
    }
    return task


def _tuning(known: dict[str, Schema]) -> None:
    keys = known["Tuning"]["properties"]
    keys["training"] |= {"$ref": "#/$defs/Training"}
    for name in SAMPLERS.names():
        known[f"sampler-{name}"] = SAMPLERS.load(name).Sampler.model_json_schema(by_alias=True) | {"required": ["name"]}
    keys["sampler"]["anyOf"] = [{"$ref": f"#/$defs/sampler-{name}"} for name in SAMPLERS.names()]
    del keys["sampler"]["$ref"], known["Options"]
    _or_by_name(keys, "sampler", SAMPLERS.names())
    _or_by_name(keys, "pruning", PRUNINGS)
    keys["confirm"]["anyOf"].insert(0, {"type": "integer", "minimum": 2, "maximum": 20})
    keys["start"]["anyOf"].insert(0, {"type": "string"})
    _or_by_name(keys, "objective", keys["objective"]["items"]["enum"])


def _or_by_name(keys: dict[str, Schema], key: str, names: Iterable[str]) -> None:
    """Let a key hold one of some names alone, too."""
    schema = keys[key]
    about: Schema = {word: schema.pop(word) for word in ("description", "default") if word in schema}
    keys[key] = {"anyOf": [{"enum": list(names)}, *(schema.get("anyOf") or [schema])], **about}


def main() -> None:
    """Write the schemas."""
    parser = argparse.ArgumentParser(prog="python -m snakeroot.config.json_schemas", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where to")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, ensure_ascii=False)  # by lines, so that a change can be read
        (folder / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
