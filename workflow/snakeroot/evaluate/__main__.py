"""`python -m snakeroot.evaluate`: which commands the stage has; each is a module with a `--help` of its own."""

from __future__ import annotations

import argparse
import ast
from pathlib import Path

SEARCH = tuple(f"search.{name}" for name in ("history", "front", "parallel", "importance", "slices"))
COMMANDS = ("metrics", "inputs", "history", "roc", "rejection", "scores", "decision", *SEARCH)


def main() -> None:
    """Print the commands and what each does."""
    lines = []
    for name in COMMANDS:
        module = ast.parse(Path(__file__).with_name(f"{name.replace('.', '/')}.py").read_bytes())
        lines.append((ast.get_docstring(module) or "").splitlines()[0].replace("`", ""))
    argparse.ArgumentParser(
        prog="python -m snakeroot.evaluate",
        description="Measure and draw how good the models of a task are, one command each:\n\n  " + "\n  ".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    raise SystemExit("name one of the commands: python -m snakeroot.evaluate.<command> --help")


if __name__ == "__main__":
    main()
