"""The pins stand once in pyproject.toml; whatever repeats them says the same."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from projects import REPOSITORY
from snakeroot.jobs.spec import spec
from snakeroot.records.formats import FORMATS
from snakeroot.settings import Settings

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
COMMAND = {"rich", "snakemake[reports]", "typer"}
"""What no stage imports, but what plans and runs them."""
EXTRAS = PROJECT["optional-dependencies"]


def pins(kind: str) -> set[str]:
    """The packages of an environment that Snakemake deploys."""
    environment = yaml.safe_load((REPOSITORY / f"envs/{kind}.yaml").read_text())
    [packages] = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    return {entry for entry in packages if not entry.startswith("--")}


@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_conda_environments_have_the_pins_of_the_stages(kind: str) -> None:
    stages = {pin for pin in PROJECT["dependencies"] if pin.split("==")[0] not in COMMAND}
    assert pins(kind) == stages | {*EXTRAS["fit"], *EXTRAS["generate"], *EXTRAS["remote"]}


def test_the_conda_environment_of_the_records_has_what_they_import() -> None:
    """As their specs say; what one of the packages pulls in is not there."""
    known = {pin.split("==")[0]: pin for pin in PROJECT["dependencies"]}
    modules = [FORMATS.module(name) for name in FORMATS.names()]
    imported = json.loads(spec(Settings(), "snakeroot.records", *modules))["packages"]
    assert pins("records") == {known[name] for name in imported if name in known} | {
        pin for name in FORMATS.names() for pin in EXTRAS[name]
    }


def test_every_direct_dependency_is_pinned_exactly_and_explained() -> None:
    explained = (REPOSITORY / "docs/dependencies.md").read_text()
    for pin in [*PROJECT["dependencies"], *(pin for extra in EXTRAS.values() for pin in extra)]:
        name = re.fullmatch(r"([A-Za-z0-9-]+)(\[\w+\])?==[\w.]+", pin)
        assert name, f"{pin} is not an exact pin"
        assert f"**{name[1]}**" in explained, f"docs/dependencies.md does not say why {name[1]} is there"


def test_constraints_agree_with_the_pins() -> None:
    text = (REPOSITORY / "envs/constraints.txt").read_text()
    constraints = {line.split("==")[0].lower().replace("_", "-"): line.split("==")[1] for line in text.splitlines()}
    for pin in [*PROJECT["dependencies"], *(pin for extra in EXTRAS.values() for pin in extra)]:
        name, version = re.sub(r"\[\w+\]", "", pin).split("==")
        assert constraints[name.lower().replace("_", "-")] == version


def test_the_lock_has_all_pins_with_hashes_and_names_no_index() -> None:
    text = (REPOSITORY / "envs/lock.txt").read_text()
    assert "://" not in text
    entries = [entry.replace("\\\n", " ") for entry in re.split(r"\n(?! )", text.strip())]
    locked = {}
    for entry in entries:
        name, version = re.match(r"([a-z0-9.-]+)==([\w.]+) ", entry).groups()  # type: ignore[union-attr]
        locked[name] = version
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"envs/lock.txt has no hash of {name}"
    constraints = dict(line.split("==") for line in (REPOSITORY / "envs/constraints.txt").read_text().splitlines())
    pinned = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in constraints.items()}
    assert {name: pinned[name] for name in locked if name in pinned} == {
        name: version for name, version in locked.items() if name in pinned
    }
    direct = {
        re.split(r"[=\[]", pin)[0].lower().replace("_", "-") for pin in [*PROJECT["dependencies"], *EXTRAS["generate"]]
    }
    assert direct <= set(locked), "run `make lock`"


def test_uv_takes_packages_from_where_pip_does(tmp_path: Path) -> None:
    program = tmp_path / "uv"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], {{**os.environ}}]))\n"
    )
    program.chmod(0o755)
    known = {name: value for name, value in os.environ.items() if not name.startswith(("UV", "PIP_", "SSL_"))}
    known |= {"UV": str(program), "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "/wheels https://more"}
    known |= {"PIP_INDEX_URL": "https://mirror/simple", "PIP_CERT": "/certificates"}
    command = [sys.executable, str(REPOSITORY / "envs/uv.py"), "pip", "install", "a b"]
    words, found = json.loads(subprocess.run(command, env=known, check=True, stdout=subprocess.PIPE).stdout)
    assert words == ["pip", "install", "a b"]
    assert found["SSL_CERT_FILE"] == "/certificates"
    assert {name: value for name, value in found.items() if name.startswith("UV_")} == {
        "UV_INDEX_URL": "https://mirror/simple",
        "UV_FIND_LINKS": "/wheels,https://more",
    }


def test_pips_variables_count_more_than_its_files_and_uvs_own_more_than_both() -> None:
    uv = runpy.run_path(str(REPOSITORY / "envs/uv.py"))
    listed = (
        ":env:.extra-index-url='https://a\\nhttps://b'\nglobal.extra-index-url='https://c'\n"
        "global.index-url='https://d'\ninstall.index-url='https://e'\ndownload.index-url='https://f'\nglobal.timeout='9'\n"
    )
    pip = uv["settings"](listed)
    assert pip == {"extra-index-url": "https://a\nhttps://b", "index-url": "https://e", "timeout": "9"}
    both = {"UV_INDEX_URL": "https://e", "UV_EXTRA_INDEX_URL": "https://a https://b"}
    strategy = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    assert uv["environment"]({}, pip) == both | strategy
    own = {"UV_INDEX": "https://own", "UV_DEFAULT_INDEX": "https://own"}
    assert uv["environment"](own, pip) == own
    assert uv["environment"]({"UV_INDEX_STRATEGY": "first-index"}, pip)["UV_INDEX_STRATEGY"] == "first-index"
