"""Figures of what is learned without a target."""

KINDS = ("unsupervised",)
