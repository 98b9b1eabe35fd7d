"""Architectures: one module each. A module has

* `Architecture`: its settings.
* `TAKES`: the kinds of inputs that it can take, as in snakeroot.inputs; those of a task are its inputs by default.
* `LEARNS`: the kinds of task that it is for, as in snakeroot.networks.objectives.
* `check(settings, inputs)`, if not all settings go with all inputs: yields every mistake. It imports no torch, as it is
  called when the config is read; `build` calls it too, and builds whatever it lets pass.
* `build(settings, inputs, outputs)`: a torch module from scaled rows of all inputs (n, size of the inputs) to
  (n, outputs), without an activation at its end. Of an unsupervised task it returns for each row the loss of that row,
  and after it the row's coordinates, or what it belongs to.
* `MISSING`, what it makes of an input that is missing: by default it is "indicated", by an input of its own that is 1
  there, and the median of the train split stands in its place; "imputed" is that median alone; "passed" is NaN.
* `unscaled(settings, inputs)`, if it takes some channels as they are: their names by those of their inputs.
* `CLUSTERS = True`, if what its rows belong to are clusters, told by the greatest of its memberships.
* `fit`, if it is not trained by gradients: see snakeroot.networks.fitting.

An architecture's module is imported to read the config, so it imports torch only inside its functions, and keeps the
classes of its layers in a module beside it, in `snakeroot.networks.layers`.
"""

from snakeroot.registry import Registry

ARCHITECTURES = Registry(__name__, "architecture")
