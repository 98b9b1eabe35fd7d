"""Figures of several classes."""
