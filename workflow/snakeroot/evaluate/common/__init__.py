"""Figures of tasks of any kind."""

from typing import get_args

from snakeroot.networks.objectives import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
