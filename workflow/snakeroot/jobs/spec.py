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
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from snakeroot.data.files import to_json
from snakeroot.jobs.parsed import of_code
from snakeroot.settings import Settings

PACKAGE = "snakeroot"
READER = Path(__file__)
ROOT = READER.parents[1]
_EDITORS = re.compile(r"^[.#]|~$")
"""Names of files that editors keep beside an open one."""
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_INSTALLED = re.compile(r"^(\w+)(?:/|\.py,|\.[\w-]+\.so,|\.so,|\.pyd,)", re.MULTILINE)
"""The line of a module, or of a file in a package, in the list of what a distribution has installed."""


def spec(settings: Settings, *modules: str) -> str:
    """Return the spec of a stage with these settings that runs `modules`.

    The first module is the stage's own, further ones are the registry entries that the settings name (an architecture,
    a process), which no import statement shows.
    """
    code, packages = _code(modules)
    return to_json({"settings": settings.model_dump(mode="json", by_alias=True), "code": code, "packages": packages})


def modules(code: str) -> list[str]:
    """Return the modules of ours that a digest of code is of, one that this process has computed."""
    return _MODULES[code]


_MODULES: dict[str, list[str]] = {}


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
    _MODULES[digest] = sorted(seen)
    return digest, _versions(foreign)


@functools.cache
def _with_parents(module: str) -> tuple[str, ...]:
    """`a.b.c` runs the code of `a` and `a.b` too; a package that can be run has its `__main__` as well."""
    parts = module.split(".")
    parents = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    if (ROOT.joinpath(*parts[1:]) / "__main__.py").exists():
        parents.append(f"{module}.__main__")
    return tuple(parents)


@functools.cache
def _file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split(".")[1:])
    if path.is_dir():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else None


@functools.cache
def _read(module: str) -> tuple[str, tuple[str, ...]]:
    """Return the digest of one module of ours and the names that it imports, anywhere in it.

    The digest is over the syntax tree without docstrings, so comments and layout do not count. A package's data files
    (a template) count byte by byte.
    """
    path = _file(module)
    if path is None:
        raise ModuleNotFoundError(f"no module {module} in {ROOT}")
    content = path.read_bytes()
    if (known := of_code(READER).get(module, content)) is None:
        known = _parse(content)
        of_code(READER).put(module, content, known)
    digest, imports = known
    imported = [name for line in imports for name in _imported(*line)]
    if path.name == "__init__.py":
        for data in sorted(path.parent.iterdir()):
            if data.is_file() and data.suffix not in {".py", ".pyc"} and not _EDITORS.search(data.name):
                of_data = hashlib.sha256(data.name.encode() + b"\0" + data.read_bytes())
                digest = hashlib.sha256(f"{digest} {of_data.hexdigest()}".encode()).hexdigest()
    return digest, tuple(imported)


def _parse(content: bytes) -> tuple[str, list[tuple[str | None, list[str]]]]:
    """Return the digest of a module's syntax tree, and its imports: `from` what, or None, and the names."""
    lines: list[ast.Import | ast.ImportFrom] = []
    digest = hashlib.sha256(repr(_plain(ast.parse(content), lines)).encode()).hexdigest()
    imports: list[tuple[str | None, list[str]]] = []
    for line in lines:
        source = None
        if isinstance(line, ast.ImportFrom):
            if line.level:
                raise ValueError(f"relative import in line {line.lineno}: spell the package's name")
            source = line.module or ""
        imports.append((source, [alias.name for alias in line.names]))
    return digest, imports


def _plain(node: ast.AST, imports: list[ast.Import | ast.ImportFrom]) -> tuple[Any, ...]:
    """Return a tree as tuples that say all of it but docstrings and places, and add its imports to a list.

    Fields that are None or empty are left out, as other versions of Python may not have them; so is the context of a
    name (read, written or deleted), which follows from where it stands. Hashing this takes half as long as hashing
    `ast.unparse`, and all modules of a workflow are hashed for each plan.
    """
    if isinstance(node, _DOCUMENTED):
        node.body = [line for line in node.body if not _is_text(line)] or [ast.Pass()]
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        imports.append(node)
    fields: list[tuple[str, Any]] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            if not isinstance(value, ast.expr_context):
                fields.append((name, _plain(value, imports)))
        elif isinstance(value, list):
            if value:
                items = [_plain(item, imports) if isinstance(item, ast.AST) else item for item in value]
                fields.append((name, items))
        elif value is not None:
            fields.append((name, value))
    return (type(node).__name__, *fields)


def _is_text(line: ast.stmt) -> bool:
    """Whether a line is text alone: the docstring of a module, class or function, or of the constant above it."""
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _imported(source: str | None, names: list[str]) -> Iterator[str]:
    if source is None:
        yield from names
        return
    for name in names:
        full = f"{source}.{name}"
        yield full if source.split(".")[0] == PACKAGE and _file(full) else source


def _versions(names: set[str]) -> dict[str, str]:
    """Return the versions of what is not Python's own, by distribution."""
    versions: dict[str, str] = {}
    for name in sorted(names - set(sys.stdlib_module_names)):
        versions |= _releases(name)
    return versions


@functools.cache
def _releases(name: str) -> dict[str, str]:
    """Return the versions of the distributions that have a module; where two are of one name, of the one that is used.

    Without a local label: torch 2.13.0+cpu and +cu130 are the same release.
    """
    releases: dict[str, str] = {}
    for distribution in _distributions().get(name, []):
        key = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        releases.setdefault(key, distribution.version.split("+")[0])
    return releases


@functools.cache
def _distributions() -> dict[str, list[Distribution]]:
    """Return what is installed, by the names of modules and packages that can be imported.

    `importlib.metadata.packages_distributions` takes ten times as long, as it parses the metadata of everything.
    """
    found: dict[str, list[Distribution]] = {}
    for distribution in distributions():
        declared = (distribution.read_text("top_level.txt") or "").split()
        for name in set(declared or _INSTALLED.findall(distribution.read_text("RECORD") or "")):
            found.setdefault(name, []).append(distribution)
    return found
