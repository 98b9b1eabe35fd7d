"""Figures of tasks whose rows have targets."""

KINDS = ("binary", "multiclass", "regression")
