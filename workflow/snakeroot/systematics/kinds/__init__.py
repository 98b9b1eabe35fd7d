"""What is looked at under variations, and how much each event has to do with it: a module for each kind of task.

A module has `quantities(rows, settings, known)`, which yields a `snakeroot.systematics.quantity.Quantity` for each
number of a model, in an order that depends on `known` alone, which is what `metrics.json` says of the model.

Reading the config takes only what stands in this file.
"""

from snakeroot.registry import Registry

KINDS = Registry(__name__, "kind of task")
