"""Figures of several classes."""

KINDS = ("multiclass",)
