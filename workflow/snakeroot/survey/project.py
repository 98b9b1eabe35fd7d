"""Where a new task stands: its file, and its name in config/config.yaml, whose comments stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from snakeroot.config.source import Source
from snakeroot.data.files import atomic
from snakeroot.errors import SnakerootError, reading

CONFIG = Path("config/config.yaml")
FOLDER = Path("config/tasks")

MINIMAL = """# Which tasks to run: files in config/tasks. `snakeroot run` runs them.
tasks:
  - {name}
"""


def task_file(name: str) -> Path:
    """Return where the file of a new task will stand.

    Raises:
        SnakerootError: if it is there already.
    """
    path = folder() / f"{name}.yaml"
    if path.exists() or path.is_symlink():
        raise SnakerootError(f"{path}: there is one already, which is never overwritten: choose another name")
    return path


def folder() -> Path:
    """Return the folder of the task files, as config.yaml says."""
    found = _values().get("task_folder")
    return Path(found) if isinstance(found, str) else FOLDER


def names() -> list[str]:
    """Return the tasks that config.yaml names.

    Raises:
        SnakerootError: if it names none.
    """
    found = _values().get("tasks")
    if not isinstance(found, list) or not found:
        raise SnakerootError(f"{CONFIG}: names no tasks: `snakeroot init` writes one")
    return list(map(str, found))


def _values() -> dict[str, Any]:
    with reading(CONFIG):
        found = Source.read(CONFIG).values if CONFIG.exists() else None
    return found if isinstance(found, dict) else {}


def write(path: Path, text: str) -> None:
    """Write a new file, whole or not at all, and never over another one."""
    with atomic(path) as [part]:
        part.write_text(text, encoding="utf-8")


def enlist(name: str) -> str:
    """Name a task in config.yaml, and return what was done, or what is left to do by hand."""
    if not CONFIG.exists():
        write(CONFIG, MINIMAL.format(name=name))
        return f"{CONFIG}: written"
    text = CONFIG.read_text(encoding="utf-8")
    before = _values()
    tasks = before.get("tasks")
    if isinstance(tasks, list) and name in tasks:
        return f"{CONFIG}: names it already"
    if isinstance(tasks, list) and (found := _added(text, name)):
        try:
            same = yaml.safe_load(found) == before | {"tasks": [*tasks, name]}
        except yaml.YAMLError:
            same = False
        if same:
            write(CONFIG, found)
            return f"{CONFIG}: {name} is added to 'tasks', after {', '.join(map(str, tasks))}"
    return f"{CONFIG}: add {name} to 'tasks', as in tasks: [{name}]"


def _added(text: str, name: str) -> str | None:
    """Return the text with a name more in `tasks`, nothing else changed; None where it stands in another way."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    [*_, node] = [None, *(value for key, value in pairs if key.value == "tasks")]
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return None
    last = node.value[-1]
    if node.flow_style:
        return text[: last.end_mark.index] + f", {name}" + text[last.end_mark.index :]
    end = text.find("\n", last.end_mark.index)
    line = f"{' ' * node.start_mark.column}- {name}"
    return f"{text[:end]}\n{line}{text[end:]}" if end >= 0 else f"{text}\n{line}\n"
