"""Figures of signal against background."""

KINDS = ("binary",)
