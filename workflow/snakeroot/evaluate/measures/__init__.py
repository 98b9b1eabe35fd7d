"""How good models are, in numbers: a module for each kind of task, so that a spec knows of its own kind alone.

A module has

* `read(path, split, model, settings, sources)`: the predictions of a split.
* `of_model(splits, settings)`: from the predictions of all splits, by name, the metrics of each split.
* `REPLICAS_ADD_UP`: whether the mean of several replicas' predictions is a prediction.
* `of_task(files, settings, sources)`: what stands beside the models; `files` are the predictions of one, by split.

Reading the config takes only what stands in this file.
"""

from snakeroot.registry import Registry

MEASURES = Registry(__name__, "kind of task")
