"""Architectures: one module each, with its `Architecture` (settings) and `build(settings, inputs, outputs)`.

An architecture's module is imported to read the config, so it imports torch only inside `build`.
"""

from snakeroot.registry import Registry

ARCHITECTURES = Registry(__name__, "architecture")
