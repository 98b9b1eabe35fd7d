"""Which files and parts a sample has."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from snakeroot.config import urls
from snakeroot.config.schema import Sample, Task
from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint, reading, shown
from snakeroot.features.transfers import remote
from snakeroot.split.settings import Split

Source = tuple[Path | str, str | None, str | None]
"""A file or URL, its tree and what is selected of it: a file may be of several samples if they take other things."""


VARIABLE = re.compile(r"^~[^/]*|\$(?:[A-Za-z_]\w*|\{[^}]*\})", re.ASCII)
"""What stands for something else, as in a shell: a home folder, or a variable of the environment."""


MOST_STEPS, MOST_WALKS = 100, 3
"""Folders and `**` in a pattern: with more of them `glob` would recurse too deeply, or walk the same folders again."""


Where = Callable[..., str]
"""Takes keys of a sample, and returns where they stand, as messages begin."""


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
    for keys, pattern, split in sample.patterns:
        here = where(*keys)
        try:
            for written, path in _named(here, pattern, sample).items():
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
        name if remote(name) else "".join(_expanded(f"{where('checksum', name)}.checksum", name)): text
        for name, text in given
    }


def _named(where: str, pattern: str, sample: Sample) -> dict[str, str]:
    """Return the files that an entry of `files` stands for: each as it is written there, and where it is.

    A pattern stands for what it matches, a URL for itself. A file is written with `~` and variables as they are in the
    pattern, so that a part's name, and with it every byte that follows, is the same in every home.
    """
    if remote(pattern):
        try:
            urls.check(pattern, sample.checksum.get(pattern))
        except SnakerootError as error:
            raise SnakerootError(f"{where}: {error}") from error
        return {pattern: pattern}
    head, tail = _expanded(where, pattern)
    whole = head + tail
    plain = os.path.isfile(whole) or not glob.has_magic(tail)  # noqa: PTH113 - a Path fails where it may not look
    matches = [whole] if plain else _matches(where, glob.escape(head) + tail)
    found = [path for path in matches if _is_file(where, path)]
    if not found:
        place = "" if whole == pattern else f": there is none at {whole!r}"
        below = "" if Path(whole).is_absolute() else f" (below {Path.cwd()})"
        raise SnakerootError(f"{where}: {pattern!r} matches no file{place}{below}")
    for path in found:
        if set("{}<>") & set(path) or re.search(r"^-|[\x00-\x1f\x7f\ud800-\udfff]", path):
            raise SnakerootError(
                f"{where}: {path!r} has one of {{ }} < >, a leading dash or a sign that is no text in its name; rename "
                "the file"
            )
    start = pattern.removesuffix(tail)
    return {start + path.removeprefix(head): path for path in found}


def _matches(where: str, pattern: str) -> list[str]:
    """Return the paths that a pattern matches; a folder on its way that may not be looked into is an error.

    `glob` passes over such a folder in silence, and with it over the events in it.
    """
    steps = [*pattern.split("/"), *([""] if pattern.endswith("**") else [])]
    if len(steps) > MOST_STEPS or steps.count("**") > MOST_WALKS:
        most = f"{MOST_STEPS} folders within each other and {MOST_WALKS} '**' at most"
        raise SnakerootError(f"{where}: the pattern {shown(pattern)}: {most}")
    for number, step in enumerate(steps):
        above = "/".join(steps[:number]) + "/" if number else ""
        for folder in sorted(glob.glob(above, recursive=True)) if above else ["."]:  # noqa: PTH207
            with reading(f"{where}: {folder!r}"):
                os.stat(os.path.join(folder, os.curdir))  # noqa: PTH116, PTH118 - a Path would leave out the dot
                if glob.has_magic(step) or "**" in steps[number - 1 : number]:
                    os.scandir(folder).close()
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _is_file(where: str, path: str) -> bool:
    with reading(f"{where}: {path!r}"):
        return Path(path).is_file()


def _expanded(where: str, pattern: str) -> tuple[str, str]:
    """Return the start of a path or pattern up to its last variable, with `~` and variables put in, and the rest.

    What is a file as it is written is taken so, as a name may have a `$`.
    """
    end = max((match.end() for match in VARIABLE.finditer(pattern)), default=0)
    if not end or os.path.isfile(pattern):  # noqa: PTH113 - a Path fails where it may not look
        return "", pattern
    if set("*?[") & set(pattern[:end]):
        raise SnakerootError(f"{where}: {pattern!r}: write ~ and variables before the first *, ? or [")

    def value(match: re.Match[str]) -> str:
        home = match[0].startswith("~")
        found = os.path.expanduser(match[0]) if home else os.environ.get(match[0].strip("${}"))  # noqa: PTH111
        if found in (None, match[0]):
            what = "has no home folder" if home else "is not set in the environment"
            raise SnakerootError(f"{where}: {pattern!r}: {match[0]} {what}")
        return str(found)

    return VARIABLE.sub(value, pattern[:end]), pattern[end:]


def _place(path: str, folders: dict[Path, Path]) -> Path:
    """Return where a file really lies; each folder is resolved once, as every job of a farm asks for every file."""
    found = Path(path)
    if found.is_symlink():
        return found.resolve()
    if found.parent not in folders:
        folders[found.parent] = found.parent.resolve()
    return folders[found.parent] / found.name


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
