"""The ways in which events are reconstructed: one module each, found by its file and named by the processes.

A reconstruction is `TREE`, the name of the ntuple's tree, and `reconstruct(collisions)`, which returns the indices of
the selected events, ascending, and their branches: arrays of that length, of numbers or of lists of numbers. The config
is read with these modules, so what is heavy is imported inside the function.
"""

from snakeroot.registry import Registry

RECONSTRUCTIONS = Registry(__name__, "reconstruction")
