"""How good models are, in numbers: a module for each kind of task, so that a spec knows of its own kind alone.

A module has

* `read(path, split, model, settings, sources)`: the predictions of a split.
* `of_model(splits, settings)`: from the predictions of all splits, by name, the metrics of each split, and what else is
  said of a model of one replica.
* `BETTER`: in which metrics of the test split models are compared, 1 if more is better, -1 if less is; `of_model` then
  returns a `snakeroot.evaluate.resampling.Measurement`, with what each resampling gave of them.
* `REPLICAS_ADD_UP`: whether the mean of several replicas' predictions is a prediction.
* `of_task(files, settings, sources)`: what stands beside the models; `files` are the predictions of one, by split.

Reading the config takes only what stands in this file.
"""

from snakeroot.registry import Registry

MEASURES = Registry(__name__, "kind of task")
