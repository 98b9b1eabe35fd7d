"""`python -m snakeroot.<stage>` of a stage that has several commands: which there are, and what each does."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Sequence
from pathlib import Path


def overview(stage: str, what: str, names: Sequence[str]) -> None:
    """Print the commands of a stage and the first line of each one's documentation."""
    folder = Path(__file__).parent / stage
    lines = []
    for name in names:
        module = ast.parse((folder / f"{name.replace('.', '/')}.py").read_bytes())
        lines.append((ast.get_docstring(module) or "").splitlines()[0].replace("`", ""))
    argparse.ArgumentParser(
        prog=f"python -m snakeroot.{stage}",
        description=f"{what}, one command each:\n\n  " + "\n  ".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    raise SystemExit(f"name one of the commands: python -m snakeroot.{stage}.<command> --help")
