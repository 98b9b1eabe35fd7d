"""How good predictions are, for each kind of task whose inputs have importances.

A module has

* `METRICS`: their names, the first one decides; each with 1 if it is higher for better predictions, or -1.
* `measure(target, predicted)`: of targets (n,) and columns of predictions (n, columns), what maps weights (n,) to the
  metrics by name.
"""

from snakeroot.registry import Registry

KINDS = Registry(__name__, "kind of task that has importances")
