"""Configs with something hostile in each place of the schemas: it is refused, with its key named, or is what it is.

The places are those of workflow/schemas, and the keys of models. What is refused is one message that a terminal shows
as it stands; what is not refused is as it was written. Nothing is started, written, imported or asked of a network.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from faults._payloads import CONTROLS, HTML, LATEX, NO_TEXT, PATHS, PYTHON, SHELL, SNAKEMAKE
from faults._tally import Tally
from faults._watch import watched
from projects import REPOSITORY
from snakeroot import plan
from snakeroot.errors import SnakerootError

FULL = 100
SHORT = 4
SECONDS = 3.0
"""What the reading of one config may take of the CPU."""

KEY = "<key>"
KINDS = {
    "HTML": HTML,
    "LaTeX": LATEX,
    "a shell command": SHELL,
    "a wildcard of Snakemake": SNAKEMAKE,
    "Python": PYTHON,
    "a path or a name of an odd form": PATHS,
}
KINDS |= {"made of signs that a terminal obeys": CONTROLS, "no text": NO_TEXT}

MODEL = ["architecture", "inputs[]", "initial", "initial.model", "initial.weights", "initial.layers[]", "calibration"]
MODEL += ["initial.freeze[]", "reweighting", "training.monitor", "training.loss", "training.priors.<key>", "activation"]
MODEL += ["training.variations[]", "training.decorrelate.variable", "training.optimizer", "training.schedule.name"]
MODEL += ["training.precision", "training.compile", "tuning.sampler", "tuning.space.<key>", "tuning.sampler.name"]
MODEL += ["coordinates[]", "momentum", "<key>"]

TASK = {
    "kind": "binary",
    "tree": "events",
    "samples": {
        "sig": {"class": "signal", "files": ["data/a.root"], "branches": {"u": "v"}, "checksum": {"data/a.root": ""}},
        "bkg": {"class": "background", "files": ["data/b.root"], "weight": "w", "selection": "x > 0", "tree": "other"},
        "more": {"files": ["data/c.root"]},
    },
    "event_id": ["run", "event"],
    "group": ["run"],
    "weight": "w",
    "selection": "(x > 0) & (z < 3)",
    "spectators": ["z", "defined"],
    "definitions": {"defined": "x + u"},
    "features": {"x": "x", "y": "y + defined"},
    "missing": {"x": ["nan"]},
    "luminosity": 2.0,
    "reweighting": {"flat": {"variables": {"x": [0, 1, 2]}}},
    "models": {
        "net": {"architecture": "mlp", "inputs": ["x"], "training": {"max_epochs": 1}},
        "other": {"architecture": "gbdt"},
    },
    "evaluation": {
        "axes": {"x": {"label": "x", "unit": "GeV"}},
        "labels": {"sig": "VBF"},
        "profiles": ["z"],
        "normalisation_uncertainty": {"bkg": 0.1},
        "experiment": "none",
        "status": "",
        "origin": "Simulation",
    },
    "systematics": {"jes": {"samples": ["sig"], "up": {"weight": "1 + z", "features": {"x": "2 * x"}}}},
    "templates": {
        "signal": ["sig"],
        "background": ["bkg"],
        "regions": {
            "SR": {"selection": "score > 0.5", "observable": "score", "binning": [0, 0.5, 1], "label": "score"}
        },
        "systematics": {"norm": {"samples": ["bkg"], "normalisation": 0.1}},
    },
    "friends": {"format": "TTree"},
}
TASK["samples"]["sig"]["checksum"]["data/a.root"] = "sha256:" + "0" * 64  # type: ignore[index]

VARIATION = {"jes": {"up": {"features": {"x": "2 * x"}}, "down": {"features": {"x": "x / 2"}}}}
OBJECTS = {"pt": "pt", "eta": "eta", "phi": "phi"}
BESIDE: dict[str, dict[str, Any]] = {
    "task.images.*.dataset": {"images": {"one": {"dataset": "pixels", "pixels": [2, 2]}}},
    "task.images.*.channels[]": {"images": {"one": {"dataset": "pixels", "pixels": [2, 2]}}},
    "task.images.*.transform": {"images": {"one": {"dataset": "pixels", "pixels": [2, 2]}}},
    "task.images": {"images": {"one": {**OBJECTS, "channels": {"a": "pt"}, "pixels": [2, 2], "half_width": 1}}},
    "task.sequences": {"sequences": {"one": {"order_by": "pt", "length": 2, "channels": {"a": "pt"}}}},
    "task.trees": {"trees": {"one": {**OBJECTS, "length": 2}}},
    "task.split.column": {"split": {"column": "s", "train": [0], "validation": [1], "test": [2]}},
    "task.split.train": {"split": {"column": "s", "train": [0], "validation": [1], "test": [2]}},
    "task.split.validation": {"split": {"column": "s", "train": [0], "validation": [1], "test": [2]}},
    "task.split.test": {"split": {"column": "s", "train": [0], "validation": [1], "test": [2]}},
    "task.evaluation.discriminants": {
        "kind": "multiclass",
        "samples": {**TASK["samples"], "more": {"files": ["data/c.root"], "class": "third"}},  # type: ignore[dict-item]
        "reweighting": {},
        "evaluation": {"discriminants": {"one": {"signal": "signal", "fractions": {"background": 1.0}}}},
        "templates": None,
    },
    "task.systematics": {"systematics": VARIATION},
    "task.templates.systematics": {"templates": {**TASK["templates"], "systematics": {"own": VARIATION["jes"]}}},  # type: ignore[dict-item]
    "task.models.*.tuning": {
        "models": {"net": {"architecture": "mlp", "tuning": {"space": {"dropout": {"float": [0, 0.5]}}}}}
    },
    "task.models.*.initial": {
        "models": {
            "net": {"architecture": "mlp", "initial": {"model": "mine/second"}},
            "second": {"architecture": "mlp"},
        }
    },
    "task.models.*.training.priors": {
        "models": {"net": {"architecture": "mlp", "training": {"priors": {"signal": 1, "background": 2}}}}
    },
    "task.models.*.training.decorrelate": {
        "models": {"net": {"architecture": "mlp", "training": {"decorrelate": {"variable": "z", "strength": 1}}}}
    },
}
"""What has to stand beside a place for the rest of the config to be sound."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Read so many of the configs of each kind, or all."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        _prepare()
        wanted = list(places())
        return [_of_kind(kind, payloads, wanted, count) for kind, payloads in KINDS.items()]
    finally:
        os.chdir(before)


