"""Figures of a search for better settings, whatever the task."""

from snakeroot.evaluate.common import KINDS

__all__ = ["KINDS"]
