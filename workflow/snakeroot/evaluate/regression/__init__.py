"""Figures of a regression."""

KINDS = ("regression",)