def _of_kind(kind: str, payloads: list[Any], wanted: list[str], count: int) -> Tally:
    tally = Tally(f"a name or a text in a config is {kind}")
    every = list(itertools.product(wanted, payloads))
    if count < len(every):
        every = random.Random(kind).sample(every, count)  # noqa: S311 - places, no secrets
    for place, payload in every:
        with tally.attempt(f"{place}: {payload!r}") as one:
            one.how = _tried(place, payload)
    return tally


def places() -> Iterator[str]:
    """All places of texts and of names that a user chooses: "task.samples.*.tree", "task.features.<key>", …"""
    for name in ("config", "task"):
        schema = json.loads((REPOSITORY / f"workflow/schemas/{name}.schema.json").read_text())
        yield from dict.fromkeys(_below(schema, name, schema.get("$defs", {}), ()))
    yield from (f"task.models.*.{place}" for place in MODEL)


def _below(node: dict[str, Any], place: str, known: dict[str, Any], seen: tuple[str, ...]) -> Iterator[str]:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _below(known[name], place, known, (*seen, name))
        return
    if node.get("type") == "string" or "const" in node or "enum" in node:
        yield place
    for inner in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
        yield from _below(inner, place, known, seen)
    for key, inner in node.get("properties", {}).items():
        yield from _below(inner, f"{place}.{key}", known, seen)
    if isinstance(node.get("additionalProperties"), dict):
        yield f"{place}.{KEY}"
        yield from _below(node["additionalProperties"], f"{place}.*", known, seen)
    for inner in (*([node["items"]] if isinstance(node.get("items"), dict) else ()), *node.get("prefixItems", ())):
        yield from _below(inner, f"{place}[]", known, seen)


