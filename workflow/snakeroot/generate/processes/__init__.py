"""The processes that can be generated: one module each, found by its file, so a new file is a new process.

A process is a docstring and `COMMANDS`, the Pythia commands that switch on its hard process and its decays. Beams, seed
and printing are set for all processes alike, in `snakeroot.generate.pythia`.
"""

from snakeroot.registry import Registry

PROCESSES = Registry(__name__, "process")
