"""Figures of a regression."""
