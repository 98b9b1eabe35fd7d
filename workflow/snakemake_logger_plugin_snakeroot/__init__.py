"""`snakemake --logger snakeroot`: Snakemake finds what shows a run by the name of this package.

It imports nothing of `snakeroot`: Snakemake imports all of its plugins, before the Snakefile says whose package counts.
"""

from snakemake_logger_plugin_snakeroot.view import LogHandler

__all__ = ["LogHandler"]
