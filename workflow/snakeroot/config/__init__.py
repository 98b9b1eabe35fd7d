"""The config: read once, in the Snakefile, and checked whole.

No stage imports this package: a new option of one stage must not make the others run again.
"""

from snakeroot.config.read import check_file

__all__ = ["check_file"]