def _tried(place: str, payload: Any) -> str:
    """Write the config, read it, and return what became of it."""
    beside = next((more for begin, more in BESIDE.items() if place.startswith(begin)), {})
    whole = {"task": copy.deepcopy({**TASK, **beside}), "config": {"tasks": ["mine"], "task_folder": "tasks"}}
    keys = place.replace("[]", ".[]").split(".")
    if keys[-1] == KEY and not _is_key(payload):
        return "no key of YAML"
    put(whole, keys, payload)
    Path("tasks/mine.yaml").write_text(yaml.safe_dump(whole["task"], allow_unicode=False, sort_keys=False))
    begin = time.process_time()
    with watched() as events:
        try:
            project = plan.load(whole["config"])
            refused = ""
        except SnakerootError as error:
            refused = str(error)
    took = time.process_time() - begin
    assert took < SECONDS, f"{took:.1f} s"
    _quiet(events)
    if not refused:
        task = project.tasks[whole["config"]["tasks"][0]].model_dump(by_alias=True)
        found = _at(task if keys[0] == "task" else project.config.model_dump(), keys[1:])
        written = (payload, [payload], str(payload), [str(payload)])
        assert payload in found if keys[-1] == KEY else found in written, f"taken as {found!r}"
        return "as it was written"
    _told(refused, keys, payload)
    return "refused with its name"


def put(whole: dict[str, Any], keys: list[str], payload: Any) -> None:
    """Put it at a place, in mappings and lists that are made if there are none, or are of another kind."""
    at: Any = whole
    for number, key in enumerate(keys):
        last = number == len(keys) - 1
        after = [] if keys[number + 1 : number + 2] == ["[]"] else {}
        if key == "[]":
            name: Any = 0
            if not at:
                at.append(None)
        elif key == "*":
            name = next(iter(at), "one")
        elif key == KEY:
            first = next(iter(at), None)
            at[payload] = at.pop(first) if first is not None else {}
            return
        else:
            name = key
        if last:
            at[name] = payload
        else:
            inner = at[name] if key == "[]" else at.get(name)
            if not isinstance(inner, type(after)):
                at[name] = after
            at = at[name]


def _is_key(payload: Any) -> bool:
    return isinstance(payload, str | int | float | bool | None)


def _at(values: Any, keys: list[str]) -> Any:
    for key in keys:
        if key == KEY:
            return list(values)
        values = values[0] if key == "[]" else next(iter(values.values())) if key == "*" else values[key]
    return values


def _quiet(events: list[str]) -> None:
    """Files are looked at, and no more."""
    for event in events:
        kind, _, arguments = event.partition(" ")
        if kind == "open":
            assert "'w" not in arguments, event
            assert "'a" not in arguments, event
        else:
            assert kind in (
                "os.listdir",
                "os.scandir",
                "glob.glob",
                "glob.glob/2",
                "import",
                "exec",
                "marshal.loads",
            ), event


def _told(said: str, keys: list[str], payload: Any) -> None:
    lines = said.splitlines()
    assert all(line.isprintable() for line in lines), f"signs that a terminal obeys: {said!r}"
    assert max(map(len, lines)) < 1500, "a very long line"
    named = [
        os.path.normpath(str(payload))[:20],
        *[key for key in keys[1:] if key not in ("*", "[]", KEY)][-2:],
        repr(payload)[:20].strip("'"),
    ]
    assert any(one and one in said for one in named), f"none of {named} in {said}"


def _prepare() -> None:
    """Empty files where ntuples are wanted, which planning does not open."""
    for name in ("data/a.root", "data/b.root", "data/c.root"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    Path("tasks").mkdir()
    Path("link").symlink_to("/etc")
    for beside in ({}, *BESIDE.values()):  # which are sound by themselves
        Path("tasks/mine.yaml").write_text(yaml.safe_dump({**TASK, **beside}, sort_keys=False))
        plan.load({"tasks": ["mine"], "task_folder": "tasks"})
