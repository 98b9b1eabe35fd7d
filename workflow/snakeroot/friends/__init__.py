"""Friends: a model's scores of every entry of its ntuples, beside them, entry by entry."""
