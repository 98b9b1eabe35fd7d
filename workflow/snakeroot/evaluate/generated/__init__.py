"""Figures of generated events, which belong to no task."""

KINDS = ()
