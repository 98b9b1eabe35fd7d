"""The processes that can be generated: one module each, found by its file, so a new file is a new process.

A process is a docstring; `COMMANDS`, the Pythia commands that switch on its hard process and its decays; and
`RECONSTRUCTION`, the module of snakeroot.generate.reconstructions that says what of its events goes into the ntuple. It
may have `veto(process)`, which returns the `Veto` of events that cannot pass, for Pythia's record of the hard process.
The config is read with these modules, so what the veto imports is inside. Beams, seed and printing are set for all
processes alike, in `snakeroot.generate.pythia`.
"""

from snakeroot.registry import Registry

PROCESSES = Registry(__name__, "process")
