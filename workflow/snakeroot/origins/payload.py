"""The files of a run that go into a crate, and the archive that holds them."""

from __future__ import annotations

import fnmatch
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from snakeroot.data import paths
from snakeroot.data.files import atomic
from snakeroot.errors import SnakerootError
from snakeroot.origins.workflow import Workflow

ROWS = (
    paths.NTUPLE,
    paths.FEATURES,
    paths.SPLIT,
    paths.PREDICTIONS,
    paths.COMBINED,
    f"{paths.RUNG_STATES}/*",
)
"""Patterns of files that grow with the events, or that a search leaves behind: described, and packed only on demand."""
CODE = ("envs/*", "profiles/**/*", "workflow/report/*", "workflow/rules/*.smk", "workflow/schemas/*")
"""What the workflow needs beside its package, below the folder of its Snakefile."""
PLUGIN = "snakemake_logger_plugin_snakeroot"
ABOUT = ("CITATION.cff", "LICENSE", "README.md", "pyproject.toml")
"""What is taken along where it is."""
TIME = (1980, 1, 1, 0, 0, 0)
"""The time of all files in the archive, so that equal files are equal archives."""
PACKED = {".gz", ".parquet", ".png", ".root", ".zip"}
"""Kinds of files that are compressed already."""


def rows(file: str) -> bool:
    """Return whether a file grows with the events."""
    patterns = (re.sub(r"\{\w+\}", "*", pattern) for pattern in ROWS)
    return any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns)


def code(workflow: Workflow) -> dict[str, Path]:
    """Return the files of the workflow itself, by where they lie in a clone.

    Raises:
        SnakerootError: if the Snakefile is that of another workflow, which uses this one as a module.
    """
    home = workflow.snakefile.parent
    if not (home / "workflow/rules").is_dir():
        raise SnakerootError(
            f"{workflow.snakefile}: a crate holds one workflow, and this one uses Snakeroot as a module: make it where "
            "Snakeroot's own Snakefile is run"
        )
    found = {"Snakefile": workflow.snakefile}
    for pattern in CODE:
        found |= {str(path.relative_to(home)): path for path in sorted(home.glob(pattern)) if path.is_file()}
    for package in (workflow.package, workflow.package.parent / PLUGIN):
        found |= {
            f"workflow/{package.name}/{path.relative_to(package)}": path
            for path in sorted(package.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
        }
    return found | {name: home / name for name in ABOUT if (home / name).is_file()}


def config(workflow: Workflow) -> dict[str, Path]:
    """Return the files of the config.

    Raises:
        SnakerootError: if one lies outside of the working folder, from where it cannot be taken along.
    """
    found = [*workflow.configfiles, *(f"{workflow.task_folder}/{task}.yaml" for task in workflow.tasks)]
    outside = [file for file in found if not inside(file)]
    if outside:
        raise SnakerootError(
            f"{outside[0]}: lies outside of the working folder, so it cannot be taken along: copy it here"
        )
    return {file: Path(file) for file in found}


def inside(file: str) -> bool:
    """Return whether a path is of a file below the working folder."""
    return "://" not in file and not Path(file).is_absolute() and ".." not in Path(file).parts


def write(path: Path, files: Mapping[str, Path], texts: Mapping[str, str]) -> None:
    """Write a ZIP archive of files and texts by name, whole or not at all; equal contents are equal bytes."""
    with atomic(path) as [part], zipfile.ZipFile(part, "w") as archive:
        for name in sorted({*files, *texts}):
            kind = zipfile.ZIP_STORED if Path(name).suffix in PACKED else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type, entry.external_attr = kind, 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as target:
                for block in _blocks(name, files, texts):
                    target.write(block)


def _blocks(name: str, files: Mapping[str, Path], texts: Mapping[str, str]) -> Iterator[bytes]:
    if name in texts:
        yield texts[name].encode()
        return
    with files[name].open("rb") as file:
        yield from iter(lambda: file.read(1 << 20), b"")


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return some names, and how many more there are."""
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return f"{', '.join(every[:most])}{rest}"
