"""Figures of tasks with classes: signal against background, or several."""

KINDS = ("binary", "multiclass")
