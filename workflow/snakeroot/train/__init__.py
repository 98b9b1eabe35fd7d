"""Train: a network fitted to the train split, stopped by the validation split, restored to its best epoch."""
