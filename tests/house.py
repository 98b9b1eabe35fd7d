"""The house: its packages, floor by floor, and which imports from which; as a command, its picture for graphviz."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1] / "workflow/snakeroot"
FLOORS = (
    ("errors", "settings", "labels", "registry"),
    ("data", "jobs", "physics"),
    ("plotting", "networks"),
    ("generate", "features", "split", "scale", "reweight", "train", "predict"),
    (
        "apply",
        "export",
        "friends",
        "tune",
        "evaluate",
        "calibrate",
        "importance",
        "systematics",
        "templates",
        "report",
        "card",
        "records",
    ),
    ("config", "plan"),
    ("survey", "origins", "snapshots", "cli"),
)
"""From below; each package imports from those before it alone, so that there is no circle either."""
ORDER = [package for floor in FLOORS for package in floor]


def imports() -> Iterator[tuple[str, str]]:
    """Yield each module of ours and each package that it imports from, also within functions."""
    for path in sorted(HOUSE.rglob("*.py")):
        module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "snakeroot":
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snakeroot."):
                yield module, str(node.module).split(".")[1]


def arrows() -> list[tuple[str, str]]:
    """Return which package imports from which other."""
    found = {(module.split(".")[0], package) for module, package in imports()}
    return sorted((one, other) for one, other in found if one != other and one in ORDER)


def picture() -> str:
    """Return the picture in graphviz's language: what everything imports is left out."""
    everywhere = FLOORS[0]
    lines = ["digraph house {", 'rankdir="BT"; ranksep=0.6;', 'node [shape="box", fontname="sans", fontsize=11];']
    lines += [f"{{ rank=same; {'; '.join(floor)} }}" for floor in FLOORS[1:]]
    lines += [f"{one} -> {other} [dir=back];" for other, one in arrows() if one not in everywhere]
    return "\n".join([*lines, "}"])


if __name__ == "__main__":
    print(picture())  # noqa: T201 - for the shell to hand on
