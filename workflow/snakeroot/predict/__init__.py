"""Predict: the score of every row of a split, by the network of its fold."""
