"""Samplers: one module each, with `propose(problem)`, which returns `problem.count` points of the space.

Nothing of a sampler is kept between rounds: each module says how its state follows from the finished trials. It is
not imported to read the config.
"""

from snakeroot.registry import Registry

SAMPLERS = Registry(__name__, "sampler")
