"""Checksums of ntuples: computed, compared with those of the task files, and written into these."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from snakeroot.config import ntuples, patterns
from snakeroot.config.read import read_task
from snakeroot.config.source import Source
from snakeroot.errors import SnakerootError, reading
from snakeroot.features.ntuple import digest
from snakeroot.features.stream import local
from snakeroot.features.transfers import remote
from snakeroot.survey.project import folder, names, write


@dataclass
class Found:
    """The checksums of a sample's files.

    Attributes:
        path: of the task file.
        missing: of files that the task file has no checksum of, by the file as it is to be written there.
        same: how many files have the checksum that the task file says.
        others: of files that do not, by the file: a line for each.
    """

    path: Path
    sample: str
    missing: dict[str, str] = field(default_factory=dict)
    same: int = 0
    others: list[str] = field(default_factory=list)


def checksum(file: str) -> str:
    """Return the checksum of a file, or of a remote one, which is copied here: "sha256:…".

    Raises:
        SnakerootError: naming the file, if it cannot be read.
    """
    return _digest(file, "sha256")


def _digest(file: str, kind: str) -> str:
    url = file if remote(file) else None
    with local(url, [] if url else [Path(file)]) as (path, _), reading(file):
        return digest(path, kind)


def of_tasks(tasks: Sequence[str], files: Iterable[str], told: Callable[[str], None] = lambda _: None) -> list[Found]:
    """Return what is found of each sample of tasks that has some of these files; with none given, of all of them.

    Args:
        tasks: by default those that config.yaml names.
        told: is called with each file whose checksum is computed.

    Raises:
        SnakerootError: for a task that cannot be read, or a file that is of no sample.
    """
    wanted = {_place(file): file for file in files}
    left = dict(wanted)
    found: list[Found] = []
    for task in tasks or names():
        read = read_task(task, folder())
        for name, sample in read.task.samples.items():
            here = _files(read.source, name, sample)
            mine = {written: path for written, path in here.items() if not wanted or _place(path) in wanted}
            for path in mine.values():
                left.pop(_place(path), None)
            if mine:
                found.append(_of_sample(read.source, name, sample, mine, told))
    if left:
        raise SnakerootError(f"{next(iter(left.values()))}: is no file of a sample of {', '.join(tasks or names())}")
    return found


def _place(file: str) -> str:
    return file if remote(file) else str(Path(file).resolve())


def _files(source: Source, name: str, sample: Any) -> dict[str, str]:
    """Return the files of a sample as they are written, and where they are."""

    def where(*keys: str | int) -> str:
        return f"{source.place('samples', name, *keys)}: samples.{name}"

    files: dict[str, str] = {}
    for keys, entry, _ in sample.patterns:
        files |= {written: path for _, written, path in patterns.named(where(*keys), entry, sample.checksum)}
    return files


def _of_sample(source: Source, name: str, sample: Any, files: Mapping[str, str], told: Callable[[str], None]) -> Found:
    found = Found(source.path, name)
    known = ntuples.checksums(lambda *_: f"{source.path}: samples.{name}", sample)
    for written, path in files.items():
        told(path)
        if path not in known:
            found.missing[written] = checksum(path)
            continue
        actual = _digest(path, known[path].partition(":")[0])
        if actual == known[path]:
            found.same += 1
        else:
            at = source.place("samples", name, "checksum", written)
            found.others.append(
                f"{at}: samples.{name}.checksum: {written!r} has {actual}, not {known[path]}: damaged, or another "
                "file; fetch it again or, if it was replaced on purpose, remove its line here"
            )
    return found


def block(checksums: Mapping[str, str]) -> str:
    """Return checksums as they stand in a task file."""
    return "checksum:\n" + "".join(f"  {line}\n" for line in _lines(checksums))


def _lines(checksums: Mapping[str, str]) -> Iterator[str]:
    for file, text in checksums.items():
        yield f"{json.dumps(file, ensure_ascii=False)}: {text}"


def insert(found: Sequence[Found]) -> list[str]:
    """Write checksums into their task files, whose comments and layout stay; return a line for each sample.

    Raises:
        SnakerootError: if a sample stands where nothing can be put in, as behind an alias: before anything is written.
    """
    texts: dict[Path, str] = {}
    said = []
    for one in found:
        if one.missing:
            before = texts.get(one.path) or one.path.read_text(encoding="utf-8")
            texts[one.path] = _inserted(before, one)
            said.append(f"{one.path}: samples.{one.sample}: checksums written: {len(one.missing)}")
    for path, text in texts.items():
        write(path, text)
    return said


def _inserted(text: str, found: Found) -> str:
    """Return the text of a task file with more checksums, and nothing else changed."""
    before: Any = Source(found.path, text).values
    sample = before["samples"][found.sample]
    wanted = {**sample, "checksum": {**(sample.get("checksum") or {}), **found.missing}}
    changed = _put_in(text, found)
    same = {**before, "samples": {**before["samples"], found.sample: wanted}}
    if changed is None or Source(found.path, changed).values != same:
        raise SnakerootError(
            f"{found.path}: samples.{found.sample}: the checksums cannot be put in where it stands; put them there "
            f"yourself:\n{block(found.missing)}"
        )
    return changed


def _put_in(text: str, found: Found) -> str | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    sample = _below(_below(root, "samples"), found.sample)
    if not isinstance(sample, yaml.MappingNode) or not sample.value:
        return None
    known = _below(sample, "checksum")
    pairs = ", ".join(_lines(found.missing))
    if isinstance(known, yaml.MappingNode) and known.value:
        return _after(text, known, pairs, list(_lines(found.missing)))
    if known is not None:  # empty
        return None
    return _after(text, sample, f"checksum: {{{pairs}}}", ["checksum:", *(f"  {one}" for one in _lines(found.missing))])


def _after(text: str, node: yaml.MappingNode, inline: str, lines: Sequence[str]) -> str:
    """Put more behind the last value of a mapping: within its braces, or in lines of their own."""
    end = _end(node.value[-1][1])
    if node.flow_style:
        return f"{text[:end]}, {inline}{text[end:]}"
    indent = " " * node.value[0][0].start_mark.column
    stop = text.find("\n", end)
    head, tail = (text, "\n") if stop < 0 else (text[:stop], text[stop:])
    return head + "".join(f"\n{indent}{line}" for line in lines) + tail


def _end(node: yaml.Node) -> int:
    """Return where a value ends; PyYAML has the end of a block where the next one begins."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def _below(node: Any, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
