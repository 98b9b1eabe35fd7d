"""What is said of a job that there was not enough memory for, by whatever library it asked."""

from __future__ import annotations

import re

_TORCH = re.compile(r"can't allocate memory|not enough memory|out of memory", re.IGNORECASE)
"""What torch's allocators say, of the CPU by a plain RuntimeError."""


def lacking(error: Exception) -> str | None:
    """Return a message if the error says that there was no memory; None of any other error."""
    # numpy's and pyarrow's are MemoryErrors; torch's own, of a GPU, is a RuntimeError too
    if not isinstance(error, MemoryError) and not (isinstance(error, RuntimeError) and _TORCH.search(str(error))):
        return None
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return (
        f"out of memory: {said[:200]}: ask for less at once (batch_size, chunk, memory_budget, a smaller "
        "model), run fewer jobs at once (--cores), or raise what a scheduler is asked for (resources)"
    )
