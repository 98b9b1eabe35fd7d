"""`snakemake --logger snakeroot`: Snakemake finds what shows a run by the name of this package."""

from snakeroot.cli.view import LogHandler

__all__ = ["LogHandler"]
