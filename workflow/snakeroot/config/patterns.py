"""The files that an entry of `files` stands for: paths, patterns, folders, URLs, and texts that list such entries."""

from __future__ import annotations

import glob
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from snakeroot.config import urls
from snakeroot.errors import SnakerootError, reading, shown
from snakeroot.features import readers
from snakeroot.features.transfers import remote

Found = tuple[str, str, str]
"""Where an entry stands, as messages begin; a file as it is written there; and where it is, a path or URL."""

LISTS = (".txt", ".list")
"""How the names of files end that list others."""

LARGEST = 4_000_000
"""Characters of a list."""

VARIABLE = re.compile(r"^~[^/]*|\$(?:[A-Za-z_]\w*|\{[^}]*\})", re.ASCII)
"""What stands for something else, as in a shell: a home folder, or a variable of the environment."""

MOST_STEPS, MOST_WALKS = 100, 3
"""Folders and `**` in a pattern: with more of them `glob` would recurse too deeply, or walk the same folders again."""


def named(where: str, entry: str, checksums: Mapping[str, str]) -> list[Found]:
    """Return the files that an entry stands for, those of a list by its lines.

    Args:
        checksums: by URL, as plain http needs them.

    Raises:
        SnakerootError: if it stands for none, or not for ntuples of one kind: a line for each mistake in a list.
    """
    files: list[Found] = []
    for written, path in _files(where, entry, checksums).items():
        if path.lower().endswith(LISTS):
            files += _listed(f"{where}: {path}", path, checksums)
        else:
            files.append((where, written, path))
    return files


def _listed(where: str, path: str, checksums: Mapping[str, str]) -> list[Found]:
    """Return the files that the lines of a list stand for."""
    listed: list[Found] = []
    errors: list[str] = []
    for number, line in _lines(where, path):
        here = f"{where}:{number}"
        try:
            if any(map(_is_sign, line)):
                raise SnakerootError(f"{here}: {shown(line)} is no path or URL of a file")
            files = _files(here, line, checksums)
            if any(path.lower().endswith(LISTS) for path in files.values()):
                raise SnakerootError(f"{here}: {line!r}: a list names ntuples, and no other list")
            listed += [(here, written, path) for written, path in files.items()]
        except SnakerootError as error:
            errors.append(str(error))
    if errors:
        raise SnakerootError("\n".join(errors))
    if not listed:
        raise SnakerootError(f"{where}: names no file; write one in each line")
    return listed


def _lines(where: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list, each with its number, without comments and those that are empty then."""
    try:
        with reading(where), Path(path).open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST + 1)
    except UnicodeDecodeError as error:
        raise SnakerootError(f"{where}: lists files, but is no text of UTF-8; a table is called .csv") from error
    if len(text) > LARGEST:
        raise SnakerootError(f"{where}: lists files, but has more than {LARGEST:,} characters; a table is called .csv")
    for number, line in enumerate(text.splitlines(), 1):
        if entry := re.sub(r"(^|\s)#.*", "", line).strip():
            yield number, entry


def _files(where: str, entry: str, checksums: Mapping[str, str]) -> dict[str, str]:
    """Return the files that a path, pattern, folder or URL stands for: each as it is written, and where it is.

    A file is written with `~` and variables as they are in the entry, so that a part's name, and with it every byte
    that follows, is the same in every home.
    """
    if remote(entry):
        try:
            urls.check(entry, checksums.get(entry))
        except SnakerootError as error:
            raise SnakerootError(f"{where}: {error}") from error
        if entry.lower().endswith(LISTS):
            raise SnakerootError(f"{where}: {entry!r}: a list is read while jobs are planned: copy it here")
        return {entry: entry}
    head, tail = expanded(where, entry)
    whole = head + tail
    plain = os.path.isfile(whole) or not glob.has_magic(tail)  # noqa: PTH113 - a Path fails where it may not look
    if os.path.isdir(whole):  # noqa: PTH112 - as above
        paths = _within(where, whole)
        start, tail = entry.removesuffix(tail), tail.rstrip("/")
    else:
        matches = [whole] if plain else _matches(where, glob.escape(head) + tail)
        paths = [path for path in matches if _is_file(where, path)]
        start = entry.removesuffix(tail)
        if not paths and matches and not plain:
            raise SnakerootError(f"{where}: {entry!r} matches folders alone; end it with /* for the files in them")
    if not paths:
        place = "" if whole == entry else f": there is none at {whole!r}"
        below = "" if Path(whole).is_absolute() else f" (below {Path.cwd()})"
        raise SnakerootError(f"{where}: {entry!r} matches no file{place}{below}")
    for path in paths:
        if set("{}<>") & set(path) or path.startswith("-") or any(map(_is_sign, path)):
            raise SnakerootError(
                f"{where}: {path!r} has one of {{ }} < >, a leading dash or a sign that is no text in its name; rename "
                "the file"
            )
    return {start + path.removeprefix(head): path for path in paths}


def _is_sign(sign: str) -> bool:
    """Whether a sign is none of a text: one that a terminal obeys or nobody sees, half a sign, an end of a line."""
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _within(where: str, folder: str) -> list[str]:
    """Return the ntuples in a folder, and in those in it: files by whose names it is known what they are."""
    folder = folder.rstrip("/")
    paths = [path for path in _matches(where, f"{glob.escape(folder)}/**") if readers.known(path)]
    files = [path for path in paths if _is_file(where, path)]
    kinds: dict[str, str] = {}
    for path in files:
        kinds.setdefault(readers.kind(path), path)
    if len(kinds) > 1:
        raise SnakerootError(
            f"{where}: the folder {folder!r} has ntuples of several kinds, which may be of the same events: "
            f"{', '.join(kinds.values())}; write which, as {folder + '/**/*' + Path(files[0]).suffix!r}"
        )
    if not files:
        raise SnakerootError(
            f"{where}: the folder {folder!r} has no file that ends in {', '.join(readers.SUFFIXES)}; name files by a "
            f"pattern, as {folder + '/*'!r}"
        )
    return files


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


def expanded(where: str, pattern: str) -> tuple[str, str]:
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
        expansion = os.path.expanduser(match[0]) if home else os.environ.get(match[0].strip("${}"))  # noqa: PTH111
        if expansion in (None, match[0]):
            what = "has no home folder" if home else "is not set in the environment"
            raise SnakerootError(f"{where}: {pattern!r}: {match[0]} {what}")
        return str(expansion)

    return VARIABLE.sub(value, pattern[:end]), pattern[end:]
