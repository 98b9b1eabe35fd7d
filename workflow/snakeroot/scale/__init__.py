"""Scale: mean and standard deviation of each feature, from the train split alone."""
