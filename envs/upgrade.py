"""`python envs/upgrade.py [held …]`: the newest versions that fit together, as pins in pyproject.toml and envs/*.yaml.

uv resolves all dependencies and extras at once, with wheels only, for the oldest Python that is supported. What is held
keeps its pin. `make upgrade` then makes the locks and runs all checks, which have the last word.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(?P<extra>\[[a-z,]+\])?==(?P<version>[A-Za-z0-9_.!+-]+)")


def pins(project: dict[str, object]) -> list[re.Match[str]]:
    """Return the pins of the package and of its extras, in the order in which they stand."""
    listed = [*project["dependencies"], *(pin for extra in project["optional-dependencies"].values() for pin in extra)]  # type: ignore[misc, attr-defined]
    return [found for pin in listed if (found := PIN.fullmatch(pin))]


def wanted(known: Iterable[re.Match[str]], held: set[str]) -> Iterator[str]:
    """Yield what is asked for: at least the present version, or, where it is held, that one."""
    for pin in known:
        relation = "==" if pin["name"] in held else ">="
        yield f"{pin['name']}{pin['extra'] or ''}{relation}{pin['version']}"


def newest(requirements: Iterable[str], oldest: str) -> dict[str, str]:
    """Return a version of each package by its normalised name, as uv resolves them."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(requirements))
        listed.flush()
        words = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", oldest, listed.name]
        command = [sys.executable, str(ROOT / "envs/uv.py"), *words]
        found = subprocess.run(
            [*command, "--only-binary", ":all:", "--no-binary", "connection-pool"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return {normalised(pin["name"]): pin["version"].partition("+")[0] for pin in PIN.finditer(found.stdout)}


def normalised(name: str) -> str:
    """Return a package's name as indices have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def repinned(text: str, versions: dict[str, str]) -> str:
    """Return a text with the versions in place of those of its pins."""

    def pin(old: re.Match[str]) -> str:
        version = versions.get(normalised(old["name"]), old["version"])
        return f"{old['name']}{old['extra'] or ''}=={version}"

    return PIN.sub(pin, text)


def main(held: list[str]) -> None:
    """Write the pins anew, and say which have changed."""
    path = ROOT / "pyproject.toml"
    project = tomllib.loads(path.read_text())["project"]
    known = pins(project)
    unknown = set(held) - {pin["name"] for pin in known}
    if unknown:
        sys.exit(f"error: no pin of {', '.join(sorted(unknown))} to hold in pyproject.toml")
    oldest = re.search(r"\d+\.\d+", project["requires-python"])
    versions = newest(wanted(known, set(held)), oldest[0] if oldest else "3.11")
    versions = {name: versions[name] for pin in known if (name := normalised(pin["name"])) in versions}
    for file in (path, *sorted((ROOT / "envs").glob("*.yaml"))):
        file.write_text(repinned(file.read_text(), versions))
    for pin in known:
        if (version := versions[normalised(pin["name"])]) != pin["version"]:
            print(f"{pin['name']} {pin['version']} -> {version}")


if __name__ == "__main__":
    main(sys.argv[1:])
