"""What makes Snakemake's own planning shorter; nothing that it plans is another for it."""

import inspect

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
