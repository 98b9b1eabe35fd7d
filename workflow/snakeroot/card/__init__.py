"""Card: one page on a model, for whoever is to approve it, to use it, or to find out in three years what it was."""
