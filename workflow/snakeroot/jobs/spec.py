"""The spec: all that a stage may know, and so all that makes it run again.

Settings, a digest of the code, and the versions of the packages that this code imports, as one canonical JSON text.
Snakemake compares the text; the stage reads its settings from it and from nowhere else.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

from snakeroot.data.files import to_json
from snakeroot.settings import Settings

PACKAGE = "snakeroot"
ROOT = Path(__file__).parents[1]
_EDITORS = re.compile(r"^[.#]|~$")
"""Names of files that editors keep beside an open one."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def spec(settings: Settings, *modules: str) -> str:
    """Return the spec of a stage with these settings that runs `modules`.

    The first module is the stage's own, further ones are the registry entries that the settings name (an architecture,
    a process), which no import statement shows.
    """
    code, packages = _code(modules)
    return to_json({"settings": settings.model_dump(mode="json", by_alias=True), "code": code, "packages": packages})


@functools.cache
def _code(modules: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return the digest of `modules` and of all of ours that they import, and the versions of what is not ours."""
    seen: dict[str, str] = {}
    foreign: set[str] = set()
    waiting = [parent for module in modules for parent in _with_parents(module)]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen[module], imported = _read(module)
        for name in imported:
            if name.split(".")[0] == PACKAGE:
                waiting += _with_parents(name)
            else:
                foreign.add(name.split(".")[0])
    digest = hashlib.sha256(to_json(seen).encode()).hexdigest()
    return digest, _versions(foreign)


def _with_parents(module: str) -> Iterator[str]:
    """`a.b.c` runs the code of `a` and `a.b` too; a package that can be run has its `__main__` as well."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])
    if (ROOT.joinpath(*parts[1:]) / "__main__.py").exists():
        yield f"{module}.__main__"


def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")[1:])
    if path.is_dir():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else None


@functools.cache
def _read(module: str) -> tuple[str, tuple[str, ...]]:
    """Return the digest of one module of ours and the names that it imports, anywhere in it.

    The digest is over `ast.unparse` without docstrings, so comments and layout do not count. A package's data files
    (a template) count byte by byte.
    """
    path = _file(module)
    if path is None:
        raise ModuleNotFoundError(f"no module {module} in {ROOT}")
    tree = ast.parse(path.read_bytes())
    imported: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED):
            node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]
        imported += _imported(node)
    digest = hashlib.sha256(ast.unparse(tree).encode())
    if path.name == "__init__.py":
        for data in sorted(path.parent.iterdir()):
            if data.is_file() and data.suffix not in {".py", ".pyc"} and not _EDITORS.search(data.name):
                digest.update(data.name.encode() + b"\0" + data.read_bytes())
    return digest.hexdigest(), tuple(imported)


def _is_text(line: ast.stmt) -> bool:
    """Whether a line is text alone: the docstring of a module, class or function, or of the constant above it."""
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            raise ValueError(f"relative import in line {node.lineno}: spell the package's name")
        module = node.module or ""
        for alias in node.names:
            name = f"{module}.{alias.name}"
            yield name if module.split(".")[0] == PACKAGE and _file(name) else module


def _versions(names: set[str]) -> dict[str, str]:
    """Versions by distribution, without a local label: torch 2.13.0+cpu and +cu130 are the same release."""
    versions: dict[str, str] = {}
    for name in sorted(names - set(sys.stdlib_module_names)):
        for distribution in _distributions().get(name, []):
            key = re.sub(r"[-_.]+", "-", distribution).lower()
            versions[key] = _version(distribution)
    return versions


@functools.cache
def _version(distribution: str) -> str:
    return version(distribution).split("+")[0]


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return {name: sorted(set(distributions)) for name, distributions in packages_distributions().items()}
