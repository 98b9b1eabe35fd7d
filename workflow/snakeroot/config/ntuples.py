"""Which files and parts a sample has."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from snakeroot.config import patterns, urls
from snakeroot.config.schema import Sample, Task
from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint, reading
from snakeroot.features import readers
from snakeroot.features.transfers import remote
from snakeroot.split.settings import Split

Source = tuple[Path | str, str | None, str | None]
"""A file or URL, its tree and what is selected of it: a file may be of several samples if they take other things."""

Where = Callable[..., str]
"""Takes keys of a sample, and returns where they stand, as messages begin."""

NO_TREES = "files of this kind have no trees, as ROOT and HDF5 files have; remove it"


def parts(
    where: Where, name: str, sample: Sample, taken: dict[Source, str], splits: dict[str, Split]
) -> dict[str, str]:
    """Return part: path or URL of the ntuple, sorted by part.

    A file's part is its stem and a digest of its path as written, so that it stays when other files come and go.

    Args:
        taken: the task's sources so far, by sample.
        splits: filled with the split of each part, if `files` says it.

    Raises:
        SnakerootError: if patterns match nothing, URLs are no plain ones, or files are named twice: a line for each.
    """
    if sample.generate:
        return {
            f"part{number:04d}": paths.NTUPLE.format(sample=name, part=f"part{number:04d}")
            for number in range(sample.generate.parts)
        }
    files: dict[str, str] = {}
    errors: list[str] = []
    folders: dict[Path, Path] = {}
    for keys, entry, split in sample.patterns:
        try:
            for here, written, path in patterns.named(where(*keys), entry, sample.checksum):
                with reading(f"{here}: {path!r}"):
                    place = urls.identity(path) if remote(path) else _place(path, folders)
                _take((place, sample.tree, sample.selection), taken, name, f"{here}: {path!r}")
                files[_part(written)] = path
                splits |= {_part(written): split} if split else {}
        except SnakerootError as error:
            errors.append(str(error))
    if not errors and (unknown := sorted(set(checksums(where, sample)) - set(files.values()))):
        lost = urls.without_secrets(unknown[0])
        errors.append(f"{where('checksum')}.checksum: {lost!r} is no file of the sample: {hint(lost, files.values())}")
    if errors:
        raise SnakerootError("\n".join(errors))
    return dict(sorted(files.items()))


def _take(source: Source, taken: dict[Source, str], name: str, what: str) -> None:
    """Note that a sample has a source, which no other one may have."""
    if other := taken.get(source):
        again = "is matched twice" if other == name else f"is in the sample {other!r} too"
        raise SnakerootError(
            f"{what} {again}, which would count its events twice (samples of the same file have each their own 'tree' "
            "or 'selection')"
        )
    taken[source] = name


def checksums(where: Where, sample: Sample) -> dict[str, str]:
    """Return the checksums that a sample gives by path or URL, as `parts` has them."""
    given = sample.checksum.items()
    return {
        name if remote(name) else "".join(patterns.expanded(f"{where('checksum', name)}.checksum", name)): text
        for name, text in given
    }


def check_trees(where: Where, task: Task, parts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Find where a tree is named and no file has any, or the other way round; `parts` are those of each sample.

    Args:
        where: takes keys of the task.
    """
    with_trees = {
        name: next((path for path in files.values() if readers.kind(path) in readers.WITH_TREES), None)
        for name, files in parts.items()
    }
    for name, path in with_trees.items():
        sample = task.samples[name]
        if path and not (sample.tree or task.tree or sample.generate):
            yield (
                f"{where('samples', name, 'files')}: {path!r} may have several trees: write the name of the one to "
                "read as 'tree' of the sample, or of the task"
            )
        if sample.tree and not path:
            yield f"{where('samples', name, 'tree')}: {NO_TREES}"
    if task.tree and not any(with_trees.values()):
        yield f"{where('tree')}: {NO_TREES}"


def _place(path: str, folders: dict[Path, Path]) -> Path:
    """Return where a file really lies; each folder is resolved once, as every job of a farm asks for every file."""
    file = Path(path)
    if file.is_symlink():
        return file.resolve()
    if file.parent not in folders:
        folders[file.parent] = file.parent.resolve()
    return folders[file.parent] / file.name


def _part(path: str) -> str:
    written = path if remote(path) else Path(path).as_posix()
    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", Path(path).stem)[:80]
    return f"{stem}-{hashlib.sha256(written.encode()).hexdigest()[:8]}"


def run_number(sample: str) -> int:
    """Return the f_run of a generated sample: its name as a number, so that event ids are unique over samples."""
    return 1 + int.from_bytes(hashlib.sha256(sample.encode()).digest()[:4]) % (2**31 - 2)


def check_generated(tasks: Mapping[str, Task]) -> None:
    """Check that a generated sample, which all tasks share, means the same in all of them."""
    known: dict[str, tuple[str, object]] = {}
    runs: dict[int, str] = {}
    for task, settings in tasks.items():
        for name, sample in settings.samples.items():
            if sample.generate is None:
                continue
            meaning = (sample.generate, settings.energy)
            first, other = known.setdefault(name, (task, meaning))
            if other != meaning:
                raise SnakerootError(
                    f"tasks {first!r} and {task!r} generate a sample {name!r} in different ways: rename one of them"
                )
            if (twin := runs.setdefault(run_number(name), name)) != name:
                raise SnakerootError(f"the samples {twin!r} and {name!r} would get the same run number: rename one")
