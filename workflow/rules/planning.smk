"""What makes Snakemake's own planning shorter; nothing that it plans is another for it."""

import inspect

import snakemake.dag
from snakemake.output_index import OutputIndex
from snakemake.persistence import PersistenceBase

# Snakemake asks for the signature of an input function whenever it calls it, four times for each job. One that has it
# at hand (PEP 362) is not looked through again.
for planned in workflow.rules:
    for value in (*planned.input, *planned.params, *planned.resources.values()):
        if inspect.isfunction(value):
            value.__signature__ = inspect.signature(value)

# To see whether a param is a table of pandas, Snakemake 9.27 imports it, a third of a second. Where nothing has imported
# it, no param is.
if not hasattr(PersistenceBase, "_serialize_param_of_pandas"):
    PersistenceBase._serialize_param_of_pandas = PersistenceBase._serialize_param_pandas

    def _serialize_param(persistence, value):
        if "pandas" in sys.modules:
            return persistence._serialize_param_of_pandas(value)
        return persistence._serialize_param_builtin(value)

    PersistenceBase._serialize_param_pandas = _serialize_param


class ByEnd(OutputIndex):
    """Which rules may make a file, looked up by the end of its name: all our outputs begin alike.

    Snakemake's own looks by the beginning, and then at the ends of all that begin so: 215 outputs for each input.
    """

    def __init__(self, rules):
        self._ends = {}
        for maker in rules:
            for product in maker.products():
                ending = self._ends.setdefault(str(product.constant_suffix()), [])
                ending.append((str(product.constant_prefix()), maker))
        self._lengths = sorted(set(map(len, self._ends)))

    def match(self, targetfile):
        size = len(targetfile)
        ends = (self._ends.get(targetfile[max(size - length, 0) :], ()) for length in self._lengths)
        return {maker for end in ends for prefix, maker in end if targetfile.startswith(prefix)}


snakemake.dag.OutputIndex = ByEnd
