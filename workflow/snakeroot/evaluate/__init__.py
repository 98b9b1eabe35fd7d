"""Stage evaluate: predictions, histories, features and searches → metrics, and figures with their numbers.

A figure is a module in the folder of the kinds of task that it is for, whose `KINDS` the folder names; its caption is
workflow/report/<name>.rst. The module's name, with `-` for `_`, is that of the figure. It has

* `TITLE`: its heading in the report, and `ORDER`: its place there, the lower the earlier.
* `SUBJECT`: of what there is one each, see `snakeroot.evaluate.catalogue`.
* `READS`: what it is drawn from, by names in `snakeroot.evaluate.reads`.
* `Shown`: its settings. Fields whose names are among the facts in `snakeroot.plan.facts` are filled in with these;
  others have defaults.
* `OTHERS = True`, if it is drawn of targets beside the main one, too: it then has the field `other` of
  `snakeroot.plotting.settings.OfTask`, and gets predictions, metrics and facts as if that target were all.
* `applies(settings)`, if it is not there for each subject: whether it is for this one.
* `draw(settings, …)`: takes what it reads by name; returns the figure, and the numbers that it shows. Its docstring is
  the help text of the command.

It is imported to read the config, so it imports numpy, pandas and matplotlib only inside its functions. Helpers that
need more of them stand beside it, in modules whose names begin with `_`.
"""
