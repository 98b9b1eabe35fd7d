"""What is said of the metrics of each kind of task beside their values: a module each, which has

* `METRICS`: by the key in metrics.json, in the order of the report's table.
* `MEANING`: what is said above the table.
* `DECISIVE`: the metric by which models are ranked; "" where what it measures differs from one architecture to another.
* `GREATER`: whether more of it is better.

It is numbers and words alone: what computes the metrics (`evaluate.measures`) and what shows them take it from here.
"""

from snakeroot.registry import Registry

REPORTED = Registry(__name__, "kind of task")
