"""The functions of the language, each with its number of arguments; what they compute is in the modules beside."""

from __future__ import annotations

ELEMENTWISE = {
    "abs": 1,
    "arccos": 1,
    "arcsin": 1,
    "arcsinh": 1,
    "arctan": 1,
    "arctan2": 2,
    "cos": 1,
    "cosh": 1,
    "delta_phi": 2,
    "delta_r": 4,
    "exp": 1,
    "hypot": 2,
    "isfinite": 1,
    "log": 1,
    "log10": 1,
    "maximum": 2,
    "minimum": 2,
    "pair_mass": 8,
    "pair_mass_e": 8,
    "sin": 1,
    "sinh": 1,
    "sqrt": 1,
    "tan": 1,
    "tanh": 1,
    "where": 3,
}
"""Functions of numbers."""

REDUCTIONS = {
    "all": 1,
    "any": 1,
    "argmax": 1,
    "argmin": 1,
    "count": 1,
    "mass": 4,
    "mass_e": 4,
    "max": 1,
    "mean": 1,
    "min": 1,
    "prod": 1,
    "std": 1,
    "sum": 1,
    "system_eta": 4,
    "system_phi": 4,
    "system_pt": 4,
}
"""Functions that turn the innermost lists into one value each: `sum(Jet_pt)` is a number per event."""

LISTS = {"places": 1, "sorted": 2}
"""Functions that turn lists into lists of the same lengths."""

COMBINATIONS = {"argcombinations": 2, "argcross": 2, "concatenate": 2, "isin": 2}
"""Functions that combine the elements of lists, within one or between two of different lengths."""

FUNCTIONS = ELEMENTWISE | REDUCTIONS | LISTS | COMBINATIONS
"""All functions."""
