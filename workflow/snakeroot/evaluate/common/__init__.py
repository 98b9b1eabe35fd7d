"""Figures of tasks of any kind."""

from typing import get_args

from snakeroot.objectives import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
