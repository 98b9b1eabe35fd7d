"""Stage evaluate: how good the models of a task are, in numbers (metrics) and in figures (one module each)."""
