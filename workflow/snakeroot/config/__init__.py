"""The config: read once, in the Snakefile, checked whole, and handed to each stage as just what it may know.

No stage imports this package: a new option of one stage must not make the others run again.
"""

from snakeroot.config.project import Project
from snakeroot.config.read import check_file

__all__ = ["Project", "check_file"]
