"""Snapshots: a finished run as it is, kept beside later ones, and two of them side by side."""
